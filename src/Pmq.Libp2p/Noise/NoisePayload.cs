using System.Buffers;
using System.Text;
using Pmq.Core.Protobuf;

namespace Pmq.Libp2p.Noise;

/// <summary>The libp2p handshake payload: who signs for the static key, and which muxers are offered.</summary>
/// <remarks>
/// Protobuf: identity_key = 1 (bytes), identity_sig = 2 (bytes), extensions = 4 { webtransport_certhashes = 1 (repeated
/// bytes), stream_muxers = 2 (repeated string) }. Of a field given twice the last one counts.
/// <b>Spec</b>: libp2p specs, noise/README.md, The Libp2p Handshake Payload; connections/inlined-muxer-negotiation.md.
/// </remarks>
internal ref struct NoisePayload
{
    /// <summary>The bytes that the identity key signs: a prefix of 24 bytes and the static key.</summary>
    public const int SignedLength = 24 + NoiseXX.KeyLength;

    private const int IdentityKeyField = 1;
    private const int IdentitySignatureField = 2;
    private const int ExtensionsField = 4;
    private const int StreamMuxersField = 2;

    private ReadOnlySpan<byte> _extensions;

    /// <summary>The identity key in its protobuf form; empty when absent.</summary>
    public ReadOnlySpan<byte> IdentityKey { get; private set; }

    /// <summary>The signature; empty when absent.</summary>
    public ReadOnlySpan<byte> Signature { get; private set; }

    private static ReadOnlySpan<byte> SignedPrefix => "noise-libp2p-static-key:"u8;

    /// <summary>Parses a payload; any bytes give a payload or false.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out NoisePayload payload)
    {
        payload = default;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.FieldNumber)
            {
                case IdentityKeyField when reader.TryReadBytes(out ReadOnlySpan<byte> key):
                    payload.IdentityKey = key;
                    break;
                case IdentitySignatureField when reader.TryReadBytes(out ReadOnlySpan<byte> signature):
                    payload.Signature = signature;
                    break;
                case ExtensionsField when reader.TryReadBytes(out ReadOnlySpan<byte> extensions):
                    payload._extensions = extensions;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return !reader.Malformed && payload.CountMuxers(out _);
    }

    /// <summary>The payload with identity and signature, without extensions.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> identityKey, ReadOnlySpan<byte> signature)
    {
        var buffer = new ArrayBufferWriter<byte>(identityKey.Length + signature.Length + 8);
        var writer = new ProtoWriter(buffer);
        writer.WriteBytes(IdentityKeyField, identityKey);
        writer.WriteBytes(IdentitySignatureField, signature);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// The extensions field that offers <paramref name="muxers"/>, to append to a payload; empty without any.
    /// </summary>
    public static byte[] EncodeMuxers(IReadOnlyList<string> muxers)
    {
        if (muxers.Count == 0)
        {
            return [];
        }

        var inner = new ArrayBufferWriter<byte>();
        var innerWriter = new ProtoWriter(inner);
        foreach (string muxer in muxers)
        {
            innerWriter.WriteString(StreamMuxersField, muxer);
        }

        var outer = new ArrayBufferWriter<byte>();
        new ProtoWriter(outer).WriteBytes(ExtensionsField, inner.WrittenSpan);
        return outer.WrittenSpan.ToArray();
    }

    /// <summary>Writes what is signed: <c>noise-libp2p-static-key:</c> and the static key.</summary>
    public static void WriteSigned(ReadOnlySpan<byte> staticKey, Span<byte> destination)
    {
        SignedPrefix.CopyTo(destination);
        staticKey.CopyTo(destination[SignedPrefix.Length..]);
    }

    /// <summary>
    /// The muxer that both sides pick: the first of the initiator's list that the responder has. Null when the peer
    /// offered none, too many, or none of ours; it is then negotiated by multistream-select.
    /// </summary>
    public readonly string? SelectMuxer(IReadOnlyList<string> ours, bool weAreInitiator, int maxMuxers)
    {
        CountMuxers(out int count);
        if (count > maxMuxers)
        {
            return null;
        }

        if (weAreInitiator)
        {
            foreach (string muxer in ours)
            {
                if (FirstOffered([muxer]) is { } shared)
                {
                    return shared;
                }
            }

            return null;
        }

        return FirstOffered(ours);
    }

    private readonly string? FirstOffered(IReadOnlyList<string> wanted)
    {
        Span<byte> utf8 = stackalloc byte[64];
        var reader = new ProtoReader(_extensions);
        while (reader.Next())
        {
            if (reader.FieldNumber != StreamMuxersField || !reader.TryReadBytes(out ReadOnlySpan<byte> offered))
            {
                continue;
            }

            foreach (string muxer in wanted)
            {
                if (Encoding.UTF8.TryGetBytes(muxer, utf8, out int length) && offered.SequenceEqual(utf8[..length]))
                {
                    return muxer;
                }
            }
        }

        return null;
    }

    private readonly bool CountMuxers(out int count)
    {
        count = 0;
        var reader = new ProtoReader(_extensions);
        while (reader.Next())
        {
            if (reader.FieldNumber != StreamMuxersField)
            {
                reader.Skip();
            }
            else if (reader.TryReadBytes(out _))
            {
                count++;
            }
        }

        return !reader.Malformed;
    }
}

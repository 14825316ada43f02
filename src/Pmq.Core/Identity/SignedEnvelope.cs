using System.Buffers;
using Pmq.Core.Encoding;
using Pmq.Core.Protobuf;

namespace Pmq.Core.Identity;

/// <summary>A signed, typed payload (libp2p RFC 0002): public_key=1, payload_type=2, payload=3, signature=5.</summary>
/// <remarks>
/// What is signed is varint(length) and bytes of the domain, of the payload type and of the payload, so that a
/// signature made for one purpose is none for another.
/// </remarks>
public sealed class SignedEnvelope
{
    /// <summary>
    /// The largest encoded envelope that is opened, in bytes. Ours: go-libp2p caps a peer's record at 8 KiB.
    /// </summary>
    public const int MaxEncodedLength = 8 * 1024;

    /// <summary>The signer.</summary>
    public required PublicKey PublicKey { get; init; }

    /// <summary>What the payload is.</summary>
    public required ReadOnlyMemory<byte> PayloadType { get; init; }

    /// <summary>The signed bytes.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The whole envelope as it was encoded.</summary>
    public required ReadOnlyMemory<byte> Encoded { get; init; }

    /// <summary>Signs and encodes.</summary>
    /// <param name="key">The signer's key.</param>
    /// <param name="domain">What the signature is for; ASCII.</param>
    /// <param name="payloadType">What the payload is.</param>
    /// <param name="payload">The bytes to sign; copied.</param>
    /// <exception cref="ArgumentException">The envelope would have more than <see cref="MaxEncodedLength"/>
    /// bytes.</exception>
    public static SignedEnvelope Seal(
        PrivateKey key, string domain, ReadOnlySpan<byte> payloadType, ReadOnlySpan<byte> payload)
    {
        byte[] signature = key.Sign(SignedBytes(domain, payloadType, payload));
        ReadOnlySpan<byte> publicKey = key.PublicKey.Protobuf;
        int size = ProtoWriter.SizeOfBytes(1, publicKey.Length) + ProtoWriter.SizeOfBytes(2, payloadType.Length)
            + ProtoWriter.SizeOfBytes(3, payload.Length) + ProtoWriter.SizeOfBytes(5, signature.Length);
        if (size > MaxEncodedLength)
        {
            throw new ArgumentException(
                $"An envelope of {size} bytes where {MaxEncodedLength} are allowed.", nameof(payload));
        }

        var buffer = new ArrayBufferWriter<byte>(size);
        var writer = new ProtoWriter(buffer);
        writer.WriteBytes(1, publicKey);
        writer.WriteBytes(2, payloadType);
        int payloadStart = buffer.WrittenCount + ProtoWriter.SizeOfBytes(3, payload.Length) - payload.Length;
        writer.WriteBytes(3, payload);
        writer.WriteBytes(5, signature);
        return new SignedEnvelope
        {
            PublicKey = key.PublicKey,
            PayloadType = payloadType.ToArray(),
            Payload = buffer.WrittenMemory.Slice(payloadStart, payload.Length),
            Encoded = buffer.WrittenMemory,
        };
    }

    /// <summary>
    /// Decodes and verifies against <paramref name="domain"/>; null when anything is wrong. A field that is repeated or
    /// missing is wrong; unknown fields are skipped.
    /// </summary>
    /// <param name="encoded">Kept: the envelope's parts are slices of it.</param>
    /// <param name="domain">What the signature must be for.</param>
    public static SignedEnvelope? TryOpen(ReadOnlyMemory<byte> encoded, string domain) =>
        TryDecode(encoded, out ReadOnlySpan<byte> signature) is { } envelope && envelope.IsSignedFor(domain, signature)
            ? envelope
            : null;

    /// <summary>As <see cref="TryOpen"/>, without the verification.</summary>
    internal static SignedEnvelope? TryDecode(ReadOnlyMemory<byte> encoded, out ReadOnlySpan<byte> signature)
    {
        signature = default;
        if (encoded.Length > MaxEncodedLength)
        {
            return null;
        }

        // public_key=1 {Type=1, Data=2}, payload_type=2, payload=3, signature=5; all bytes.
        Range? key = null, type = null, payload = null, signatureRange = null;
        var reader = new ProtoReader(encoded.Span);
        while (reader.Next())
        {
            bool read = reader.FieldNumber switch
            {
                1 => TryReadOnce(ref reader, ref key),
                2 => TryReadOnce(ref reader, ref type),
                3 => TryReadOnce(ref reader, ref payload),
                5 => TryReadOnce(ref reader, ref signatureRange),
                _ => reader.Skip(),
            };
            if (!read)
            {
                return null;
            }
        }

        if (reader.Malformed || key is null || type is null || payload is null || signatureRange is null
            || !PublicKey.TryDecode(encoded.Span[key.Value], out PublicKey? publicKey))
        {
            return null;
        }

        signature = encoded.Span[signatureRange.Value];
        return new SignedEnvelope
        {
            PublicKey = publicKey,
            PayloadType = encoded[type.Value],
            Payload = encoded[payload.Value],
            Encoded = encoded,
        };
    }

    internal bool IsSignedFor(string domain, ReadOnlySpan<byte> signature) =>
        PublicKey.Verify(SignedBytes(domain, PayloadType.Span, Payload.Span), signature) == SignatureVerdict.Valid;

    private static bool TryReadOnce(ref ProtoReader reader, ref Range? range)
    {
        if (range is not null || !reader.TryReadRange(out Range read))
        {
            return false;
        }

        range = read;
        return true;
    }

    private static byte[] SignedBytes(string domain, ReadOnlySpan<byte> payloadType, ReadOnlySpan<byte> payload)
    {
        Span<byte> domainBytes = stackalloc byte[domain.Length];
        System.Text.Encoding.ASCII.GetBytes(domain, domainBytes);
        var bytes = new byte[SizeOf(domainBytes) + SizeOf(payloadType) + SizeOf(payload)];
        int length = 0;
        Append(domainBytes, bytes, ref length);
        Append(payloadType, bytes, ref length);
        Append(payload, bytes, ref length);
        return bytes;
    }

    private static int SizeOf(ReadOnlySpan<byte> part) => Varint.LengthOf((ulong)part.Length) + part.Length;

    private static void Append(scoped ReadOnlySpan<byte> part, byte[] bytes, ref int length)
    {
        length += Varint.Write(bytes.AsSpan(length), (ulong)part.Length);
        part.CopyTo(bytes.AsSpan(length));
        length += part.Length;
    }
}

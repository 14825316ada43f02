using System.Buffers;
using Pmq.Core.Addresses;
using Pmq.Core.Protobuf;

namespace Pmq.Core.Identity;

/// <summary>
/// A peer's own statement of its addresses (libp2p RFC 0003): peer_id=1, seq=2, addresses=3 {multiaddr=1}.
/// </summary>
/// <remarks>
/// Deviation: RFC 0003 writes the domain <c>libp2p-routing-state</c> and the type <c>/libp2p/routing-state-record</c>,
/// which rust-libp2p sends; go and js send <c>libp2p-peer-record</c> and 03 01. We send the latter and take both.
/// </remarks>
/// <param name="Peer">Whose addresses these are.</param>
/// <param name="Sequence">Rises with each new record of a peer.</param>
/// <param name="Addresses">Where it can be dialed; at most <see cref="MaxAddresses"/>.</param>
public sealed record PeerRecord(PeerId Peer, ulong Sequence, IReadOnlyList<Multiaddr> Addresses)
{
    /// <summary>
    /// The most addresses that are read of a record; those behind are left out. go-libp2p keeps 64 of a peer.
    /// </summary>
    public const int MaxAddresses = 64;

    private const string Domain = "libp2p-peer-record";
    private const string RfcDomain = "libp2p-routing-state";

    // Multicodec libp2p-peer-record, 0x0301.
    private static ReadOnlySpan<byte> PayloadType => [0x03, 0x01];

    private static ReadOnlySpan<byte> RfcPayloadType => "/libp2p/routing-state-record"u8;

    /// <summary>Signs the record in the form that go and js send.</summary>
    /// <exception cref="ArgumentException">The key is not the peer's, or the record is too large for an
    /// envelope.</exception>
    public SignedEnvelope Seal(PrivateKey key)
    {
        if (PeerId.FromPublicKey(key.PublicKey) != Peer)
        {
            throw new ArgumentException($"The key does not belong to {Peer}.", nameof(key));
        }

        var buffer = new ArrayBufferWriter<byte>();
        var writer = new ProtoWriter(buffer);
        writer.WriteBytes(1, Peer.Bytes);
        writer.WriteVarint(2, Sequence);
        foreach (Multiaddr address in Addresses)
        {
            writer.WriteLengthPrefix(3, ProtoWriter.SizeOfBytes(1, address.Bytes.Length));
            writer.WriteBytes(1, address.Bytes);
        }

        return SignedEnvelope.Seal(key, Domain, PayloadType, buffer.WrittenSpan);
    }

    /// <summary>
    /// Opens a sealed record in either form in use; null when it is broken or not signed by its own peer. An address
    /// that cannot be read is left out: peers advertise transports that we do not know.
    /// </summary>
    public static PeerRecord? TryOpen(ReadOnlyMemory<byte> envelope)
    {
        if (SignedEnvelope.TryDecode(envelope, out ReadOnlySpan<byte> signature) is not { } opened)
        {
            return null;
        }

        ReadOnlySpan<byte> type = opened.PayloadType.Span;
        string? domain = type.SequenceEqual(PayloadType) ? Domain
            : type.SequenceEqual(RfcPayloadType) ? RfcDomain
            : null;

        // The cheap checks stand before the signature.
        return domain is not null
            && TryDecode(opened.Payload.Span) is { } record
            && record.Peer == PeerId.FromPublicKey(opened.PublicKey)
            && opened.IsSignedFor(domain, signature)
            ? record
            : null;
    }

    internal static PeerRecord? TryDecode(ReadOnlySpan<byte> payload)
    {
        // peer_id=1 bytes, seq=2 uint64, addresses=3 repeated {multiaddr=1 bytes}.
        PeerId? peer = null;
        ulong sequence = 0;
        var addresses = new List<Multiaddr>();
        var reader = new ProtoReader(payload);
        while (reader.Next())
        {
            bool read = reader.FieldNumber switch
            {
                1 => peer is null && reader.TryReadBytes(out ReadOnlySpan<byte> id)
                    && PeerId.TryFromBytes(id, out peer),
                2 => reader.TryReadVarint(out sequence),
                3 => TryReadAddress(ref reader, addresses),
                _ => reader.Skip(),
            };
            if (!read)
            {
                return null;
            }
        }

        return reader.Malformed || peer is null ? null : new PeerRecord(peer, sequence, addresses);
    }

    private static bool TryReadAddress(ref ProtoReader reader, List<Multiaddr> addresses)
    {
        if (!reader.TryReadBytes(out ReadOnlySpan<byte> info))
        {
            return false;
        }

        var inner = new ProtoReader(info);
        while (inner.Next())
        {
            if (inner.FieldNumber == 1 && inner.TryReadBytes(out ReadOnlySpan<byte> bytes)
                && addresses.Count < MaxAddresses && Multiaddr.TryDecode(bytes, out Multiaddr? address))
            {
                addresses.Add(address);
            }
        }

        return !inner.Malformed;
    }
}

using System.Net;
using Pmq.Core.Identity;

namespace Pmq.Gossipsub.Protection;

/// <summary>
/// Who answers for a message: the IPv4 address or the IPv6 /64 that the peer is connected from; the peer itself where
/// none is known, or one that says nothing (loopback).
/// </summary>
internal readonly record struct SourceKey
{
    private readonly UInt128 _address;
    private readonly PeerId? _peer;

    private SourceKey(UInt128 address, PeerId? peer)
    {
        _address = address;
        _peer = peer;
    }

    /// <summary>The key of a peer that is connected from <paramref name="addresses"/>: the first that counts.</summary>
    public static SourceKey Of(PeerId peer, ReadOnlySpan<IPAddress> addresses)
    {
        foreach (IPAddress address in addresses)
        {
            if (!IPAddress.IsLoopback(address))
            {
                return new SourceKey(NetworkOf(address), null);
            }
        }

        return new SourceKey(0, peer);
    }

    private static UInt128 NetworkOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        UInt128 whole = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);

        // A whole /64 is one customer's: else it would have a source for each of 2⁶⁴ addresses.
        bool isV4 = whole >> 32 == 0xFFFF;
        return isV4 ? whole : whole >> 64 << 64;
    }
}

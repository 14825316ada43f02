using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Pmq.Libp2p.Swarm;

/// <summary>What counts as one origin: an IPv4 address, or an IPv6 prefix of 56 or 48 bits.</summary>
internal readonly record struct AddressGroup(byte PrefixBits, ulong Prefix)
{
    /// <summary>The IPv4 address itself, or the IPv6 /56: what one customer of a provider has.</summary>
    public static AddressGroup OfAddress(IPAddress address) => Of(address, 56);

    /// <summary>The IPv6 /48; null for IPv4.</summary>
    public static AddressGroup? OfNetwork(IPAddress address) =>
        Normalize(address).AddressFamily == AddressFamily.InterNetworkV6 ? Of(address, 48) : null;

    private static AddressGroup Of(IPAddress address, byte prefixBits)
    {
        address = Normalize(address);
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out int written);
        if (written == 4)
        {
            return new AddressGroup(32, BinaryPrimitives.ReadUInt32BigEndian(bytes));
        }

        ulong high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        return new AddressGroup(prefixBits, high & (ulong.MaxValue << (64 - prefixBits)));
    }

    /// <summary>A dual-stack socket shows IPv4 peers as ::ffff:a.b.c.d: they count as IPv4.</summary>
    private static IPAddress Normalize(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}

using System.Buffers.Binary;
using System.Net;

namespace Pmq.Gossipsub.Scoring;

/// <summary>An IPv4 address, an IPv6 address, or the /64 that an IPv6 address lies in.</summary>
/// <param name="Address">The 128 bits, IPv4 as mapped into IPv6; of a /64 the upper half.</param>
/// <param name="IsNetwork">Whether it is a /64.</param>
internal readonly record struct IpKey(UInt128 Address, bool IsNetwork)
{
    public static IpKey Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        return new IpKey(BinaryPrimitives.ReadUInt128BigEndian(bytes), false);
    }

    /// <summary>Whether it is an IPv4 address, mapped or not.</summary>
    public bool IsV4 => !IsNetwork && Address >> 32 == 0xFFFF;

    /// <summary>The /64 of an IPv6 address.</summary>
    public IpKey Network => new(Address >> 64 << 64, true);
}

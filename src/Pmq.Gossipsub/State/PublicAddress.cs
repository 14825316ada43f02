using System.Net;
using Pmq.Core.Addresses;

namespace Pmq.Gossipsub.State;

/// <summary>Which addresses the whole internet can reach (IANA special-purpose address registries).</summary>
internal static class PublicAddress
{
    /// <summary>
    /// Whether the address begins with a global unicast IP address. A name is none: it may lead anywhere.
    /// </summary>
    public static bool IsPublic(Multiaddr address)
    {
        foreach (MultiaddrComponent component in address)
        {
            return component.Code is MultiaddrCode.Ip4 or MultiaddrCode.Ip6 && IsPublic(new IPAddress(component.Value));
        }

        return false;
    }

    /// <summary>
    /// How far the network reaches that an address leads into. A name may lead into ours; what is neither name nor IP
    /// address leads into none.
    /// </summary>
    public static AddressReach ReachOf(Multiaddr address)
    {
        foreach (MultiaddrComponent component in address)
        {
            return component.Code switch
            {
                MultiaddrCode.Ip4 or MultiaddrCode.Ip6 => ReachOf(new IPAddress(component.Value)),
                MultiaddrCode.Dns or MultiaddrCode.Dns4 or MultiaddrCode.Dns6 or MultiaddrCode.DnsAddr
                    => AddressReach.Site,
                _ => AddressReach.Internet,
            };
        }

        return AddressReach.Host;
    }

    /// <inheritdoc cref="ReachOf(Multiaddr)" />
    public static AddressReach ReachOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        bool isHere = length == bytes.Length
            ? IPAddress.IsLoopback(address) || address.Equals(IPAddress.IPv6Any) || address.IsIPv6Multicast
            : bytes[0] is 0 or 127 or >= 224;
        return isHere ? AddressReach.Host : IsPublic(address) ? AddressReach.Internet : AddressReach.Site;
    }

    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        if (length == bytes.Length)
        {
            // Global unicast is 2000::/3, without documentation (2001:db8::/32), Teredo and others of 2001::/23, 6to4.
            bool isReserved = bytes[0] == 0x20
                && ((bytes[1] == 0x01 && (bytes[2] < 2 || (bytes[2] == 0x0d && bytes[3] == 0xb8))) || bytes[1] == 0x02);
            return bytes[0] >> 5 == 1 && !isReserved;
        }

        return (bytes[0], bytes[1], bytes[2]) is not
            (0 or 10 or 127 or >= 224, _, _) // this network, private, loopback, multicast, reserved
            and not (100, >= 64 and < 128, _) // carrier-grade NAT
            and not (169, 254, _) // link-local
            and not (172, >= 16 and < 32, _)
            and not (192, 168, _)
            and not (192, 0, 0 or 2) // protocol assignments, documentation
            and not (198, 18 or 19, _) // benchmarking
            and not (198, 51, 100)
            and not (203, 0, 113);
    }
}

using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Pmq.Core.Addresses;

namespace Pmq.Libp2p.Swarm;

/// <summary>What can be dialed when we listen on 0.0.0.0 or ::.</summary>
internal static class WildcardAddress
{
    /// <summary>The address itself, or one for each address of this machine in the place of a wildcard.</summary>
    public static IEnumerable<Multiaddr> Expand(Multiaddr address)
    {
        if (!address.TryGetEndPoint(out IPEndPoint? endPoint)
            || !(endPoint!.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any)))
        {
            return [address];
        }

        return NetworkInterface.GetAllNetworkInterfaces()
            .Where(static link => link.OperationalStatus == OperationalStatus.Up
                || link.NetworkInterfaceType == NetworkInterfaceType.Loopback)
            .SelectMany(static link => link.GetIPProperties().UnicastAddresses)
            .Select(static unicast => unicast.Address)
            .Where(own => own.AddressFamily == endPoint.AddressFamily && !IsLinkLocal(own))
            .Select(own => Multiaddr.FromEndPoint(new IPEndPoint(own, endPoint.Port)));
    }

    /// <summary>A link-local address means nothing without the name of the link, which is not ours to tell.</summary>
    private static bool IsLinkLocal(IPAddress address) =>
        address.IsIPv6LinkLocal
        || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [169, 254, _, _]);
}

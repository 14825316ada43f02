using System.Globalization;
using System.Net;
using Pmq.Grpc;

namespace Pmq.Agent.Configuration;

/// <summary>Where a server listens: an IP endpoint, a unix socket, or nowhere.</summary>
internal sealed record BindAddress(IPEndPoint? EndPoint, string? UnixPath)
{
    /// <summary>Nowhere.</summary>
    public static BindAddress Off { get; } = new(null, null);

    /// <summary>Whether nothing is bound.</summary>
    public bool IsOff => EndPoint is null && UnixPath is null;

    /// <summary>Whether only this machine can reach it.</summary>
    public bool IsLocal => EndPoint is null || IPAddress.IsLoopback(EndPoint.Address);

    /// <summary>A port of 127.0.0.1.</summary>
    public static BindAddress Loopback(int port) => new(new IPEndPoint(IPAddress.Loopback, port), null);

    /// <summary>
    /// Parses HOST:PORT (<c>127.0.0.1:8001</c>, <c>[::1]:8001</c>, <c>localhost:0</c>), unix:PATH or off.
    /// </summary>
    public static bool TryParse(string text, out BindAddress address)
    {
        address = Off;
        if (text is "off")
        {
            return true;
        }

        if (text.StartsWith("unix:", StringComparison.Ordinal))
        {
            bool isSocket = GrpcAddress.TryParse(text, out GrpcAddress? socket, out _);
            address = isSocket ? new BindAddress(null, socket!.Path) : Off;
            return isSocket;
        }

        int colon = text.LastIndexOf(':');
        if (colon <= 0
            || !ushort.TryParse(
                text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            return false;
        }

        string host = text[..colon];
        bool isBracketed = host.StartsWith('[') && host.EndsWith(']');
        if (host is "localhost")
        {
            host = "127.0.0.1";
        }

        if (!IPAddress.TryParse(isBracketed ? host[1..^1] : host, out IPAddress? ip)
            || isBracketed != (ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6))
        {
            return false;
        }

        address = new BindAddress(new IPEndPoint(ip, port), null);
        return true;
    }

    /// <inheritdoc />
    public override string ToString() => UnixPath is not null ? "unix:" + UnixPath : EndPoint?.ToString() ?? "off";
}

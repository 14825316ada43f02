using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pmq.Grpc;

/// <summary>Where a gRPC server is: <c>HOST:PORT</c> or <c>unix:PATH</c>.</summary>
internal sealed record GrpcAddress
{
    private const string UnixPrefix = "unix:";

    /// <summary>The longest path of a Unix socket on Linux, in bytes (sockaddr_un, without its final zero).</summary>
    private const int MaxPathBytes = 107;

    private GrpcAddress(string host, int port, string? path)
    {
        Host = host;
        Port = port;
        Path = path;
    }

    /// <summary>A name or an IP address, IPv6 without brackets; <c>localhost</c> of a Unix socket.</summary>
    public string Host { get; }

    /// <summary>0 to 65535; 0 lets the system pick one when listening.</summary>
    public int Port { get; }

    /// <summary>The path of a Unix socket; null over TCP.</summary>
    public string? Path { get; }

    /// <summary>Whether only this machine can reach it.</summary>
    public bool IsLocal => Path is not null
        || Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(Host, out var ip) && IPAddress.IsLoopback(ip));

    /// <summary>Where to listen. <c>localhost</c> is 127.0.0.1.</summary>
    /// <exception cref="FormatException">The host is another name than localhost.</exception>
    public EndPoint ListenEndPoint => Path is not null ? new UnixDomainSocketEndPoint(Path)
        : Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? new IPEndPoint(IPAddress.Loopback, Port)
        : IPAddress.TryParse(Host, out var ip) ? new IPEndPoint(ip, Port)
        : throw new FormatException($"'{this}': to listen, the host is an IP address or localhost.");

    /// <summary>The address of a bound endpoint.</summary>
    public static GrpcAddress Of(EndPoint endPoint) => endPoint switch
    {
        IPEndPoint ip => new GrpcAddress(ip.Address.ToString(), ip.Port, null),
        _ => new GrpcAddress("localhost", 0, endPoint.ToString()),
    };

    /// <summary>Reads an address.</summary>
    /// <exception cref="FormatException">It is not one; the message says what it should look like.</exception>
    public static GrpcAddress Parse(string text) =>
        TryParse(text, out var address, out var error) ? address! : throw new FormatException(error);

    /// <summary>Reads an address; <paramref name="error"/> is one line when it is not one.</summary>
    public static bool TryParse(string text, out GrpcAddress? address, out string error)
    {
        address = null;
        error = "";
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            // unix:PATH, and unix://PATH with an absolute path as other gRPC implementations write it.
            var path = text[UnixPrefix.Length..];
            path = path.StartsWith("///", StringComparison.Ordinal) ? path[2..] : path;
            if (path.Length == 0 || path.Contains('\0') || Encoding.UTF8.GetByteCount(path) > MaxPathBytes)
            {
                error = $"'{text}' is not a gRPC address: the path of a Unix socket has 1 to {MaxPathBytes} bytes.";
                return false;
            }

            address = new GrpcAddress("localhost", 0, path);
            return true;
        }

        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? text : text[..colon];
        var isBracketed = host.StartsWith('[') && host.EndsWith(']');
        host = isBracketed ? host[1..^1] : host;
        if (colon < 0
            || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || Uri.CheckHostName(host) is UriHostNameType.Unknown or UriHostNameType.Basic
            || (Uri.CheckHostName(host) == UriHostNameType.IPv6) != isBracketed)
        {
            error = $"'{text}' is not a gRPC address: HOST:PORT, [IPV6]:PORT or unix:PATH.";
            return false;
        }

        address = new GrpcAddress(host, port, null);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Path is not null ? UnixPrefix + Path
        : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}

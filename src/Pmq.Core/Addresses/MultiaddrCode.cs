namespace Pmq.Core.Addresses;

/// <summary>The codes of multiaddr protocols (multiformats, <c>protocols.csv</c>).</summary>
public static class MultiaddrCode
{
    /// <summary>An IPv4 address.</summary>
    public const int Ip4 = 4;

    /// <summary>A TCP port.</summary>
    public const int Tcp = 6;

    /// <summary>An IPv6 address.</summary>
    public const int Ip6 = 41;

    /// <summary>The zone of the IPv6 address that follows.</summary>
    public const int Ip6Zone = 42;

    /// <summary>A host name, resolved to IPv4 or IPv6.</summary>
    public const int Dns = 53;

    /// <summary>A host name, resolved to IPv4.</summary>
    public const int Dns4 = 54;

    /// <summary>A host name, resolved to IPv6.</summary>
    public const int Dns6 = 55;

    /// <summary>A domain whose TXT records hold multiaddrs.</summary>
    public const int DnsAddr = 56;

    /// <summary>A UDP port.</summary>
    public const int Udp = 273;

    /// <summary>WebRTC between a server with a certificate hash and a browser.</summary>
    public const int WebRtcDirect = 280;

    /// <summary>WebRTC between browsers.</summary>
    public const int WebRtc = 281;

    /// <summary>Through a relay.</summary>
    public const int P2pCircuit = 290;

    /// <summary>A path of a unix socket; ends the address.</summary>
    public const int Unix = 400;

    /// <summary>A peer id.</summary>
    public const int P2p = 421;

    /// <summary>A Tor onion service of version 3.</summary>
    public const int Onion3 = 445;

    /// <summary>TLS.</summary>
    public const int Tls = 448;

    /// <summary>The server name for TLS.</summary>
    public const int Sni = 449;

    /// <summary>Noise.</summary>
    public const int Noise = 454;

    /// <summary>QUIC draft 29.</summary>
    public const int Quic = 460;

    /// <summary>QUIC (RFC 9000).</summary>
    public const int QuicV1 = 461;

    /// <summary>WebTransport.</summary>
    public const int WebTransport = 465;

    /// <summary>The multihash of a certificate.</summary>
    public const int CertHash = 466;

    /// <summary>WebSocket.</summary>
    public const int Ws = 477;

    /// <summary>WebSocket over TLS.</summary>
    public const int Wss = 478;

    /// <summary>HTTP.</summary>
    public const int Http = 480;

    /// <summary>A number in this process, for tests and simulation.</summary>
    public const int Memory = 777;
}

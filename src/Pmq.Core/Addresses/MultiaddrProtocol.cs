namespace Pmq.Core.Addresses;

/// <summary>How the value of a protocol is written.</summary>
internal enum MultiaddrValueKind
{
    /// <summary>No value.</summary>
    None,

    /// <summary>4 bytes.</summary>
    Ip4,

    /// <summary>16 bytes.</summary>
    Ip6,

    /// <summary>2 bytes, big endian, decimal as text.</summary>
    Port,

    /// <summary>8 bytes, big endian, decimal as text.</summary>
    Number,

    /// <summary>Printable ASCII without a slash.</summary>
    Name,

    /// <summary>UTF-8 from a slash to the end of the address.</summary>
    Path,

    /// <summary>A multihash; base58btc or CIDv1 as text.</summary>
    Peer,

    /// <summary>A multihash; multibase as text.</summary>
    Hash,

    /// <summary>35 bytes in base32, a colon, a port.</summary>
    Onion3,
}

/// <summary>A row of the multiaddr protocol table (multiformats, <c>protocols.csv</c>).</summary>
internal sealed record MultiaddrProtocol(int Code, string Name, MultiaddrValueKind Kind)
{
    /// <summary>
    /// What peers advertise. A code that is not here ends the parse: the length of its value is not known, so nothing
    /// behind it can be read.
    /// </summary>
    private static readonly MultiaddrProtocol[] All =
    [
        new(MultiaddrCode.Ip4, "ip4", MultiaddrValueKind.Ip4),
        new(MultiaddrCode.Tcp, "tcp", MultiaddrValueKind.Port),
        new(MultiaddrCode.Ip6, "ip6", MultiaddrValueKind.Ip6),
        new(MultiaddrCode.Ip6Zone, "ip6zone", MultiaddrValueKind.Name),
        new(MultiaddrCode.Dns, "dns", MultiaddrValueKind.Name),
        new(MultiaddrCode.Dns4, "dns4", MultiaddrValueKind.Name),
        new(MultiaddrCode.Dns6, "dns6", MultiaddrValueKind.Name),
        new(MultiaddrCode.DnsAddr, "dnsaddr", MultiaddrValueKind.Name),
        new(MultiaddrCode.Udp, "udp", MultiaddrValueKind.Port),
        new(275, "p2p-webrtc-star", MultiaddrValueKind.None),
        new(276, "p2p-webrtc-direct", MultiaddrValueKind.None),
        new(MultiaddrCode.WebRtcDirect, "webrtc-direct", MultiaddrValueKind.None),
        new(MultiaddrCode.WebRtc, "webrtc", MultiaddrValueKind.None),
        new(MultiaddrCode.P2pCircuit, "p2p-circuit", MultiaddrValueKind.None),
        new(MultiaddrCode.Unix, "unix", MultiaddrValueKind.Path),
        new(MultiaddrCode.P2p, "p2p", MultiaddrValueKind.Peer),
        new(443, "https", MultiaddrValueKind.None),
        new(MultiaddrCode.Onion3, "onion3", MultiaddrValueKind.Onion3),
        new(MultiaddrCode.Tls, "tls", MultiaddrValueKind.None),
        new(MultiaddrCode.Sni, "sni", MultiaddrValueKind.Name),
        new(MultiaddrCode.Noise, "noise", MultiaddrValueKind.None),
        new(MultiaddrCode.Quic, "quic", MultiaddrValueKind.None),
        new(MultiaddrCode.QuicV1, "quic-v1", MultiaddrValueKind.None),
        new(MultiaddrCode.WebTransport, "webtransport", MultiaddrValueKind.None),
        new(MultiaddrCode.CertHash, "certhash", MultiaddrValueKind.Hash),
        new(MultiaddrCode.Ws, "ws", MultiaddrValueKind.None),
        new(MultiaddrCode.Wss, "wss", MultiaddrValueKind.None),
        new(MultiaddrCode.Http, "http", MultiaddrValueKind.None),
        new(MultiaddrCode.Memory, "memory", MultiaddrValueKind.Number),
    ];

    // Codes fit in ten bits but for a few that are not in use: a direct table.
    private static readonly MultiaddrProtocol?[] ByCode = BuildByCode();

    /// <summary>The length of every value; -1 when it varies and is written before the value.</summary>
    public int FixedLength { get; } = Kind switch
    {
        MultiaddrValueKind.None => 0,
        MultiaddrValueKind.Ip4 => 4,
        MultiaddrValueKind.Ip6 => 16,
        MultiaddrValueKind.Port => 2,
        MultiaddrValueKind.Number => 8,
        MultiaddrValueKind.Onion3 => 37,
        _ => -1,
    };

    public static MultiaddrProtocol? Find(ulong code) => code < (ulong)ByCode.Length ? ByCode[(int)code] : null;

    public static MultiaddrProtocol? Find(ReadOnlySpan<char> name)
    {
        // The older name of p2p.
        if (name.SequenceEqual("ipfs"))
        {
            return ByCode[MultiaddrCode.P2p];
        }

        foreach (MultiaddrProtocol protocol in All)
        {
            if (name.SequenceEqual(protocol.Name))
            {
                return protocol;
            }
        }

        return null;
    }

    private static MultiaddrProtocol?[] BuildByCode()
    {
        var table = new MultiaddrProtocol?[MultiaddrCode.Memory + 1];
        foreach (MultiaddrProtocol protocol in All)
        {
            table[protocol.Code] = protocol;
        }

        return table;
    }
}

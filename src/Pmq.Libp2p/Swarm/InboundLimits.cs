namespace Pmq.Libp2p.Swarm;

/// <summary>
/// What inbound connections may cost before anybody is authenticated. Loopback and in-process peers are exempt from the
/// limits per address.
/// </summary>
public sealed record InboundLimits
{
    /// <summary>Inbound connections, from accept to close, 1 and up. Default 256 (arbitrary, may be raised).</summary>
    public int MaxConnections { get; init; } = 256;

    /// <summary>Connections of one IPv4 address or one IPv6 /56. Default 8, as go has it.</summary>
    public int MaxConnectionsPerAddress { get; init; } = 8;

    /// <summary>Connections of one IPv6 /48. Default 64, as go has it.</summary>
    public int MaxConnectionsPerNetwork { get; init; } = 64;

    /// <summary>Handshakes in flight: they cost CPU. Default 64 (arbitrary, may be raised).</summary>
    public int MaxHandshakes { get; init; } = 64;

    /// <summary>Handshakes in flight of one IPv4 address or one IPv6 /56. Default 4 (arbitrary, may be raised).</summary>
    public int MaxHandshakesPerAddress { get; init; } = 4;

    /// <summary>New connections a second of one IPv4 address or one IPv6 /56, in the long run. Default 0.2, as go has it.</summary>
    public double RatePerAddress { get; init; } = 0.2;

    /// <summary>New connections at once of one IPv4 address or one IPv6 /56. Default 16, as go has it.</summary>
    public int BurstPerAddress { get; init; } = 16;

    /// <summary>New connections a second of one IPv6 /48, in the long run. Default 0.5, as go has it.</summary>
    public double RatePerNetwork { get; init; } = 0.5;

    /// <summary>New connections at once of one IPv6 /48. Default 80, as go has it.</summary>
    public int BurstPerNetwork { get; init; } = 80;

    /// <summary>
    /// Addresses and networks whose rates are remembered. When it is full, those without an open connection are
    /// forgotten. Default 16,384 (arbitrary, may be raised).
    /// </summary>
    public int MaxTrackedAddresses { get; init; } = 16_384;
}

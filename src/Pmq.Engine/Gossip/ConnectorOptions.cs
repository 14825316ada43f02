namespace Pmq.Engine.Gossip;

/// <summary>How much effort goes into peers that the router wants.</summary>
internal sealed record ConnectorOptions
{
    /// <summary>Dials of peers that others told of at one time. Default 8 (Go: Connectors).</summary>
    public int MaxDials { get; init; } = 8;

    /// <summary>Dials of direct peers at one time. Default 4 (arbitrary).</summary>
    public int MaxDirectDials { get; init; } = 4;

    /// <summary>
    /// Peers that wait for a dial, direct ones and others each; more are dropped and counted. Default 128 (Go: MaxPendingConnections).
    /// </summary>
    public int MaxWaiting { get; init; } = 128;

    /// <summary>How long a dial may take. Default 30 s (Go: ConnectionTimeout).</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a peer that others told of is left alone after the first dial that failed; doubles with each up to
    /// <see cref="MaxBackoff"/>. Default 10 s (arbitrary).
    /// </summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest such wait. Default 10 min (arbitrary).</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Peers whose failure is remembered; the oldest is forgotten first. Default 1024 (arbitrary).</summary>
    public int MaxRemembered { get; init; } = 1024;
}

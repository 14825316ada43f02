namespace Pmq.Libp2p.Yamux;

/// <summary>Limits and timers of one Yamux connection.</summary>
internal sealed record YamuxOptions
{
    /// <summary>The defaults.</summary>
    public static YamuxOptions Default { get; } = new();
}

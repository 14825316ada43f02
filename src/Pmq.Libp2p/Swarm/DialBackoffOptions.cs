namespace Pmq.Libp2p.Swarm;

/// <summary>How long an address is left alone after it failed.</summary>
public sealed record DialBackoffOptions
{
    /// <summary>After the first failure. Default 5 s, as go has it.</summary>
    public TimeSpan Base { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Times the square of the failures before the last one. Default 1 s, as go has it.</summary>
    public TimeSpan Coefficient { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>At most. Default 5 min, as go has it.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Addresses remembered; the oldest failure is forgotten for a new one. Default 4096 (arbitrary, may be raised).</summary>
    public int MaxEntries { get; init; } = 4096;
}

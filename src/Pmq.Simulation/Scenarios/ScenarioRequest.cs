namespace Pmq.Simulation.Scenarios;

/// <summary>What is asked of a scenario.</summary>
public sealed record ScenarioRequest
{
    /// <summary>The fewest honest nodes that any scenario can do with.</summary>
    public const int MinNodes = 20;

    /// <summary>The most nodes, honest or not, of one run (arbitrary, may be raised).</summary>
    public const int MaxNodes = 100_000;

    /// <summary>Honest nodes, <see cref="MinNodes"/> to <see cref="MaxNodes"/>. Default 50.</summary>
    public int Nodes { get; init; } = 50;

    /// <summary>Attackers, 0 to <see cref="MaxNodes"/>; null takes the scenario's part of the honest nodes.</summary>
    public int? Sybils { get; init; }

    /// <summary>What all chance follows from. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How long the network runs before anything is measured; null takes the scenario's own time.</summary>
    public TimeSpan? WarmUp { get; init; }

    /// <summary>How long is measured after the warm-up; null takes the scenario's own time.</summary>
    public TimeSpan? Measured { get; init; }

    /// <summary>What is switched off. Default nothing.</summary>
    public Defences Off { get; init; }

    /// <summary>Whether the invariants are checked on every step, not only the results at the end. Default true.</summary>
    public bool ChecksSteps { get; init; } = true;
}

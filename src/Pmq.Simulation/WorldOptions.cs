using Pmq.Gossipsub;
using Pmq.Simulation.Links;

namespace Pmq.Simulation;

/// <summary>What a simulated network is made of.</summary>
public sealed record WorldOptions
{
    /// <summary>From which all chance of the run follows. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// The options of the routers. A node may have others, but size limits and topics' rules are those of the world:
    /// a frame is scanned once for all its receivers.
    /// </summary>
    public GossipsubOptions Gossipsub { get; init; } = new();

    /// <summary>The links.</summary>
    public LinkOptions Links { get; init; } = new();

    /// <summary>Whether the checkers look at every step. Default true.</summary>
    public bool Check { get; init; } = true;

    /// <summary>Whether every step goes into <see cref="World.TraceHash"/>. Default true.</summary>
    public bool Hash { get; init; } = true;

    /// <summary>The width of a sample of <see cref="World.Measure"/>. Default 1 s.</summary>
    public TimeSpan SampleInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The number of a message whose way is written down; null (default) for none.</summary>
    public int? FollowMessage { get; init; }
}

using Pmq.Gossipsub;

namespace Pmq.Simulation.Nodes;

/// <summary>How an honest node runs.</summary>
public sealed record NodeOptions
{
    /// <summary>Its router's options; null (default) takes the world's.</summary>
    public GossipsubOptions? Gossipsub { get; init; }

    /// <summary>The topics that it joins at its start. Default one, <c>sim</c>.</summary>
    public IReadOnlyList<string> Topics { get; init; } = ["sim"];

    /// <summary>Its verifier.</summary>
    public VerifierOptions Verifier { get; init; } = new();

    /// <summary>
    /// Whether it comes back from a crash with the router that it had, as after a loss of its network. Default no: with
    /// a fresh one. Its verifier remembers what it accepted in either case.
    /// </summary>
    public bool KeepsRouter { get; init; }

    /// <summary>Connections beyond which it takes none that others dial. Default 100,000.</summary>
    public int MaxConnections { get; init; } = 100_000;

    /// <summary>After which a lost peer of its own choice is dialed again, ±50 %. Default 2 s.</summary>
    public TimeSpan RedialAfter { get; init; } = TimeSpan.FromSeconds(2);
}

namespace Pmq.Client;

/// <summary>A peer that an agent is connected to.</summary>
/// <param name="PeerId">Who it is, base58.</param>
/// <param name="Address">The multiaddr it is connected from or to.</param>
/// <param name="IsOutbound">Whether the agent dialed it.</param>
/// <param name="AgentVersion">What it runs, by identify; empty when not told.</param>
/// <param name="Protocol">The gossipsub protocol spoken with it; empty when none.</param>
/// <param name="Topics">The topics it has announced, sorted.</param>
/// <param name="MeshTopics">The topics in whose mesh it is, sorted.</param>
/// <param name="RoundTripTime">The last measured round trip.</param>
public sealed record AgentPeer(
    string PeerId,
    string Address,
    bool IsOutbound,
    string AgentVersion,
    string Protocol,
    IReadOnlyList<string> Topics,
    IReadOnlyList<string> MeshTopics,
    TimeSpan? RoundTripTime)
{
    /// <summary>How it stands; null while the agent does not score, or does not know it as a gossipsub peer yet.</summary>
    public AgentPeerScore? Score { get; init; }
}

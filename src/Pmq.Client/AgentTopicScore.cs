namespace Pmq.Client;

/// <summary>How a peer stands in one topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Total">What the topic adds to the score, before the cap of all topics.</param>
/// <param name="IsInMesh">Whether the peer is in the agent's mesh.</param>
/// <param name="TimeInMesh">For how long.</param>
/// <param name="Factors">P1 to P4.</param>
public sealed record AgentTopicScore(
    string Topic, double Total, bool IsInMesh, TimeSpan TimeInMesh, IReadOnlyList<AgentScoreFactor> Factors);

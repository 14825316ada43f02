namespace Pmq.Client;

/// <summary>How a peer stands with an agent.</summary>
/// <param name="Total">The score.</param>
/// <param name="Band">What it allows.</param>
/// <param name="Worst">What takes the most from it; null when nothing does.</param>
public sealed record AgentPeerScore(double Total, AgentScoreBand Band, AgentScoreFactor? Worst);

namespace Pmq.Client;

/// <summary>A peer's score and what it is made of.</summary>
/// <param name="PeerId">The peer, base58.</param>
/// <param name="Score">Score, band and worst factor.</param>
/// <param name="IsConnected">False: it has left, and is remembered.</param>
/// <param name="Remaining">How long it is still remembered; null while it is connected.</param>
/// <param name="TopicTotal">What all topics add, after the cap.</param>
/// <param name="TopicScoreCap">The cap; 0 is none.</param>
/// <param name="Topics">The topics in which it has counters, by name.</param>
/// <param name="Factors">The factors that are not of a topic.</param>
/// <param name="Thresholds">What the agent compares scores with.</param>
public sealed record AgentScoreView(
    string PeerId,
    AgentPeerScore Score,
    bool IsConnected,
    TimeSpan? Remaining,
    double TopicTotal,
    double TopicScoreCap,
    IReadOnlyList<AgentTopicScore> Topics,
    IReadOnlyList<AgentScoreFactor> Factors,
    AgentScoreThresholds Thresholds);

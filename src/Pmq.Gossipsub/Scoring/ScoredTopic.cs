namespace Pmq.Gossipsub.Scoring;

/// <summary>A topic in which peers have counters. It outlives the router's own state of the topic.</summary>
internal sealed class ScoredTopic(string name, TopicScoreOptions? options)
{
    public string Name { get; } = name;

    /// <summary>How it scores now; null if it does not.</summary>
    public TopicScoreOptions? Options { get; set; } = options;

    /// <summary>The peers' counters.</summary>
    public Dictionary<PeerScore, TopicScore> Scores { get; } = [];
}

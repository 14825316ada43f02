using Pmq.Core.Identity;

namespace Pmq.Gossipsub.Scoring;

/// <summary>A peer's score and what it is made of. A copy: it does not change with the peer.</summary>
public sealed record PeerScoreView
{
    /// <summary>The peer.</summary>
    public required PeerId Peer { get; init; }

    /// <summary>The score.</summary>
    public required double Total { get; init; }

    /// <summary>Whether it is connected; otherwise it left and is remembered.</summary>
    public required bool IsConnected { get; init; }

    /// <summary>How long it is still remembered after it left; null while it is connected.</summary>
    public required TimeSpan? Remaining { get; init; }

    /// <summary>What all topics add, after the cap.</summary>
    public required double TopicTotal { get; init; }

    /// <summary>The topics in which it has counters, by name.</summary>
    public required IReadOnlyList<TopicScoreView> Topics { get; init; }

    /// <summary>P5: what the application says.</summary>
    public required ScoreFactor Application { get; init; }

    /// <summary>P6: squares of the peers beyond the threshold, summed over its addresses.</summary>
    public required ScoreFactor IpColocation { get; init; }

    /// <summary>P7: misdeeds, decayed; the contribution is that of the square beyond the threshold.</summary>
    public required ScoreFactor BehaviourPenalty { get; init; }

    /// <summary>Slow peer: heartbeats with a full queue, decayed.</summary>
    public required ScoreFactor SlowPeer { get; init; }
}

using System.Net;
using Pmq.Core.Identity;

namespace Pmq.Gossipsub.Scoring;

/// <summary>
/// What is known of one peer. The score is kept with it, and computed again when it is read after something changed.
/// </summary>
internal sealed class PeerScore(PeerId id, PeerScores owner)
{
    private readonly PeerScores _owner = owner;
    private double _score;
    private double _conduct;
    private bool _isStale = true;

    public PeerId Id { get; } = id;

    /// <summary>The topics in which it has counters.</summary>
    public List<TopicScore> Topics { get; } = [];

    /// <summary>The addresses that count for P6, and whom it shares them with.</summary>
    public List<IpGroup> Groups { get; } = [];

    /// <summary>What the driver told of its addresses, cut to the bound.</summary>
    public IPAddress[] Addresses { get; set; } = [];

    public bool IsConnected { get; set; } = true;

    /// <summary>Whether it was forgotten: the object counts no more.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>When it left.</summary>
    public TimeSpan LeftAt { get; set; }

    /// <summary>Its neighbours among those that have left, in the order in which they did.</summary>
    public PeerScore? Previous { get; set; }

    /// <summary>See <see cref="Previous"/>.</summary>
    public PeerScore? Next { get; set; }

    /// <summary>P5.</summary>
    public double Application { get; set; }

    /// <summary>P7.</summary>
    public double Misdeeds { get; set; }

    /// <summary>Heartbeats with a full queue.</summary>
    public double Slow { get; set; }

    /// <summary>Whether its queue was full since the last heartbeat.</summary>
    public bool WasSlow { get; set; }

    /// <summary>Whether nothing would be lost with it.</summary>
    public bool IsEmpty => Topics.Count == 0 && Misdeeds == 0 && Slow == 0 && !WasSlow;

    public double Score
    {
        get
        {
            if (_isStale)
            {
                Compute();
            }

            return _score;
        }
    }

    /// <summary>The score without what its neighbours on an address add to it (P6).</summary>
    public double Conduct
    {
        get
        {
            if (_isStale)
            {
                Compute();
            }

            return _conduct;
        }
    }

    /// <summary>Something that the score is made of is another.</summary>
    public void Change() => _isStale = true;

    /// <summary>The sum of what the topics add, capped.</summary>
    public double TopicTotal(PeerScoreOptions options)
    {
        double sum = 0;
        foreach (TopicScore topic in Topics)
        {
            sum += topic.Contribution;
        }

        return options.TopicScoreCap > 0 ? Math.Min(sum, options.TopicScoreCap) : sum;
    }

    /// <summary>P6: squares of the peers beyond the threshold, over its addresses.</summary>
    public double Colocation(PeerScoreOptions options)
    {
        double sum = 0;
        foreach (IpGroup group in Groups)
        {
            double excess = Math.Max(0, group.Count - options.IpColocationThreshold);
            sum += excess * excess;
        }

        return sum;
    }

    public PeerScoreView Explain(TimeSpan now)
    {
        PeerScoreOptions options = _owner.Options;
        double colocation = Colocation(options);
        TopicScoreView[] topics = [.. Topics.ConvertAll(static topic => topic.Explain())];
        Array.Sort(topics, static (a, b) => string.CompareOrdinal(a.Topic, b.Topic));
        TimeSpan remaining = LeftAt + options.RetainScore - now;
        return new PeerScoreView
        {
            Peer = Id,
            Total = Score,
            IsConnected = IsConnected,
            Remaining = IsConnected ? null : remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero,
            TopicTotal = TopicTotal(options),
            Topics = topics,
            Application = ScoreFactor.Of(Application, options.ApplicationWeight * Application),
            IpColocation = ScoreFactor.Of(colocation, options.IpColocationWeight * colocation),
            BehaviourPenalty = ScoreFactor.Of(Misdeeds, BehaviourTerm(options)),
            SlowPeer = ScoreFactor.Of(Slow, SlowTerm(options)),
        };
    }

    private void Compute()
    {
        PeerScoreOptions options = _owner.Options;
        _isStale = false;
        _conduct = TopicTotal(options) + (options.ApplicationWeight * Application) + BehaviourTerm(options)
            + SlowTerm(options);
        _score = _conduct + (Groups.Count == 0 ? 0 : options.IpColocationWeight * Colocation(options));
    }

    private double BehaviourTerm(PeerScoreOptions options)
    {
        double excess = Math.Max(0, Misdeeds - options.BehaviourPenaltyThreshold);
        return options.BehaviourPenaltyWeight * excess * excess;
    }

    private double SlowTerm(PeerScoreOptions options) =>
        options.SlowPeerWeight * Math.Max(0, Slow - options.SlowPeerThreshold);
}

namespace Pmq.Gossipsub.Scoring;

/// <summary>The counters of one peer in one topic, P1 to P4.</summary>
internal sealed class TopicScore(PeerScore peer, ScoredTopic topic)
{
    // Where a counter stops: far beyond every cap, and its square times every weight is still a number.
    private const double Most = 1e15;
    private const double MostSquares = 1e30;

    private static readonly TopicScoreOptions Unscored = new()
    {
        Weight = 0,
        TimeInMeshWeight = 0,
        FirstMessageDeliveriesWeight = 0,
        InvalidMessageDeliveriesWeight = 0,
    };

    private double _first;
    private double _mesh;
    private double _failure;
    private double _invalid;
    private TimeSpan _graftedAt;
    private double _contribution;
    private bool _isStale;

    public PeerScore Peer { get; } = peer;

    public ScoredTopic Topic { get; } = topic;

    public bool IsInMesh { get; private set; }

    /// <summary>Time in the mesh, as of the last heartbeat; 0 outside.</summary>
    public TimeSpan TimeInMesh { get; private set; }

    /// <summary>Messages that it delivered first, decayed.</summary>
    public double FirstDeliveries => _first;

    /// <summary>Whether P3 counts.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Whether nothing would be lost with it.</summary>
    public bool IsEmpty => !IsInMesh && _first == 0 && _mesh == 0 && _failure == 0 && _invalid == 0;

    /// <summary>What the topic adds to the score.</summary>
    public double Contribution
    {
        get
        {
            if (_isStale)
            {
                _isStale = false;
                _contribution = Topic.Options is { } options ? Compute(options) : 0;
            }

            return _contribution;
        }
    }

    public void Graft(TimeSpan now)
    {
        IsInMesh = true;
        IsActive = false;
        _graftedAt = now;
        TimeInMesh = TimeSpan.Zero;
        Change();
    }

    /// <summary>Leaves the mesh, by whoever's will: what P3 lacked stays as P3b.</summary>
    public void Prune()
    {
        if (!IsInMesh)
        {
            return;
        }

        if (Topic.Options is { MeshFailurePenaltyWeight: < 0 } options)
        {
            _failure = Math.Min(MostSquares, _failure + Square(Deficit(options)));
        }

        IsInMesh = false;
        IsActive = false;
        TimeInMesh = TimeSpan.Zero;
        Change();
    }

    /// <summary>The peer handed over a message first.</summary>
    public void DeliverFirst(TopicScoreOptions options)
    {
        if (options.FirstMessageDeliveriesWeight > 0)
        {
            _first = Math.Min(options.FirstMessageDeliveriesCap, _first + 1);
            Change();
        }

        DeliverInMesh(options);
    }

    /// <summary>The peer handed over a message, as a member of the mesh or not.</summary>
    public void DeliverInMesh(TopicScoreOptions options)
    {
        if (IsInMesh && options.HasMeshDeliveries)
        {
            _mesh = Math.Min(options.MeshMessageDeliveriesCap, _mesh + 1);
            Change();
        }
    }

    public void AddInvalid(int count)
    {
        _invalid = Math.Min(Most, _invalid + count);
        Change();
    }

    /// <summary>The peer left: first deliveries are not kept for it.</summary>
    public void Retire()
    {
        Prune();
        _first = 0;
        Change();
    }

    /// <summary>
    /// Counters are cut to the caps in effect, and those of factors that are off cleared: their numbers are not valid.
    /// </summary>
    public void Recap()
    {
        TopicScoreOptions options = Topic.Options ?? Unscored;
        _first = options.FirstMessageDeliveriesWeight > 0 ? Math.Min(_first, options.FirstMessageDeliveriesCap) : 0;
        _mesh = options.HasMeshDeliveries ? Math.Min(_mesh, options.MeshMessageDeliveriesCap) : 0;
        _failure = options.MeshFailurePenaltyWeight < 0 ? _failure : 0;
        _invalid = options.InvalidMessageDeliveriesWeight < 0 ? _invalid : 0;
        Change();
    }

    /// <summary>
    /// Lets time pass: <paramref name="decays"/> intervals have ended since the last call. A <paramref name="pause"/> of
    /// ours is no time in the mesh, and takes nothing from what was delivered there.
    /// </summary>
    public void Refresh(TimeSpan now, int decays, TimeSpan pause, double toZero)
    {
        if (Topic.Options is not { } options)
        {
            return;
        }

        if (decays > 0 && (_first != 0 || _mesh != 0 || _failure != 0 || _invalid != 0))
        {
            _first = PeerScores.Decay(_first, options.FirstMessageDeliveriesDecay, decays, toZero);
            int counted = pause > TimeSpan.Zero ? 0 : decays;
            _mesh = PeerScores.Decay(_mesh, options.MeshMessageDeliveriesDecay, counted, toZero);
            _failure = PeerScores.Decay(_failure, options.MeshFailurePenaltyDecay, decays, toZero);
            _invalid = PeerScores.Decay(_invalid, options.InvalidMessageDeliveriesDecay, decays, toZero);
            Change();
        }

        if (IsInMesh)
        {
            _graftedAt = _graftedAt + pause < now ? _graftedAt + pause : now;
            TimeInMesh = now - _graftedAt;
            IsActive |= options.HasMeshDeliveries && TimeInMesh >= options.MeshMessageDeliveriesActivation;
            Change();
        }
    }

    public TopicScoreView Explain()
    {
        TopicScoreOptions options = Topic.Options ?? Unscored;
        double weight = options.Weight;
        double quanta = Quanta(options);
        return new TopicScoreView
        {
            Topic = Topic.Name,
            Total = Contribution + 0.0,
            IsInMesh = IsInMesh,
            TimeInMesh = TimeInMesh,
            MeshTime = ScoreFactor.Of(quanta, weight * options.TimeInMeshWeight * quanta),
            FirstMessageDeliveries = ScoreFactor.Of(_first, weight * options.FirstMessageDeliveriesWeight * _first),
            MeshMessageDeliveries = ScoreFactor.Of(
                _mesh, weight * options.MeshMessageDeliveriesWeight * Square(Deficit(options))),
            IsMeshDeliveryActive = IsActive,
            MeshFailurePenalty = ScoreFactor.Of(_failure, weight * options.MeshFailurePenaltyWeight * _failure),
            InvalidMessageDeliveries = ScoreFactor.Of(
                _invalid, weight * options.InvalidMessageDeliveriesWeight * Square(_invalid)),
        };
    }

    private void Change()
    {
        _isStale = true;
        Peer.Change();
    }

    private double Compute(TopicScoreOptions options) => options.Weight * (
        (options.TimeInMeshWeight * Quanta(options))
        + (options.FirstMessageDeliveriesWeight * _first)
        + (options.MeshMessageDeliveriesWeight * Square(Deficit(options)))
        + (options.MeshFailurePenaltyWeight * _failure)
        + (options.InvalidMessageDeliveriesWeight * Square(_invalid)));

    private double Quanta(TopicScoreOptions options) => options.TimeInMeshWeight == 0
        ? 0
        : Math.Min(TimeInMesh.Ticks / options.TimeInMeshQuantum.Ticks, options.TimeInMeshCap);

    private double Deficit(TopicScoreOptions options) =>
        IsActive && options.HasMeshDeliveries ? Math.Max(0, options.MeshMessageDeliveriesThreshold - _mesh) : 0;

    private static double Square(double value) => value * value;
}

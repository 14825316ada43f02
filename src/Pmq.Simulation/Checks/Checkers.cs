using Pmq.Gossipsub;
using Pmq.Simulation.Links;
using Pmq.Simulation.Messages;
using Pmq.Simulation.Nodes;

namespace Pmq.Simulation.Checks;

/// <summary>What must hold at every step of a run. Violations are collected; the run goes on.</summary>
/// <remarks>
/// What costs little is always looked at. What needs a look at every peer or table is done where
/// <see cref="WorldOptions.Check"/> says so.
/// </remarks>
public sealed partial class Checkers
{
    private const int MaxViolations = 100;

    private readonly World _world;
    private readonly List<Violation> _violations = [];

    internal Checkers(World world) => _world = world;

    /// <summary>What did not hold, in order; at most 100 are kept.</summary>
    public IReadOnlyList<Violation> Violations => _violations;

    /// <summary>How many there were in all.</summary>
    public long ViolationCount { get; private set; }

    /// <summary>
    /// Whether honest peers must never be graylisted by honest ones; default true. A scenario in which honest nodes
    /// cannot but do what looks bad, as behind broken verifiers, says otherwise.
    /// </summary>
    public bool HonestAreHeard { get; set; } = true;

    /// <summary>The least score that an honest node has given another; 0 while nobody was seen below.</summary>
    public double LowestHonestScore { get; private set; }

    /// <summary>
    /// Offences of the honest against the honest that have an excuse: promises that a full queue or a lost link broke,
    /// GRAFTs in a backoff that a restart, a lost or a stalled link kept from them.
    /// </summary>
    public long ExcusedOffences { get; private set; }

    /// <summary>Notes a violation: for checks of a scenario's own.</summary>
    public void Report(Actor? actor, string rule, string detail)
    {
        ViolationCount++;
        if (_violations.Count < MaxViolations)
        {
            _violations.Add(new Violation(_world.Now, actor?.Number ?? -1, rule, detail));
        }
    }

    /// <summary>
    /// Liveness: what was published in a stretch has reached everybody to whom it was due; to be called when there has
    /// been time enough, as after a partition was healed.
    /// </summary>
    public void RequireDelivery(TimeSpan from, TimeSpan until)
    {
        foreach ((SimMessage message, HonestNode node) in _world.Measure.Losses(from, until))
        {
            Report(node, Rules.Liveness, FormattableString.Invariant(
                $"message {message.Number}, published at {message.CreatedAt.TotalSeconds:F3} s, is missing"));
        }
    }

    /// <summary>What must hold when a run is over: nothing has vanished without a reason.</summary>
    public void Finish()
    {
        FrameCounters frames = _world.Frames;
        long accounted = frames.Arrived + frames.Waiting + frames.UnderWay;
        foreach (FrameDrop reason in Enum.GetValues<FrameDrop>())
        {
            accounted += frames.Drops(reason);
        }

        if (accounted != frames.Offered)
        {
            Report(null, Rules.Conservation, $"{frames.Offered} frames were sent, {accounted} are accounted for");
        }

        foreach (Actor actor in _world.Actors)
        {
            if (actor is HonestNode { IsUp: true, IsHonest: true } node)
            {
                CheckConservation(node);
                CheckMeshAgrees(node);
            }
        }
    }

    internal void OnDelivery(HonestNode node, SimMessage? message)
    {
        if (!node.IsHonest)
        {
            return;
        }

        if (message is null || message.Truth != MessageTruth.Accept)
        {
            Report(node, Rules.NoRejected, $"message {message?.Number ?? -1}");
        }
        else if (message.WasDeliveredTo(node) && message.Author != node)
        {
            Report(node, Rules.Once, $"message {message.Number}");
        }
    }

    /// <summary>A message that its router waits for is about to be judged.</summary>
    internal void BeforeVerdict(HonestNode node, SimMessage? message)
    {
        GossipsubOptions options = node.Options.Gossipsub ?? _world.Options.Gossipsub;
        if (node.IsHonest && message is not null && message.Author != node && message.WasDeliveredTo(node)
            && node.RouterSince <= message.CreatedAt && _world.Now - message.CreatedAt < options.SeenTtl
            && node.Router.SeenCount < options.MaxSeen / 3)
        {
            Report(node, Rules.JudgedOnce, $"message {message.Number}");
        }
    }

    internal void OnPenalty(HonestNode node, Connection connection, Misbehaviour misbehaviour)
    {
        if (!node.IsHonest || !connection.Remote.IsHonest)
        {
            return;
        }

        // A promise may break where a queue overflows or a link stalls. Two peers differ about a backoff where one lost
        // its memory, a connection and the PRUNE on it, or was told late, or sent its GRAFT before the PRUNE came.
        bool hasTrouble = connection.IsRenewed || connection.Reverse.IsRenewed
            || connection.HasStalled || connection.Reverse.HasStalled || _world.Options.Links.Reorder;
        bool excused = misbehaviour == Misbehaviour.BrokenPromise
            || (misbehaviour == Misbehaviour.GraftDuringBackoff && (hasTrouble || HasCrossed(connection)));
        if (excused)
        {
            ExcusedOffences++;
        }
        else
        {
            Report(node, Rules.NoOffence, $"{misbehaviour} by actor {connection.Remote.Number}");
        }
    }

    /// <summary>Whether the peer's last GRAFT was sent before our last PRUNE had come, and both lately.</summary>
    private bool HasCrossed(Connection connection) =>
        _world.NowTicks - connection.PrunedAt <= 3 * connection.Latency
        && (connection.Reverse.PrunedAt < connection.PrunedAt
            || connection.Reverse.GraftedAt <= connection.Reverse.PrunedAt);

    internal void AfterHeartbeat(HonestNode node)
    {
        if (_world.Options.Check && node.IsHonest)
        {
            CheckMeshSizes(node);
            CheckTables(node);
            CheckScores(node);
        }
    }
}

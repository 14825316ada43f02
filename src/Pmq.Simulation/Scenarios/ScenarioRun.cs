using Pmq.Core.Runtime;
using Pmq.Gossipsub;
using Pmq.Simulation.Attackers;
using Pmq.Simulation.Measuring;
using Pmq.Simulation.Nodes;
using Pmq.Simulation.Reports;

namespace Pmq.Simulation.Scenarios;

/// <summary>One run of a scenario: its network, its traffic, its attackers.</summary>
internal sealed partial class ScenarioRun
{
    private static readonly TimeSpan Chunk = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StartSpread = TimeSpan.FromSeconds(1);

    private readonly Scenario _scenario;
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private readonly List<HonestNode> _honest = [];
    private readonly List<Attacker> _attackers = [];
    private readonly List<TimeMark> _marks = [];
    private readonly List<CheckResult> _checks = [];
    private readonly List<KeyValuePair<string, double>> _facts = [];
    private readonly Dictionary<Type, object> _notes = [];

    public ScenarioRun(Scenario scenario, ScenarioRequest request)
    {
        _scenario = scenario;
        Request = request;
        Sybils = request.Sybils ?? (int)Math.Round(scenario.SybilRatio * request.Nodes);
        AttackAt = request.WarmUp ?? scenario.WarmUp;
        End = AttackAt + (request.Measured ?? scenario.Measured);
        Options = Without(scenario.Options, request.Off);
        World = new World(new WorldOptions
        {
            Seed = request.Seed,
            Gossipsub = Options,
            Links = scenario.LinksOf(request.Seed),
            Check = request.ChecksSteps,
        });
        Chance = World.Chance.Fork("scenario");
        var node = new NodeOptions { Topics = scenario.Topics, Verifier = scenario.Verifier };
        for (int i = 0; i < request.Nodes; i++)
        {
            _honest.Add(World.Add(scenario.CreateNode(i, node)));
        }

        Publishers = _honest[..PublishedSetting.PublishersOf(_honest.Count)];
        Graph = Graph.Dial(_honest.Count, PublishedSetting.DialsOf(_honest.Count), Chance);
        Graph.Apply(_honest);
    }

    public ScenarioRequest Request { get; }

    public World World { get; }

    public GossipsubOptions Options { get; }

    /// <summary>Who dials whom among the honest.</summary>
    public Graph Graph { get; }

    /// <summary>Attackers that are asked for.</summary>
    public int Sybils { get; }

    /// <summary>The end of the warm-up, when attacks begin.</summary>
    public TimeSpan AttackAt { get; }

    /// <summary>The last publication.</summary>
    public TimeSpan End { get; }

    public IReadOnlyList<HonestNode> Honest => _honest;

    public IReadOnlyList<HonestNode> Publishers { get; }

    public IReadOnlyList<Attacker> Attackers => _attackers;

    /// <summary>
    /// Whether honest nodes have so few links that some may have attackers alone for partners.
    /// </summary>
    public bool IsSmall => Honest.Count < 100;

    /// <summary>
    /// How late what gossip brings may be: two links to a neighbour, its next heartbeat, then IHAVE, IWANT and the
    /// message; one more for jitter and verdicts.
    /// </summary>
    public TimeSpan GossipTime => Options.HeartbeatInterval + (World.Options.Links.Latency * 6);

    /// <summary>Chance for the scenario's choices.</summary>
    public Chance Chance { get; }

    /// <summary>A moment of the measured time, from 0 (its begin) to 1 (its end).</summary>
    public TimeSpan At(double part) => AttackAt + ((End - AttackAt) * part);

    /// <summary>Notes something that the chart shows.</summary>
    public void Mark(TimeSpan at, string text) => _marks.Add(new TimeMark(at.TotalSeconds, text));

    /// <summary>Notes something that was counted.</summary>
    public void Fact(string name, double value) => _facts.Add(KeyValuePair.Create(name, value));

    /// <summary>Keeps something of the scenario's, one of its type.</summary>
    public void Note<T>(T item)
        where T : class => _notes[typeof(T)] = item;

    /// <summary>What was kept of a type.</summary>
    public T Noted<T>()
        where T : class => (T)_notes[typeof(T)];

    /// <summary>Notes whether something held.</summary>
    public void Require(string name, bool holds, string expected, string measured) =>
        _checks.Add(new CheckResult(name, holds, expected, measured));

    /// <summary>Adds attackers that come up at a time; each dials some of the targets, drawn by lot.</summary>
    /// <param name="targets">Whom they may dial.</param>
    /// <param name="dials">How many each dials.</param>
    /// <param name="from">When they come up.</param>
    /// <param name="spread">Each dials each target at a time of its own in this span from then on.</param>
    /// <param name="create">Makes one of its plan.</param>
    public IReadOnlyList<T> AddAttackers<T>(
        IReadOnlyList<Actor> targets, int dials, TimeSpan from, TimeSpan spread, Func<AttackPlan, T> create)
        where T : Attacker
    {
        var added = new List<T>(Sybils);
        for (int i = 0; i < Sybils; i++)
        {
            T attacker = World.Add(create(new AttackPlan(_scenario.Topics, Draw(targets, dials), spread)));
            added.Add(attacker);
            World.At(from, () => World.Start(attacker));
        }

        _attackers.AddRange(added);
        return added;
    }

    /// <summary>Some of them, drawn by lot.</summary>
    public IReadOnlyList<T> Draw<T>(IReadOnlyList<T> all, int count)
    {
        T[] drawn = [.. all];
        Chance.Shuffle<T>(drawn);
        return drawn[..Math.Min(count, drawn.Length)];
    }

    /// <summary>Lets it happen.</summary>
    public void Carry(Action<double>? progress, CancellationToken cancellationToken)
    {
        TimeSpan start = _scenario.HonestStart;
        foreach (HonestNode node in _honest)
        {
            World.At(Chance.NextTimeSpan(start, start + StartSpread), () => World.Start(node));
        }

        double rate = PublishedSetting.RateOf(_honest.Count) / _scenario.Topics.Count;
        foreach (string topic in _scenario.Topics)
        {
            new Traffic(Publishers, topic, rate, PublishedSetting.PayloadSize).Start(World, start + StartSpread, End);
        }

        TimeSpan last = End + _scenario.Drain;
        while (World.Now < last)
        {
            World.RunUntil(World.Now + Chunk < last ? World.Now + Chunk : last, cancellationToken);
            progress?.Invoke(World.Now / last);
        }

        World.Checkers.Finish();
        Result = World.Measure.Summarize(AttackAt, End);
    }

    /// <summary>What was measured; null before the end.</summary>
    public Summary Result { get; private set; } = null!;
}

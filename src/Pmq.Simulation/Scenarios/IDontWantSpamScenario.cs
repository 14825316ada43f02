using Pmq.Simulation.Attackers;
using Pmq.Simulation.Links;
using Pmq.Simulation.Nodes;

namespace Pmq.Simulation.Scenarios;

/// <summary>Endless ids that a peer says it does not want.</summary>
internal sealed class IDontWantSpamScenario : SpamScenario<IDontWantSpammer>
{
    // A fifth more RPCs than are taken in a heartbeat, and of each a fifth more ids.
    private const int RpcsOfRound = 120;
    private const int IdsOfRpc = 12;

    // What the honest say of what goes round meanwhile.
    private const int OfHonest = 1000;

    public override string Name => "idontwant-spam";

    public override string Description =>
        "Attackers say of 14,400 made-up ids a second that they do not want them, in 1200 RPCs.";

    public override string Holds =>
        "all is delivered, 99 of 100 at most 250 ms late; of each attacker at most 10,000 ids a heartbeat are kept, for "
        + "three heartbeats";

    protected override TimeSpan? GraylistedWithin => null;

    internal override void Prepare(ScenarioRun run)
    {
        base.Prepare(run);
        Kept kept = new();
        run.Note(kept);
        run.World.Every(TimeSpan.FromMilliseconds(500), run.AttackAt, run.End, () => Look(run, kept));
    }

    protected override IDontWantSpammer Create(AttackPlan plan, TimeSpan from) =>
        new(plan, TimeSpan.FromMilliseconds(100), from, RpcsOfRound, IdsOfRpc);

    protected override double WorkOf(ScenarioRun run, IReadOnlyList<IDontWantSpammer> attackers) =>
        run.Honest.Sum(node => node.Router.Counters.IDontWantIds);

    protected override void CheckWork(ScenarioRun run, IReadOnlyList<IDontWantSpammer> attackers, int links) =>
        run.RequireAtMost(
            "ids-kept-of-each",
            run.Noted<Kept>().Most,
            (double)run.Options.MaxIDontWantMessages * run.Options.MaxIDontWantIds * run.Options.IDontWantTtl);

    private static void Look(ScenarioRun run, Kept kept)
    {
        foreach (HonestNode node in run.Honest)
        {
            int peers = node.Connections.Count(static connection => !connection.Remote.IsHonest);
            double ofEach = (double)(node.Router.UnwantedCount - OfHonest) / Math.Max(1, peers);
            kept.Most = Math.Max(kept.Most, ofEach);
        }
    }

    /// <summary>The most ids that were kept of an attacker, beside what the honest may have said.</summary>
    private sealed class Kept
    {
        public double Most { get; set; }
    }
}

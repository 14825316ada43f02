using Pmq.Simulation.Attackers;

namespace Pmq.Simulation.Scenarios;

/// <summary>Endless ids that a peer says it does not want.</summary>
internal sealed class IDontWantSpamScenario : SpamScenario<IDontWantSpammer>
{
    public override string Name => "idontwant-spam";

    public override string Description => "Attackers say of 10,000 made-up ids a second that they do not want them.";

    public override string Holds => "all is delivered, 99 of 100 at most 250 ms late; the ids kept of a peer are bounded";

    protected override TimeSpan? GraylistedWithin => null;

    protected override IDontWantSpammer Create(AttackPlan plan, TimeSpan from) =>
        new(plan, TimeSpan.FromMilliseconds(100), from, 1000);

    protected override double WorkOf(ScenarioRun run, IReadOnlyList<IDontWantSpammer> attackers) =>
        run.Honest.Sum(node => node.Router.Counters.IDontWantIds);

    protected override void CheckWork(ScenarioRun run, IReadOnlyList<IDontWantSpammer> attackers, int links)
    {
    }
}

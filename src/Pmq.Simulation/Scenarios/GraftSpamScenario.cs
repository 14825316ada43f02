using Pmq.Simulation.Attackers;

namespace Pmq.Simulation.Scenarios;

/// <summary>GRAFT without regard to any backoff: P7.</summary>
internal sealed class GraftSpamScenario : SpamScenario<GraftSpammer>
{
    public override string Name => "graft-spam";

    public override string Description => "Attackers leave the mesh and graft again five times a second, whatever the backoff.";

    public override string Holds =>
        "all is delivered, 99 of 100 at most 250 ms late; who grafts during backoff is graylisted within 8 heartbeats "
        + "and gets no answer from then on";

    public override Defences Control => Defences.Scoring;

    // Two misdeeds each time, 55 are enough: −5 · 45² < −10,000.
    protected override TimeSpan? GraylistedWithin => TimeSpan.FromSeconds(8);

    protected override GraftSpammer Create(AttackPlan plan, TimeSpan from) =>
        new(plan, TimeSpan.FromMilliseconds(200), from);

    protected override double WorkOf(ScenarioRun run, IReadOnlyList<GraftSpammer> attackers) =>
        attackers.Sum(attacker => attacker.Answers);

    protected override void CheckWork(ScenarioRun run, IReadOnlyList<GraftSpammer> attackers, int links) =>
        run.RequireAtMost("answers", WorkOf(run, attackers), 60.0 * links);
}

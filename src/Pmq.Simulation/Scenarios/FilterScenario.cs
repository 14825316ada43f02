using Pmq.Simulation.Attackers;
using Pmq.Simulation.Messages;

namespace Pmq.Simulation.Scenarios;

/// <summary>Attackers that take places in all meshes and pass on only a part of what they get.</summary>
internal sealed class FilterScenario(
    string name, string description, Func<ScenarioRun, SimMessage, int, bool> passes) : Scenario
{
    private static readonly TimeSpan MaxSpread = TimeSpan.FromSeconds(20);

    public override string Name => name;

    public override string Description => description;

    public override string Holds =>
        "all is delivered, 99 of 100 at most 250 ms late (with fewer than 100 nodes, which have few links: within half "
        + "a heartbeat)";

    public override double SybilRatio => 2;

    public override Defences Control => Defences.Scoring;

    internal override void Prepare(ScenarioRun run)
    {
        TimeSpan spread = (run.End - run.AttackAt) / 3;
        run.Mark(run.AttackAt, "attack");
        int number = 0;
        run.AddAttackers(
            run.Honest,
            PublishedSetting.SybilDialsOf(run.Honest.Count),
            run.AttackAt,
            spread < MaxSpread ? spread : MaxSpread,
            plan =>
            {
                int own = number++;
                return new Infiltrator(plan, message => passes(run, message, own));
            });
    }

    internal override void Check(ScenarioRun run)
    {
        run.RequireDelivery();
        run.RequireP99(run.IsSmall ? run.Options.HeartbeatInterval / 2 : TimeSpan.FromMilliseconds(250));
    }
}

using Pmq.Gossipsub;
using Pmq.Simulation.Attackers;

namespace Pmq.Simulation.Scenarios;

/// <summary>
/// Sinkholes that are as well connected as the honest and come up with them, so that there is no sound mesh to begin
/// with. The honest graft opportunistically every ten heartbeats, below a score of 1.
/// </summary>
internal sealed class InfiltrationScenario(
    string name, string description, TimeSpan honestStart, Func<ScenarioRun, bool> passes) : Scenario
{
    public override string Name => name;

    public override string Description => description;

    public override string Holds => "all is delivered, 99 of 100 at most 250 ms late";

    public override double SybilRatio => 4;

    public override Defences Control => Defences.Scoring;

    internal override TimeSpan HonestStart => honestStart;

    internal override GossipsubOptions Options { get; } = PublishedSetting.Options with { OpportunisticGraftTicks = 10 };

    internal override void Prepare(ScenarioRun run)
    {
        run.Mark(run.AttackAt, "measured");
        run.AddAttackers(
            run.Honest,
            PublishedSetting.DialsOf(run.Honest.Count),
            TimeSpan.Zero,
            TimeSpan.FromSeconds(1),
            plan => new Infiltrator(plan, _ => passes(run)));
    }

    internal override void Check(ScenarioRun run)
    {
        run.RequireDelivery();
        run.RequireP99(TimeSpan.FromMilliseconds(250));
    }
}

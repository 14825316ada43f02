namespace Pmq.Simulation.Scenarios;

/// <summary>Nobody attacks: what the network does by itself.</summary>
internal sealed class BaselineScenario : Scenario
{
    public override string Name => "baseline";

    public override string Description => "Nobody attacks.";

    public override string Holds => "all is delivered, at most 200 ms late, and each payload byte costs at most 8 received";

    internal override void Prepare(ScenarioRun run)
    {
    }

    internal override void Check(ScenarioRun run)
    {
        run.RequireDelivery();
        run.RequireMax(TimeSpan.FromMilliseconds(200));
        run.RequireBytes(8);
    }
}

using Pmq.Simulation.Nodes;

namespace Pmq.Simulation.Scenarios;

/// <summary>Nodes crash and come back.</summary>
internal sealed class ChurnScenario : Scenario
{
    public override string Name => "churn";

    public override string Description => "Every second one node in fifty crashes and comes back 5 s later.";

    public override string Holds =>
        "all is delivered to those that were up 3 s before and 5 s after its publication, 99 of 100 at most 250 ms late";

    internal override void Prepare(ScenarioRun run)
    {
        run.Mark(run.AttackAt, "churn");
        IReadOnlyList<HonestNode> others = [.. run.Honest.Skip(run.Publishers.Count)];
        int crashes = Math.Max(1, run.Honest.Count / 50);
        run.World.Every(TimeSpan.FromSeconds(1), run.AttackAt, run.End, () =>
        {
            foreach (HonestNode node in run.Draw(others, crashes))
            {
                run.World.Crash(node, machine: run.Chance.NextInt32(2) == 0);
                run.World.At(run.World.Now + TimeSpan.FromSeconds(5), () => run.World.Start(node));
            }
        });
    }

    internal override void Check(ScenarioRun run)
    {
        run.RequireDelivery();
        run.RequireP99(TimeSpan.FromMilliseconds(250));
        run.Fact("restarts", run.Honest.Sum(node => node.Life - 1));
    }
}

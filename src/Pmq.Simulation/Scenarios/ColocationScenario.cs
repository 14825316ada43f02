using System.Net;
using Pmq.Gossipsub;
using Pmq.Simulation.Attackers;

namespace Pmq.Simulation.Scenarios;

/// <summary>Many sinkholes behind few addresses: P6.</summary>
internal sealed class ColocationScenario : Scenario
{
    private const int AttackersOfAddress = 160;

    public override string Name => "colocation";

    public override string Description => "Sinkholes take places in all meshes from one address for each 160 of them.";

    public override string Holds =>
        "all is delivered, at most 200 ms late; at the end no attacker has a place in a mesh";

    public override double SybilRatio => 4;

    public override Defences Control => Defences.Scoring;

    internal override GossipsubOptions Options { get; } = PublishedSetting.Options with
    {
        Scoring = PublishedSetting.Scoring with { IpColocationWeight = -10, IpColocationThreshold = 3 },
    };

    internal override void Prepare(ScenarioRun run)
    {
        run.Mark(run.AttackAt, "attack");
        int number = 0;
        run.AddAttackers(
            run.Honest,
            PublishedSetting.SybilDialsOf(run.Honest.Count),
            run.AttackAt,
            TimeSpan.FromSeconds(5),
            plan => new Infiltrator(plan, _ => false)
            {
                Address = new IPAddress([30, 0, 0, (byte)(1 + (number++ / AttackersOfAddress))]),
            });
    }

    internal override void Check(ScenarioRun run)
    {
        run.RequireDelivery();
        run.RequireMax(TimeSpan.FromMilliseconds(200));
        run.RequireAtMost("attackers-in-meshes", run.Honest.Sum(node => node.MeshCounts.Other), 0);
    }
}

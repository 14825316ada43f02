using Pmq.Simulation.Links;

namespace Pmq.Simulation.Scenarios;

/// <summary>Members of meshes that read a tenth of the traffic.</summary>
internal sealed class SlowReadersScenario : Scenario
{
    private const int BytesPerSecond = 6000;

    public override string Name => "slow-readers";

    public override string Description => "Nodes that keep to the protocol read 6 kB a second from each peer.";

    public override string Holds =>
        "all is delivered, 99 of 100 at most 250 ms late; slow peers leave the meshes";

    public override double SybilRatio => 0.2;

    public override Defences Control => Defences.Scoring;

    internal override LinkOptions Links { get; } = new() { RelayQueueBytes = 128 * 1024, WindowBytes = 64 * 1024 };

    internal override void Prepare(ScenarioRun run)
    {
        run.Mark(run.AttackAt, "slow from here");
        var slow = new List<SlowNode>();
        for (int i = 0; i < run.Sybils; i++)
        {
            SlowNode node = run.World.Add(new SlowNode(run.Honest[0].Options));
            node.DialTargets.AddRange(run.Draw(run.Honest, PublishedSetting.DialsOf(run.Honest.Count)));
            run.World.At(TimeSpan.Zero, () => run.World.Start(node));
            run.World.At(run.AttackAt, () => node.ReadBytesPerSecond = BytesPerSecond);
            slow.Add(node);
        }

        run.Note(slow);
    }

    internal override void Check(ScenarioRun run)
    {
        run.RequireDelivery();
        run.RequireP99(TimeSpan.FromMilliseconds(250));
        (int slow, int all) = PlacesOf(run);
        run.Fact("slow-places", slow);
        run.Require(
            "slow-leave", slow * 20 <= all, "slow peers hold at most 5 % of the places in meshes", $"{slow} of {all}");
        run.Fact("stale-drops", run.World.Frames.Drops(FrameDrop.Stale));
        run.Fact("full-drops", run.World.Frames.Drops(FrameDrop.QueueFull));
    }

    internal override void CheckControl(ScenarioRun run)
    {
        (int slow, int all) = PlacesOf(run);
        run.Require("visibly-fails", slow * 20 > all, "without scores slow peers keep their places", $"{slow} of {all}");
    }

    private static (int Slow, int All) PlacesOf(ScenarioRun run)
    {
        int slow = run.Honest.Sum(node => node.MeshCounts.Other);
        return (slow, slow + run.Honest.Sum(node => node.MeshCounts.Honest));
    }
}

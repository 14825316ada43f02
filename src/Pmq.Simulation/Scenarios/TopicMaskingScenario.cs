using Pmq.Gossipsub;
using Pmq.Simulation.Attackers;
using Pmq.Simulation.Nodes;

namespace Pmq.Simulation.Scenarios;

/// <summary>
/// Attackers that serve one topic well and starve another: the score of the first hides what they do in the second,
/// unless each topic has a gate of its own (CVE-2022-47547).
/// </summary>
internal sealed class TopicMaskingScenario : Scenario
{
    private const string Served = "served";
    private const string Starved = "starved";

    public override string Name => "topic-masking";

    public override string Description => "Attackers pass everything on in one topic and nothing in another.";

    public override string Holds =>
        "all is delivered, 99 of 100 at most 250 ms late; at the end no attacker is in a mesh of the starved topic; "
        + "without the gate some are";

    public override double SybilRatio => 0.5;

    public override Defences Control => Defences.TopicGate;

    internal override List<string> Topics { get; } = [Served, Starved];

    // The published weights, but P3 counts from 5 s on and in shorter memory, so that it shows in a short run.
    internal override GossipsubOptions Options { get; } = PublishedSetting.Options with
    {
        Scoring = PublishedSetting.Scoring with
        {
            DefaultTopic = PublishedSetting.TopicScoring with
            {
                MeshMessageDeliveriesActivation = TimeSpan.FromSeconds(5),
                MeshMessageDeliveriesWindow = TimeSpan.FromMilliseconds(50),
                MeshMessageDeliveriesThreshold = 2,
                MeshMessageDeliveriesDecay = 0.9,
                MeshFailurePenaltyWeight = 0,
            },
        },
    };

    internal override void Prepare(ScenarioRun run) => run.AddAttackers(
        run.Honest,
        PublishedSetting.DialsOf(run.Honest.Count),
        TimeSpan.Zero,
        TimeSpan.FromSeconds(1),
        plan => new Infiltrator(plan, message => message.Topic == Served));

    internal override void Check(ScenarioRun run)
    {
        run.RequireDelivery();
        run.RequireP99(TimeSpan.FromMilliseconds(250));
        Measure(run);
        run.RequireAtMost("attackers-in-starved-meshes", PlacesIn(run, Starved), 0);
    }

    internal override void CheckControl(ScenarioRun run)
    {
        Measure(run);
        int places = PlacesIn(run, Starved);
        run.Require("visibly-fails", places > 0, "without the gate attackers stay where they starve", $"{places} places");
    }

    private static void Measure(ScenarioRun run)
    {
        run.Fact("attackers-in-served-meshes", PlacesIn(run, Served));
        run.Fact("attackers-in-starved-meshes", PlacesIn(run, Starved));
    }

    private static int PlacesIn(ScenarioRun run, string topic) =>
        run.Honest.Sum((HonestNode node) => node.MeshCountOf(topic).Other);
}

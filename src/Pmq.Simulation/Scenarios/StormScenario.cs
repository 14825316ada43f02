using Pmq.Core.Runtime;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Scoring;
using Pmq.Simulation.Links;
using Pmq.Simulation.Measuring;
using Pmq.Simulation.Messages;
using Pmq.Simulation.Nodes;

namespace Pmq.Simulation.Scenarios;

/// <summary>
/// Bad weather, by the seed: links lose packets, break, clog and partition, machines crash and come back, nodes leave a
/// topic and join it, speak old protocols, read slowly, have slow verifiers; messages come again. There is no attacker:
/// what it looks for are faults of ours.
/// </summary>
internal sealed class StormScenario : Scenario
{
    private const string Second = "other";

    // A backoff, and what it takes to redial and to graft.
    private static readonly TimeSpan Settles = TimeSpan.FromSeconds(75);

    public override string Name => "storm";

    public override string Description =>
        "Links lose packets, break, clog and partition, machines crash, nodes leave and join; then all heals.";

    public override string Holds =>
        "no rule is broken, and what is published 75 s after the healing and later reaches everybody";

    public override TimeSpan WarmUp => TimeSpan.FromSeconds(10);

    public override TimeSpan Measured => TimeSpan.FromSeconds(140);

    internal override TimeSpan Drain => TimeSpan.FromSeconds(15);

    internal override GossipsubOptions Options => new() { Scoring = PeerScoreOptions.Default };

    internal override List<string> Topics => [PublishedSetting.Topic, Second];

    internal override LinkOptions LinksOf(ulong seed)
    {
        SeededChance chance = new(seed);
        return new LinkOptions
        {
            Jitter = 0.1 + (chance.NextDouble() * 0.5),
            Reorder = chance.NextInt32(4) == 0,
            PacketLoss = chance.NextInt32(2) * 0.02,
            BreaksPerHour = chance.NextInt32(2) * 20,
            RelayQueueBytes = 64 * 1024,
            UplinkBytesPerSecond = chance.NextInt32(2) * 5_000_000,
        };
    }

    internal override HonestNode CreateNode(int index, NodeOptions options) => new(options with
    {
        KeepsRouter = index % 3 == 0,
        Verifier = new VerifierOptions { MaxDelay = TimeSpan.FromMilliseconds(1 + (index * 7 % 100)) },
    })
    {
        Protocol = (index % 5) switch
        {
            0 => PubsubProtocol.Meshsub10,
            1 => PubsubProtocol.Meshsub11,
            _ => PubsubProtocol.Meshsub12,
        },
    };

    internal override void Prepare(ScenarioRun run)
    {
        TimeSpan heal = HealAt(run);
        run.Mark(run.AttackAt, "storm");
        run.Mark(heal, "calm");
        for (int i = 0; i < 2 * run.Honest.Count; i++)
        {
            run.World.At(run.Chance.NextTimeSpan(run.AttackAt, heal), () => Strike(run));
        }

        run.World.At(heal, () => Heal(run));
    }

    internal override void Check(ScenarioRun run)
    {
        TimeSpan calm = HealAt(run) + Settles;
        bool isLong = run.End > calm;
        Summary after = run.World.Measure.Summarize(isLong ? calm : run.End, run.End);
        run.Require(
            "alive",
            !isLong || (after.Lost == 0 && after.Published > 0),
            $"from {Settles.TotalSeconds:0} s after the healing on all is delivered",
            isLong ? $"{after.Delivered} of {after.Expected}" : "not measured so long");
        run.Fact("excused-offences", run.World.Checkers.ExcusedOffences);
        run.Fact("lowest-honest-score", run.World.Checkers.LowestHonestScore);
    }

    private static TimeSpan HealAt(ScenarioRun run) => run.At(0.35);

    private static void Strike(ScenarioRun run)
    {
        (World world, Chance chance) = (run.World, run.Chance);
        HonestNode node = run.Honest[chance.NextInt32(run.Honest.Count)];
        TimeSpan after = world.Now + chance.NextTimeSpan(TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(20));
        TimeSpan until = after < HealAt(run) ? after : HealAt(run);
        int links = node.Connections.Count;
        Connection? link = links > 0 ? node.Connections[chance.NextInt32(links)] : null;
        switch (chance.NextInt32(8))
        {
            case 0:
                world.Crash(node, machine: chance.NextInt32(2) == 0);
                world.At(until, () => world.Start(node));
                break;
            case 1 when chance.NextInt32(5) == 0:
                int sides = 2 + chance.NextInt32(2);
                world.Partition(actor => actor.Number % sides);
                world.At(until, world.Heal);
                break;
            case 2 when link is not null:
                World.Clog(link);
                world.At(until, () => world.Unclog(link));
                break;
            case 3 when link is not null:
                world.Break(link);
                break;
            case 4:
                node.ReadBytesPerSecond = 50_000;
                world.At(until, () => node.ReadBytesPerSecond = null);
                break;
            case 5 when node.IsUp && node.JoinedTopics.Contains(Second):
                node.Leave(Second);
                world.At(until, () => JoinAgain(node));
                break;
            case 6 when link is not null:
                node.Disconnect(link);
                break;
            case 7 when link is not null && world.Messages.Count > 0:
                SimMessage old = world.Messages[chance.NextInt32(world.Messages.Count)];
                world.Send(link, old.Frame, FrameClass.Relay);
                break;
        }
    }

    private static void JoinAgain(HonestNode node)
    {
        if (node.IsUp && !node.JoinedTopics.Contains(Second))
        {
            node.Join(Second);
        }
    }

    private static void Heal(ScenarioRun run)
    {
        run.World.Heal();
        foreach (HonestNode node in run.Honest)
        {
            run.World.Start(node);
            node.ReadBytesPerSecond = null;
            JoinAgain(node);
            foreach (Connection connection in node.Connections)
            {
                run.World.Unclog(connection);
            }
        }
    }
}

using Pmq.Core.Runtime;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.State;
using Pmq.Simulation.Attackers;
using Pmq.Simulation.Checks;
using Pmq.Simulation.Links;
using Pmq.Simulation.Messages;
using Pmq.Simulation.Nodes;

namespace Pmq.Simulation.Tests.Checks;

/// <summary>
/// Each rule is broken on purpose, by a node or a router that is otherwise sound, and its checker must see it: a checker
/// that cannot fail is worth nothing.
/// </summary>
public sealed class CanaryTests
{
    private const string Topic = "sim";
    private static readonly TimeSpan End = TimeSpan.FromSeconds(12);

    [Fact]
    public void Sound_nodes_break_no_rule()
    {
        World world = Run(() => new HonestNode());

        Assert.Empty(world.Checkers.Violations);
    }

    [Fact]
    public void A_node_that_delivers_what_it_should_reject_is_caught()
    {
        World world = Run(() => new Credulous(), Publish(MessageTruth.Reject));

        AssertBroken(world, Rules.NoRejected);
    }

    [Fact]
    public void A_node_that_delivers_twice_is_caught() => AssertBroken(Run(() => new Stuttering()), Rules.Once);

    [Fact]
    public void A_router_that_forgets_what_it_has_seen_is_caught()
    {
        GossipsubOptions forgetful = new() { SeenTtl = TimeSpan.FromSeconds(1), Scoring = PeerScoreOptions.Default };
        World world = Run(() => new Misconfigured(forgetful), nodes => nodes[0].World.Send(
            nodes[0].Connections[0], nodes[0].World.Messages[0].Frame, FrameClass.Relay));

        AssertBroken(world, Rules.JudgedOnce);
    }

    [Fact]
    public void A_node_whose_mesh_outgrows_its_options_is_caught()
    {
        GossipsubOptions greedy = new() { MeshDegree = 40, MeshDegreeLow = 40, MeshDegreeHigh = 60 };

        AssertBroken(Run(() => new Misconfigured(greedy)), Rules.MeshSize);
    }

    [Fact]
    public void A_node_whose_mesh_stays_below_its_options_is_caught() =>
        AssertBroken(Run(() => new Misconfigured(new GossipsubOptions { MeshDegree = 2, MeshDegreeHigh = 3 })), Rules.MeshSize);

    [Fact]
    public void A_router_that_keeps_a_change_of_its_mesh_to_itself_is_caught() =>
        AssertBroken(Run(() => new Secretive()), Rules.MeshAgrees);

    [Fact]
    public void A_table_that_outgrows_its_bound_is_caught()
    {
        NodeOptions declared = new() { Gossipsub = new GossipsubOptions { MaxHistory = 5 } };

        AssertBroken(Run(() => new Misconfigured(new GossipsubOptions(), declared)), Rules.Bounded);
    }

    [Fact]
    public void A_node_that_graylists_the_honest_is_caught() => AssertBroken(Run(() => new Paranoid()), Rules.HonestHeard);

    [Fact]
    public void A_score_that_rises_by_an_offence_is_caught()
    {
        World world = Run(() => new Rewarding(), nodes =>
        {
            HonestNode victim = nodes[0];
            Connection toVictim = victim.Connections[0].Reverse;
            victim.World.Send(toVictim, new RawRpc().Graft(Topic).ToFrame(), FrameClass.Control);
            victim.World.Send(toVictim, new RawRpc().Prune(Topic, 60).ToFrame(), FrameClass.Control);
            victim.World.Send(toVictim, new RawRpc().Graft(Topic).ToFrame(), FrameClass.Control);
        });

        Assert.Contains(world.Checkers.Violations, violation => violation.Rule == Rules.Monotonic);
    }

    [Fact]
    public void An_offence_among_the_honest_is_caught()
    {
        World world = Run(() => new HonestNode(), nodes => nodes[0].World.Send(
            nodes[0].Connections[0], new Frame(new byte[] { 0xFF }), FrameClass.Publish));

        AssertBroken(world, Rules.NoOffence);
    }

    [Fact]
    public void A_frame_that_vanishes_is_caught()
    {
        World world = Run(() => new HonestNode(), nodes => nodes[0].World.Frames.Offered++);

        AssertBroken(world, Rules.Conservation);
    }

    [Fact]
    public void A_router_that_drops_a_message_without_a_reason_is_caught()
    {
        World world = Run(() => new HonestNode(), nodes => nodes[3].Router.Counters.MessagesReceived++);

        AssertBroken(world, Rules.Conservation);
        Assert.Equal(3, Assert.Single(world.Checkers.Violations).Actor);
    }

    [Fact]
    public void Nodes_that_pass_nothing_on_are_caught_by_liveness()
    {
        World world = Run(() => new Mute(), graph: Graph.Line(6));
        world.Checkers.RequireDelivery(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(9));

        AssertBroken(world, Rules.Liveness);
    }

    [Fact]
    public void A_node_that_takes_its_chance_from_elsewhere_is_caught_by_the_trace() => Assert.NotEqual(
        Run(() => new Capricious()).TraceHash,
        Run(() => new Capricious()).TraceHash);

    private static World Run(Func<HonestNode> create, Action<IReadOnlyList<HonestNode>>? at6 = null, Graph? graph = null)
    {
        World world = new(new WorldOptions
        {
            Seed = 5,
            Gossipsub = new GossipsubOptions { Scoring = PeerScoreOptions.Default },
        });
        HonestNode[] nodes = [.. Enumerable.Range(0, graph is null ? 40 : 6).Select(_ => world.Add(create()))];
        (graph ?? Graph.Dial(nodes.Length, 15, world.Chance)).Apply(nodes);
        foreach (HonestNode node in nodes)
        {
            world.Start(node);
        }

        new Traffic(nodes, Topic, PerSecond: 20, Size: 200).Start(world, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(9));
        world.At(TimeSpan.FromSeconds(6), () => at6?.Invoke(nodes));
        world.RunUntil(End);
        world.Checkers.Finish();
        return world;
    }

    private static Action<IReadOnlyList<HonestNode>> Publish(MessageTruth truth) => nodes =>
    {
        World world = nodes[0].World;
        Frame bad = world.Messages.Create(Topic, 100, nodes[0], truth, world.Now).Frame;
        world.Send(nodes[0].Connections[0], bad, FrameClass.Publish);
    };

    private static void AssertBroken(World world, string rule)
    {
        Assert.NotEmpty(world.Checkers.Violations);
        Assert.All(world.Checkers.Violations, violation => Assert.Equal(rule, violation.Rule));
    }

    private sealed class Credulous : HonestNode
    {
        protected override Verdict Judge(SimMessage? message) => Verdict.Accept;
    }

    private sealed class Stuttering : HonestNode
    {
        private protected override void Deliver(GossipMessage message)
        {
            base.Deliver(message);
            if (message.ReceivedFrom is not null)
            {
                base.Deliver(message);
            }
        }
    }

    private sealed class Misconfigured(GossipsubOptions real, NodeOptions? declared = null) : HonestNode(declared)
    {
        private protected override GossipsubRouter NewRouter() => new(real, Id, Chance.Fork("router"), Now);
    }

    private sealed class Secretive : HonestNode
    {
        private bool _hasKept;

        private protected override void CarryOut(in Effect effect)
        {
            if (effect.Kind != EffectKind.Pruned || _hasKept)
            {
                base.CarryOut(effect);
            }

            _hasKept |= effect.Kind == EffectKind.Pruned;
        }
    }

    private sealed class Paranoid : HonestNode
    {
        protected internal override void OnConnected(Connection connection)
        {
            base.OnConnected(connection);
            if (Number == 7)
            {
                Router.SetApplicationScore(connection.Remote.Id, -100_000);
            }
        }
    }

    private sealed class Rewarding : HonestNode
    {
        private protected override GossipsubRouter NewRouter() =>
            new(World.Options.Gossipsub, Id, Chance.Fork("router"), Now, new Rising());

        private sealed class Rising : PeerPolicy
        {
            private double _score;

            public override double ScoreOf(GossipPeer peer) => _score++;
        }
    }

    private sealed class Mute : HonestNode
    {
        protected override Verdict Judge(SimMessage? message) => Verdict.Ignore;
    }

    private sealed class Capricious : HonestNode
    {
        private protected override GossipsubRouter NewRouter() =>
            new(World.Options.Gossipsub, Id, new SecureChance(), Now);
    }
}

using Pmq.Gossipsub;
using Pmq.Simulation.Links;
using Pmq.Simulation.Messages;
using Pmq.Simulation.Nodes;
using Pmq.Simulation.Tests.Links;

namespace Pmq.Simulation.Tests.Nodes;

public sealed class HonestNodeTests
{
    private const string Topic = "sim";

    [Fact]
    public void A_message_goes_from_end_to_end_of_a_line()
    {
        (World world, HonestNode[] nodes) = Line(5);
        SimMessage message = nodes[0].Publish(Topic, 500).Message;
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(5, message.DeliveredCount); // Its author, too.
        Assert.InRange(message.MaxLatency.TotalMilliseconds, 4 * 23.5, 4 * 30);
    }

    [Fact]
    public void A_verifier_works_off_so_many_a_second_and_loses_what_its_queue_cannot_hold()
    {
        NodeOptions slow = new() { Verifier = new VerifierOptions { PerSecond = 10, QueueLength = 5 } };
        (World world, HonestNode[] nodes) = Line(2, slow);
        for (int i = 0; i < 20; i++)
        {
            nodes[0].Publish(Topic, 100);
        }

        world.Run(TimeSpan.FromSeconds(0.25));
        Assert.InRange(nodes[1].VerifierBacklog, 3, 4);
        Assert.True(nodes[1].Router.Counters.Drops(MessageDrop.QueueFull) >= 15);
        world.Run(TimeSpan.FromSeconds(10));

        Assert.InRange(nodes[1].VerdictCounts[(int)Verdict.Accept], 6, 20); // Some of what was lost was asked for again.
        Assert.Equal(0, nodes[1].VerifierBacklog);
    }

    [Fact]
    public void A_verdict_that_takes_too_long_is_not_waited_for()
    {
        NodeOptions slow = new()
        {
            Verifier = new VerifierOptions
            {
                MinDelay = TimeSpan.FromSeconds(3),
                MaxDelay = TimeSpan.FromSeconds(3),
                Timeout = TimeSpan.FromSeconds(1),
            },
        };
        (World world, HonestNode[] nodes) = Line(2, slow);
        SimMessage message = nodes[0].Publish(Topic, 100).Message;
        world.Run(TimeSpan.FromSeconds(1.1));

        Assert.Equal(1, nodes[1].Router.Counters.Drops(MessageDrop.Timeout));
        Assert.False(message.WasDeliveredTo(nodes[1]));
    }

    [Fact]
    public void A_message_that_comes_again_after_its_id_was_forgotten_reaches_the_verifier_once_and_is_not_delivered()
    {
        (World world, HonestNode[] nodes) = Line(2);
        Probe stranger = world.Add(new Probe());
        world.Start(stranger);
        stranger.DialTo(nodes[1]);
        SimMessage message = nodes[0].Publish(Topic, 100).Message;
        world.Run(TimeSpan.FromMinutes(4));
        Assert.Equal(1, nodes[1].VerdictsAsked);
        for (int i = 0; i < 5; i++)
        {
            stranger.SendTo(nodes[1], message.Frame);
            world.Run(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(2, nodes[1].VerdictsAsked);
        Assert.Equal(1, nodes[1].VerdictCounts[(int)Verdict.Ignore]);
        Assert.Empty(world.Checkers.Violations);
    }

    [Fact]
    public void A_node_that_lost_its_peers_dials_them_again()
    {
        (World world, HonestNode[] nodes) = Line(3);
        world.Break(nodes[0].Connections[0]);
        Assert.Empty(nodes[0].Connections);
        world.Run(TimeSpan.FromSeconds(5));

        Assert.Single(nodes[0].Connections);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_node_that_crashed_comes_back_into_the_mesh(bool keepsRouter)
    {
        (World world, HonestNode[] nodes) = Line(3, new NodeOptions { KeepsRouter = keepsRouter });
        GossipsubRouter router = nodes[1].Router;
        nodes[0].Publish(Topic, 100);
        world.Run(TimeSpan.FromMilliseconds(26)); // It has the message, not the verdict.
        world.Crash(nodes[1]);
        world.Run(TimeSpan.FromSeconds(3));
        world.Start(nodes[1]);
        world.Run(TimeSpan.FromSeconds(70)); // Beyond any backoff.
        SimMessage message = nodes[0].Publish(Topic, 100).Message;
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(keepsRouter, router == nodes[1].Router);
        Assert.True(message.WasDeliveredTo(nodes[2]));
        world.Checkers.Finish();
        Assert.Empty(world.Checkers.Violations);
    }

    [Fact]
    public void A_publication_tells_to_how_many_it_goes_and_how_many_queues_refused_it()
    {
        World world = new(new WorldOptions { Links = new LinkOptions { PublishQueueBytes = 1000 } });
        HonestNode[] nodes = Nodes(world, 2, null);
        World.Clog(nodes[0].Connections[0]);

        Assert.Equal((1, 0), CountsOf(nodes[0].Publish(Topic, 600)));
        Assert.Equal((1, 1), CountsOf(nodes[0].Publish(Topic, 600)));
    }

    [Fact]
    public void The_way_of_a_followed_message_is_written_down()
    {
        World world = new(new WorldOptions { FollowMessage = 1 });
        HonestNode[] nodes = Nodes(world, 3, null);
        nodes[0].Publish(Topic, 100);
        nodes[0].Publish(Topic, 100);
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(
            [
                "actor 0: publishes it to 1 peers", "actor 0: is sent to actor 1", "actor 0: delivers it",
                "actor 1: arrives from actor 0", "actor 1: accepts it", "actor 1: is sent to actor 2",
                "actor 1: delivers it", "actor 2: arrives from actor 1", "actor 2: accepts it", "actor 2: delivers it",
            ],
            world.Followed.Select(line => line[(line.IndexOf("actor", StringComparison.Ordinal))..]).ToArray());
    }

    [Fact]
    public void What_a_node_cannot_have_is_not_due_to_it()
    {
        (World world, HonestNode[] nodes) = Line(4);
        world.Crash(nodes[3]);
        nodes[0].Publish(Topic, 100); // Due to two.
        world.Run(TimeSpan.FromSeconds(10));
        world.Start(nodes[3]);
        world.Run(TimeSpan.FromSeconds(1));
        nodes[0].Publish(Topic, 100); // The last has just begun.
        world.Run(TimeSpan.FromSeconds(70));
        nodes[0].Publish(Topic, 100); // Due to all three.
        world.Run(TimeSpan.FromSeconds(10));

        Assert.Equal(7, world.Measure.Summarize(TimeSpan.Zero, world.Now).Expected);
        Assert.Empty(world.Measure.Losses(TimeSpan.Zero, world.Now));
    }

    [Fact]
    public void A_node_of_low_score_is_known_by_its_address()
    {
        World world = new(new WorldOptions
        {
            Gossipsub = new GossipsubOptions { Scoring = Gossipsub.Scoring.PeerScoreOptions.Default },
        });
        HonestNode node = Nodes(world, 1, null)[0];
        for (int i = 0; i < 15; i++)
        {
            Probe probe = world.Add(new Probe { Address = System.Net.IPAddress.Parse("11.1.1.1") });
            world.Start(probe);
            probe.DialTo(node);
        }

        world.Run(TimeSpan.FromSeconds(3));

        Assert.All(node.Connections, connection => Assert.True(node.Router.ScoreOf(HonestNode.PeerOf(connection)) < 0));
    }

    private static (int, int) CountsOf(PublishResult result) => (result.Recipients, result.Dropped);

    private static (World World, HonestNode[] Nodes) Line(int count, NodeOptions? options = null)
    {
        World world = new(new WorldOptions());
        return (world, Nodes(world, count, options));
    }

    private static HonestNode[] Nodes(World world, int count, NodeOptions? options)
    {
        HonestNode[] nodes = [.. Enumerable.Range(0, count).Select(_ => world.Add(new HonestNode(options)))];
        Graph.Line(count).Apply(nodes);
        foreach (HonestNode node in nodes)
        {
            world.Start(node);
        }

        world.RunUntil(TimeSpan.FromSeconds(5));
        return nodes;
    }
}

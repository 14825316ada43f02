using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests.Simulation;

/// <summary>
/// Many routers in virtual time. A failure tells the seed in the test's name; the same seed gives the same run.
/// </summary>
public sealed class NetworkTests
{
    private const string Topic = "reports";

    [Theory]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    [InlineData(10, 3)]
    [InlineData(10, 4)]
    public void Twenty_nodes_deliver_a_hundred_messages_to_everybody_once(int degree, ulong seed)
    {
        Network network = Joined(20, seed);
        network.ConnectAtRandom(degree);
        network.Run(2);

        string[] sent = PublishFromEverywhere(network, 100);
        network.Run(5);

        AssertAllDelivered(network, sent);
        AssertNoPenalties(network);
    }

    [Fact]
    public void A_message_published_right_after_connecting_is_not_lost()
    {
        Network network = Joined(2, 5);
        network.Connect(network.Nodes[0], network.Nodes[1]);
        network.Run(0.1); // One exchange of announcements; no heartbeat is waited for.

        Assert.Equal(1, network.Nodes[0].Publish(Topic, "first").Recipients);
        network.Run(0.1);

        Assert.Equal(["first"], network.Nodes[1].Delivered);
    }

    [Fact]
    public void A_chain_carries_messages_from_end_to_end()
    {
        Network network = Joined(10, 6);
        for (int i = 1; i < 10; i++)
        {
            network.Connect(network.Nodes[i - 1], network.Nodes[i]);
        }

        network.Run(2);
        string[] sent = PublishFromEverywhere(network, 50);
        network.Run(5);

        AssertAllDelivered(network, sent);
    }

    [Fact]
    public void A_star_within_D_high_carries_messages_from_ray_to_ray()
    {
        Network network = Star(11, 7, new GossipsubOptions());
        string[] sent = PublishFromEverywhere(network, 50);
        network.Run(5);

        AssertAllDelivered(network, sent);
    }

    [Fact]
    public void A_star_beyond_D_high_keeps_the_hubs_mesh_bounded_and_reaches_the_other_rays_by_gossip()
    {
        // Every ray outside the mesh is told: with the default D_lazy some would hear of a message with luck only.
        Network network = Star(19, 7, new GossipsubOptions { GossipDegree = 19 });
        string[] sent = PublishFromEverywhere(network, 50);
        network.Run(10);

        Assert.InRange(network.Nodes[0].Router.MeshOf(Topic).Count, 6, 11);
        AssertAllDelivered(network, sent);
    }

    [Fact]
    public void A_star_heals_by_peer_exchange()
    {
        Network network = Star(19, 7, new GossipsubOptions
        {
            MeshDegree = 2,
            MeshDegreeHigh = 4,
            PeerExchange = true,
            Scoring = null, // Whoever tells us of others is believed.
        });
        network.Run(5);
        Assert.All(network.Nodes[1..], ray => Assert.InRange(ray.Neighbours.Count(), 2, 19));
        string[] sent = PublishFromEverywhere(network, 50);
        network.Run(10);

        AssertAllDelivered(network, sent);
    }

    [Fact]
    public void A_tree_carries_messages_to_every_leaf()
    {
        Network network = Joined(15, 8);
        for (int i = 1; i < 15; i++)
        {
            network.Connect(network.Nodes[i], network.Nodes[(i - 1) / 2]);
        }

        network.Run(2);
        string[] sent = PublishFromEverywhere(network, 50);
        network.Run(5);

        AssertAllDelivered(network, sent);
    }

    [Fact]
    public void A_late_joiner_recovers_the_last_heartbeats_by_gossip()
    {
        Network network = Joined(12, 9);
        network.ConnectAtRandom(11);
        network.Run(3);
        string[] sent = PublishFromEverywhere(network, 20);
        network.Run(0.5);
        Node late = network.Add();
        late.Join(Topic);
        foreach (Node node in network.Nodes[..12])
        {
            network.Connect(late, node);
        }

        network.Run(4);

        Assert.Equal(sent.Order(StringComparer.Ordinal), late.Delivered.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Floodsub_peers_get_and_give_everything()
    {
        Network network = new(10);
        for (int i = 0; i < 15; i++)
        {
            network.Add(i % 3 == 0 ? PubsubProtocol.Floodsub : PubsubProtocol.Meshsub11).Join(Topic);
        }

        network.ConnectAtRandom(5);
        network.Run(2);
        string[] sent = PublishFromEverywhere(network, 60);
        network.Run(5);

        AssertAllDelivered(network, sent);
    }

    [Fact]
    public void A_publisher_that_has_not_joined_reaches_everybody()
    {
        Network network = Joined(15, 11);
        Node publisher = network.Add();
        network.ConnectAtRandom(5);
        network.Run(2);
        string[] sent = [.. Enumerable.Range(0, 30).Select(i => $"m{i}")];
        foreach (string data in sent)
        {
            publisher.Publish(Topic, data);
            network.Run(0.05);
        }

        network.Run(5);

        Assert.Empty(publisher.Delivered);
        network.Nodes.Remove(publisher);
        AssertAllDelivered(network, sent);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(13)]
    public void Gossip_recovers_what_the_links_lose(ulong seed)
    {
        Network network = Joined(20, seed);
        network.ConnectAtRandom(10);
        network.Run(2);
        network.PayloadLoss = 0.3;

        string[] sent = PublishFromEverywhere(network, 100);
        network.Run(10);

        AssertAllDelivered(network, sent);
    }

    [Fact]
    public void Delivery_goes_on_after_half_of_the_peers_vanish()
    {
        Network network = Joined(20, 14);
        network.ConnectAtRandom(10);
        network.Run(2);
        PublishFromEverywhere(network, 20);
        Node[] gone = [.. network.Nodes.Where((_, i) => i % 2 == 0)];
        foreach (Node node in gone)
        {
            foreach (Node neighbour in node.Neighbours.ToArray())
            {
                network.Disconnect(node, neighbour);
            }

            network.Nodes.Remove(node);
        }

        network.Run(2);
        network.Nodes.ForEach(node => node.Delivered.Clear());
        string[] sent = PublishFromEverywhere(network, 40, "after");
        network.Run(5);

        AssertAllDelivered(network, sent);
    }

    [Fact]
    public void A_node_that_leaves_gets_nothing_and_a_node_that_comes_back_gets_everything()
    {
        Network network = Joined(10, 15);
        network.ConnectAtRandom(5);
        network.Run(2);
        Node node = network.Nodes[3];
        node.Leave(Topic);
        network.Run(1);
        network.Nodes[4].Publish(Topic, "away");
        network.Run(6);
        Assert.Empty(node.Delivered);
        node.Join(Topic);
        network.Run(12);
        network.Nodes[4].Publish(Topic, "back");
        network.Run(3);

        Assert.Equal(["back"], node.Delivered);
        AssertNoPenalties(network);
    }

    [Fact]
    public void Signed_messages_of_every_node_reach_everybody()
    {
        Network network =
            Joined(12, 16, new GossipsubOptions { DefaultRules = new TopicRules(SignaturePolicy.StrictSign, default) });
        network.ConnectAtRandom(5);
        network.Run(2);

        string[] sent = PublishFromEverywhere(network, 40);
        network.Run(5);

        AssertAllDelivered(network, sent);
        AssertNoPenalties(network);
    }

    [Fact]
    public void What_one_node_rejects_it_neither_delivers_nor_passes_on_and_only_senders_are_charged()
    {
        Network network = Joined(3, 17);
        network.Connect(network.Nodes[0], network.Nodes[1]);
        network.Connect(network.Nodes[1], network.Nodes[2]);
        network.Nodes[1].Verifier = message => RouterHarness.Text(message).StartsWith("bad", StringComparison.Ordinal)
            ? Verdict.Reject
            : Verdict.Accept;
        network.Run(2);

        network.Nodes[0].Publish(Topic, "bad");
        network.Nodes[0].Publish(Topic, "good");
        network.Run(5);

        Assert.Equal(["good"], network.Nodes[2].Delivered);
        Assert.Equal([(0, Misbehaviour.RejectedMessage)], network.Nodes[1].Penalties);
        Assert.Empty(network.Nodes[2].Penalties);
    }

    [Fact]
    public void A_slow_verifier_delays_but_loses_nothing()
    {
        Network network = Joined(10, 18);
        network.ConnectAtRandom(5);
        network.Nodes.ForEach(node => node.VerdictDelay = TimeSpan.FromMilliseconds(800));
        network.Run(2);

        string[] sent = PublishFromEverywhere(network, 30);
        network.Run(15);

        AssertAllDelivered(network, sent);
        AssertNoPenalties(network);
    }

    [Fact]
    public void Every_mesh_has_its_degree_and_is_mutual_after_a_few_heartbeats()
    {
        Network network = Joined(30, 19);
        network.ConnectAtRandom(12);
        network.Run(10);

        foreach (Node node in network.Nodes)
        {
            Assert.InRange(node.Router.MeshOf(Topic).Count, 5, 12);
            foreach (GossipPeer peer in node.Router.MeshOf(Topic))
            {
                Node other = (Node)peer.DriverState!;
                Assert.Contains(other.Router.MeshOf(Topic), p => p.Id.Equals(node.Id));
            }
        }
    }

    [Fact]
    public void Copies_of_a_message_grow_with_the_mesh_not_with_the_connections()
    {
        Network network = Joined(40, 20);
        network.ConnectAtRandom(30);
        network.Run(10);
        int before = network.PayloadSent;

        PublishFromEverywhere(network, 20);
        network.Run(0.9);

        // Each node sends to its mesh at most, less the peer it came from.
        Assert.InRange((network.PayloadSent - before) / 20.0, 39, 40 * 12);
    }

    [Fact]
    public void One_seed_gives_one_run_and_another_seed_another()
    {
        Assert.Equal(Run(21), Run(21));
        Assert.NotEqual(Run(21), Run(22));

        static string Run(ulong seed)
        {
            Network network = Joined(12, seed);
            network.ConnectAtRandom(6);
            network.PayloadLoss = 0.1;
            network.Run(2);
            PublishFromEverywhere(network, 30);
            network.Run(5);
            return network.TraceText;
        }
    }

    private static Network Joined(int nodes, ulong seed, GossipsubOptions? options = null)
    {
        Network network = new(seed, options);
        foreach (Node node in network.Add(nodes))
        {
            node.Join(Topic);
        }

        return network;
    }

    private static Network Star(int rays, ulong seed, GossipsubOptions options)
    {
        Network network = Joined(rays + 1, seed, options);
        foreach (Node ray in network.Nodes[1..])
        {
            network.Connect(ray, network.Nodes[0]);
        }

        network.Run(2);
        return network;
    }

    private static string[] PublishFromEverywhere(Network network, int count, string prefix = "m")
    {
        string[] sent = [.. Enumerable.Range(0, count).Select(i => $"{prefix}{i}")];
        foreach (string data in sent)
        {
            PublishReceipt receipt = network.Nodes[network.Chance.NextInt32(network.Nodes.Count)].Publish(Topic, data);
            Assert.InRange(receipt.Recipients, 1, 40);
            network.Run(0.01);
        }

        return sent;
    }

    private static void AssertAllDelivered(Network network, string[] sent)
    {
        foreach (Node node in network.Nodes)
        {
            Assert.Equal(sent.Order(StringComparer.Ordinal), node.Delivered.Order(StringComparer.Ordinal));
        }
    }

    private static void AssertNoPenalties(Network network) =>
        Assert.All(network.Nodes, node => Assert.Empty(node.Penalties));
}

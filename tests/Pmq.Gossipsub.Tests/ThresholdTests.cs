using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>What follows from a score: gossip, publications and hearing end one after the other.</summary>
public sealed class ThresholdTests
{
    private const string Topic = "reports";

    private static readonly GossipsubOptions Scored = new()
    {
        Scoring = new PeerScoreOptions
        {
            DefaultTopic = null,
            Thresholds = new ScoreThresholds { Gossip = -10, Publish = -20, Graylist = -30 },
        },
    };

    [Theory]
    [InlineData(-30, true)]
    [InlineData(-30.1, false)]
    public void A_graylisted_peer_is_not_heard_at_all(double score, bool heard)
    {
        RouterHarness router = new(Scored);
        router.Join(Topic);
        router.Join("other");
        GossipPeer peer = router.AddPeer(Topic);
        GossipPeer author = router.AddPeer("other");
        Accept(router, author, "other", "m");
        router.Router.SetApplicationScore(peer.Id, score);
        router.Take();

        router.Receive(peer, new RpcBuilder()
            .Subscribe("new").Publish(Topic, "x").IHave(Topic, RouterHarness.IdOf("y"))
            .IWant(RouterHarness.IdOf("m")).Prune(Topic, 10));

        Assert.Equal(heard, router.Router.TopicsOf(peer).Contains("new"));
        Assert.Equal(heard ? 1 : 0, router.Validating.Count());
        Assert.Equal(heard, router.Router.IsInBackoff(Topic, peer.Id, router.Now));
        Assert.Equal(heard ? 0 : 1, router.Router.Counters.Drops(MessageDrop.PeerNotAdmitted));
        Assert.Equal(0, router.Penalties());
    }

    [Theory]
    [InlineData(-20, 3)]
    [InlineData(-20.1, 2)]
    public void Flood_publish_spares_peers_below_the_publish_threshold(double score, int recipients)
    {
        RouterHarness router = new(Scored with { FloodPublish = true });
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(3, Topic);
        router.Router.SetApplicationScore(peers[1].Id, score);
        router.Heartbeat(); // A member of the mesh gets its messages as long as it is one.

        Assert.Equal(recipients, router.Publish(Topic, "m").Recipients);
        Assert.Equal(recipients == 3, router.RecipientsOf("m").Contains(peers[1]));
    }

    [Fact]
    public void A_floodsub_peer_below_the_publish_threshold_gets_nothing()
    {
        RouterHarness router = new(Scored);
        router.Join(Topic);
        GossipPeer author = router.AddPeer(Topic);
        GossipPeer flood = router.AddPeer(Topic, protocol: PubsubProtocol.Floodsub);
        router.Router.SetApplicationScore(flood.Id, -20.1);

        router.Publish(Topic, "ours");
        Accept(router, author, Topic, "another's");

        Assert.DoesNotContain(flood, router.RecipientsOf("ours"));
        Assert.DoesNotContain(flood, router.RecipientsOf("another's"));
    }

    [Fact]
    public void A_fanout_holds_no_peer_below_the_publish_threshold()
    {
        RouterHarness router = new(Scored);
        GossipPeer[] peers = router.AddPeers(4, Topic);
        router.Router.SetApplicationScore(peers[0].Id, -20.1);
        router.Publish(Topic, "first");
        Assert.Equal(peers[1..].OrderBy(p => p.Id), router.Router.FanoutOf(Topic));

        router.Router.SetApplicationScore(peers[1].Id, -20.1);
        router.Heartbeat();
        router.Publish(Topic, "second");

        Assert.Equal(peers[2..].OrderBy(p => p.Id), router.Router.FanoutOf(Topic));
        Assert.DoesNotContain(peers[1], router.RecipientsOf("second"));
    }

    // A thin mesh is topped up beyond itself: not by those that are mistrusted.
    [Fact]
    public void A_publication_is_not_topped_up_from_peers_below_the_publish_threshold()
    {
        RouterHarness router = new(Scored);
        router.Join(Topic);
        GossipPeer bad = router.AddPeer(Topic);
        router.Router.SetApplicationScore(bad.Id, -20.1);
        router.Heartbeat();
        Assert.Empty(router.Router.MeshOf(Topic));

        Assert.Equal(0, router.Publish(Topic, "m").Recipients);
    }

    [Theory]
    [InlineData(-10, 1)]
    [InlineData(-10.1, 0)]
    public void Gossip_goes_to_no_peer_below_the_gossip_threshold_and_to_no_direct_peer(double score, int told)
    {
        DirectPeer direct = new(TestPeers.Id(700), []);
        RouterHarness router = new(Scored with { DirectPeers = [direct] });
        router.Join(Topic);
        GossipPeer friend = router.AddPeer(Topic, id: direct.Id);
        GossipPeer peer = router.AddPeer(Topic);
        router.Router.SetApplicationScore(peer.Id, score);
        router.Heartbeat(); // Out of the mesh, so that it could be told.
        router.Publish(Topic, "m");
        router.Take();

        router.Heartbeat();

        Assert.Equal(told, router.SentTo(peer).IHaves.Count);
        Assert.Empty(router.SentTo(friend).IHaves);
    }

    [Theory]
    [InlineData(-10, 1)]
    [InlineData(-10.1, 0)]
    public void An_ihave_and_an_iwant_below_the_gossip_threshold_are_ignored(double score, int answers)
    {
        RouterHarness router = new(Scored);
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        GossipPeer author = router.AddPeer(Topic);
        Accept(router, author, Topic, "m");
        router.Router.SetApplicationScore(peer.Id, score);
        router.Heartbeat();
        router.Take();

        router.Receive(peer, new RpcBuilder().IHave(Topic, RouterHarness.IdOf("x")).IWant(RouterHarness.IdOf("m")));

        Assert.Equal(answers, router.SentTo(peer).IWants.Count);
        Assert.Equal(answers, router.RecipientsOf("m").Count);
    }

    // Whoever advertised first was good then; when its turn comes it is not.
    [Fact]
    public void The_next_advertiser_is_not_asked_once_it_is_below_the_gossip_threshold()
    {
        RouterHarness router = new(Scored);
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(2, Topic);
        string id = RouterHarness.IdOf("x");
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, id));
        router.Receive(peers[1], new RpcBuilder().IHave(Topic, id));
        router.Router.SetApplicationScore(peers[1].Id, -10.1);
        router.Take();

        router.Heartbeat(5);

        Assert.Empty(router.SentTo(peers[1]).IWants);
    }

    [Fact]
    public void Control_of_a_peer_below_the_publish_threshold_is_still_heard()
    {
        RouterHarness router = new(Scored);
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.Router.SetApplicationScore(peer.Id, -25);

        router.Receive(peer, new RpcBuilder().Publish(Topic, "m").Prune(Topic, 10));

        Assert.Single(router.Validating);
        Assert.True(router.Router.IsInBackoff(Topic, peer.Id, router.Now));
    }

    private static void Accept(RouterHarness router, GossipPeer sender, string topic, string data)
    {
        router.Receive(sender, new RpcBuilder().Publish(topic, data));
        router.Judge(router.Validating.Last(), Verdict.Accept);
    }
}

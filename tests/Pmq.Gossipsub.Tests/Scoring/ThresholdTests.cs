using Pmq.Core.Hosting;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;
using static Pmq.Gossipsub.Tests.Scoring.ScoreBench;

namespace Pmq.Gossipsub.Tests.Scoring;

public sealed class ThresholdTests
{
    private static readonly PeerScoreOptions ByApplication = Only(Silent) with
    {
        Thresholds = new ScoreThresholds
        {
            Gossip = -10,
            Publish = -20,
            Graylist = -30,
            AcceptPeerExchange = 10,
            OpportunisticGraft = 5,
        },
    };

    [Fact]
    public void A_peer_below_zero_is_pruned_at_the_heartbeat_and_not_grafted_again_while_below()
    {
        RouterHarness router = Router(ByApplication);
        GossipPeer peer = router.AddPeer(Topic);
        router.Router.SetApplicationScore(peer.Id, -0.001);
        router.Heartbeat();
        Assert.False(router.IsInMesh(peer));
        Assert.Equal((Topic, 60UL), Assert.Single(router.SentTo(peer).Prunes));

        router.Advance(TimeSpan.FromSeconds(70));
        Assert.False(router.IsInMesh(peer));
        router.Receive(peer, new RpcBuilder().Graft(Topic));
        Assert.False(router.IsInMesh(peer));

        router.Router.SetApplicationScore(peer.Id, 0);
        router.Advance(TimeSpan.FromSeconds(70));
        Assert.True(router.IsInMesh(peer));
    }

    [Theory]
    [InlineData(-10, true)]
    [InlineData(-10.01, false)]
    public void Gossip_is_exchanged_down_to_its_threshold(double score, bool exchanged)
    {
        RouterHarness router = Router(ByApplication);
        GossipPeer author = router.AddPeer(Topic);
        GossipPeer peer = router.AddPeer();
        router.Router.SetApplicationScore(peer.Id, score);
        router.Receive(peer, new RpcBuilder().Subscribe(Topic));
        router.SendJudged(author, "a", Verdict.Accept);
        router.Take();

        router.Heartbeat();
        Assert.Equal(exchanged, router.SentTo(peer).IHaves.Count == 1);
        router.Receive(peer, new RpcBuilder().IHave(Topic, RouterHarness.IdOf("b")));
        Assert.Equal(exchanged, router.SentTo(peer).IWants.Count == 1);
        router.Receive(peer, new RpcBuilder().IWant(RouterHarness.IdOf("a")));
        Assert.Equal(exchanged, router.RecipientsOf("a").Contains(peer));
        Assert.Equal(exchanged ? 0 : 2, router.Router.Counters.GossipBelowThreshold);
    }

    [Theory]
    [InlineData(-20, true)]
    [InlineData(-20.01, false)]
    public void Publications_are_flooded_down_to_their_threshold(double score, bool sent)
    {
        RouterHarness router = new(new GossipsubOptions { Scoring = ByApplication, FloodPublish = true });
        router.Join(Topic);
        GossipPeer peer = router.AddPeer();
        router.Router.SetApplicationScore(peer.Id, score);
        router.Receive(peer, new RpcBuilder().Subscribe(Topic));

        Assert.Equal(sent ? 1 : 0, router.Publish(Topic, "a").Recipients);
    }

    [Theory]
    [InlineData(-20, true)]
    [InlineData(-20.01, false)]
    public void A_thin_mesh_is_made_up_for_by_peers_down_to_the_publish_threshold(double score, bool sent)
    {
        RouterHarness router = Router(ByApplication);
        GossipPeer peer = router.AddPeer();
        router.Router.SetApplicationScore(peer.Id, score);
        router.Receive(peer, new RpcBuilder().Subscribe(Topic));

        Assert.Equal(sent ? 1 : 0, router.Publish(Topic, "a").Recipients);
    }

    [Theory]
    [InlineData(-20, true)]
    [InlineData(-20.01, false)]
    public void Floodsub_peers_get_messages_down_to_the_publish_threshold(double score, bool sent)
    {
        RouterHarness router = Router(ByApplication);
        GossipPeer author = router.AddPeer(Topic);
        GossipPeer peer = router.AddPeer(Topic, protocol: PubsubProtocol.Floodsub);
        router.Router.SetApplicationScore(peer.Id, score);
        router.SendJudged(author, "relayed", Verdict.Accept);
        router.Publish(Topic, "own");

        Assert.Equal(sent, router.RecipientsOf("relayed").Contains(peer));
        Assert.Equal(sent, router.RecipientsOf("own").Contains(peer));
    }

    [Fact]
    public void A_fanout_takes_and_keeps_peers_down_to_the_publish_threshold()
    {
        RouterHarness router = new(new GossipsubOptions { Scoring = ByApplication });
        GossipPeer good = router.AddPeer(Topic);
        GossipPeer bad = router.AddPeer(Topic);
        router.Router.SetApplicationScore(bad.Id, -20.01);
        Assert.Equal(1, router.Publish(Topic, "a").Recipients);
        Assert.Equal([good], router.Router.FanoutOf(Topic));

        router.Router.SetApplicationScore(good.Id, -21);
        router.Heartbeat();
        Assert.Empty(router.Router.FanoutOf(Topic));
    }

    [Fact]
    public void Whatever_a_graylisted_peer_sends_is_ignored_subscriptions_and_control_too()
    {
        RouterHarness router = Router(ByApplication);
        router.Join("u");
        GossipPeer peer = router.AddPeer(Topic);
        router.Router.SetApplicationScore(peer.Id, -30);
        router.Send(peer, "at the threshold");
        Assert.Single(router.Validating);

        router.Router.SetApplicationScore(peer.Id, -30.01);
        router.Take();
        router.Receive(
            peer, new RpcBuilder().Subscribe("u").Publish(Topic, "below").Graft("u").IWant(RouterHarness.IdOf("x")));

        Assert.Empty(router.Effects);
        Assert.Equal([Topic], router.Router.TopicsOf(peer));
        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.PeerNotAdmitted));
    }

    [Fact]
    public void A_direct_peer_is_heard_whatever_its_score()
    {
        RouterHarness router = new(new GossipsubOptions
        {
            Scoring = ByApplication,
            DirectPeers = [new DirectPeer(TestPeers.Id(0), [])],
        });
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.Router.SetApplicationScore(peer.Id, -1000);
        router.Send(peer, "a");

        Assert.Single(router.Validating);
        Assert.Equal(1, router.Publish(Topic, "b").Recipients);
    }

    [Fact]
    public void Good_conduct_in_one_topic_does_not_keep_a_peer_in_the_mesh_of_another()
    {
        PeerScoreOptions options = PeerScoreOptions.Default;
        RouterHarness router = Router(options);
        router.Join("u");
        GossipPeer peer = router.AddPeer(Topic);
        router.Receive(peer, new RpcBuilder().Subscribe("u"));
        router.SendMany(peer, 30, Verdict.Accept);
        router.SendJudged(peer, "x", Verdict.Reject, "u");
        Assert.True(router.Score(peer) > 0);
        router.Heartbeat();
        Assert.True(router.IsInMesh(peer));
        Assert.False(router.IsInMesh(peer, "u"));

        // Nor does it come back while its own score in the topic is poor.
        router.Advance(TimeSpan.FromSeconds(65));
        router.SendMany(peer, 30, Verdict.Accept);
        router.Receive(peer, new RpcBuilder().Graft("u"));
        Assert.False(router.IsInMesh(peer, "u"));

        router.Router.SetScoring(options with { TopicGate = null });
        router.Advance(TimeSpan.FromSeconds(65));
        Assert.True(router.IsInMesh(peer, "u"));
    }

    [Fact]
    public void A_poor_mesh_gets_peers_that_are_better_than_its_median()
    {
        RouterHarness router = Opportunistic(out GossipPeer[] members, out GossipPeer[] others);
        Rate(router, members, 4);
        Rate(router, others[..1], 4);
        Rate(router, others[1..], 4.5);
        router.Heartbeat(3);

        Assert.Equal(2, router.Router.Counters.OpportunisticGrafts);
        Assert.Equal(2, others[1..].Count(peer => router.IsInMesh(peer)));
        Assert.False(router.IsInMesh(others[0]));
    }

    [Fact]
    public void A_mesh_whose_median_is_at_the_threshold_gets_nobody()
    {
        RouterHarness router = Opportunistic(out GossipPeer[] members, out GossipPeer[] others);
        Rate(router, members[..3], 0);
        Rate(router, members[3..], 5);
        Rate(router, others, 100);
        router.Heartbeat(3);

        Assert.Equal(0, router.Router.Counters.OpportunisticGrafts);
    }

    [Fact]
    public void A_mesh_that_is_good_elsewhere_and_starves_here_gets_peers_that_are_better_here()
    {
        TopicScoreOptions topic = Silent with { FirstMessageDeliveriesWeight = 1, FirstMessageDeliveriesCap = 100 };
        PeerScoreOptions scoring = ByApplication with { DefaultTopic = topic, TopicGate = 0 };
        RouterHarness router = Opportunistic(out GossipPeer[] members, out GossipPeer[] others, scoring);
        Rate(router, members, 50);
        router.SendMany(others[0], 3, Verdict.Accept);
        router.Heartbeat(3);

        Assert.True(router.IsInMesh(others[0]));
        Assert.Equal(1, router.Router.Counters.OpportunisticGrafts);
    }

    // A full mesh of six, and five peers beside it.
    private static RouterHarness Opportunistic(
        out GossipPeer[] members, out GossipPeer[] others, PeerScoreOptions? scoring = null)
    {
        RouterHarness router = new(new GossipsubOptions
        {
            Scoring = scoring ?? ByApplication,
            OpportunisticGraftTicks = 3,
            QueueProtection = null,
        });
        router.Join(Topic);
        members = router.AddPeers(6, Topic);
        others = router.AddPeers(5, Topic);
        Assert.All(members, peer => Assert.True(router.IsInMesh(peer)));
        return router;
    }

    private static void Rate(RouterHarness router, GossipPeer[] peers, double score)
    {
        foreach (GossipPeer peer in peers)
        {
            router.Router.SetApplicationScore(peer.Id, score);
        }
    }
}

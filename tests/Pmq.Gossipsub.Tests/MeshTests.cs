using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.State;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

public sealed class MeshTests
{
    private const string Topic = "reports";

    [Fact]
    public void Join_announces_the_topic_and_grafts_known_peers_up_to_D_at_once()
    {
        RouterHarness router = new();
        GossipPeer[] peers = router.AddPeers(10, Topic);
        router.Take();

        Assert.Equal(JoinOutcome.Joined, router.Join(Topic));

        Assert.Equal(6, router.Router.MeshOf(Topic).Count);
        Assert.All(peers, peer => Assert.Equal([(Topic, true)], router.SentTo(peer).Subscriptions));
        Assert.Equal(
            router.Router.MeshOf(Topic),
            peers.Where(peer => router.SentTo(peer).Grafts.Contains(Topic)).OrderBy(peer => peer.Id));
        Assert.Equal(6, router.Effects.Count(e => e.Kind == EffectKind.Grafted));
    }

    [Fact]
    public void Subscription_and_graft_leave_in_one_rpc()
    {
        RouterHarness router = new();
        GossipPeer peer = router.AddPeer(Topic);
        router.Take();

        router.Join(Topic);

        Assert.Single(router.SentTo(peer).Sizes);
    }

    [Fact]
    public void A_new_peer_is_told_every_joined_topic_in_one_rpc()
    {
        RouterHarness router = new();
        router.Join("a");
        router.Join("b");

        GossipPeer peer = router.AddPeer();

        SentRpc hello = router.SentTo(peer);
        Assert.Equal([("a", true), ("b", true)], hello.Subscriptions);
        Assert.Single(hello.Sizes);
    }

    [Fact]
    public void A_peer_that_announces_the_topic_is_grafted_at_once_while_the_mesh_is_below_D()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(8, Topic);

        Assert.Equal(peers[..6].OrderBy(p => p.Id), router.Router.MeshOf(Topic));
        Assert.Equal([Topic], router.SentTo(peers[0]).Grafts);
        Assert.Empty(router.SentTo(peers[7]).Grafts);
    }

    [Fact]
    public void Heartbeat_grafts_up_to_D_when_the_mesh_is_below_D_low()
    {
        RouterHarness router = new();
        router.Join(Topic);
        router.AddPeers(12, Topic);
        foreach (GossipPeer peer in router.Router.MeshOf(Topic).Take(2))
        {
            router.RemovePeer(peer);
        }

        Assert.Equal(4, router.Router.MeshOf(Topic).Count);
        router.Heartbeat();

        Assert.Equal(6, router.Router.MeshOf(Topic).Count);
    }

    [Fact]
    public void Heartbeat_leaves_a_mesh_of_D_low_alone()
    {
        RouterHarness router = new();
        router.Join(Topic);
        router.AddPeers(12, Topic);
        router.RemovePeer(router.Router.MeshOf(Topic)[0]);

        router.Heartbeat();

        Assert.Equal(5, router.Router.MeshOf(Topic).Count);
    }

    [Fact]
    public void Heartbeat_prunes_a_mesh_of_D_high_to_D()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(12);
        foreach (GossipPeer peer in peers)
        {
            router.Receive(peer, new RpcBuilder().Graft(Topic));
        }

        Assert.Equal(12, router.Router.MeshOf(Topic).Count);
        router.Take();
        router.Heartbeat();

        Assert.Equal(6, router.Router.MeshOf(Topic).Count);
        Assert.Equal(6, peers.Count(peer => router.SentTo(peer).Prunes.Contains((Topic, 60UL))));
    }

    [Fact]
    public void A_cut_mesh_keeps_D_out_peers_that_we_dialed()
    {
        for (ulong seed = 0; seed < 50; seed++)
        {
            RouterHarness router = new(seed: seed);
            router.Join(Topic);
            foreach (GossipPeer peer in router.AddPeers(11, direction: ConnectionDirection.Inbound))
            {
                router.Receive(peer, new RpcBuilder().Graft(Topic));
            }

            foreach (GossipPeer peer in router.AddPeers(2))
            {
                router.Receive(peer, new RpcBuilder().Graft(Topic));
            }

            router.Heartbeat();

            Assert.Equal(6, router.Router.MeshOf(Topic).Count);
            Assert.Equal(2, router.Router.MeshOf(Topic).Count(p => p.Direction == ConnectionDirection.Outbound));
        }
    }

    [Fact]
    public void A_mesh_without_peers_that_we_dialed_grafts_D_out_of_them()
    {
        RouterHarness router = new();
        router.Join(Topic);
        router.AddPeers(6, Topic, ConnectionDirection.Inbound);
        router.AddPeers(5, Topic);
        Assert.DoesNotContain(router.Router.MeshOf(Topic), p => p.Direction == ConnectionDirection.Outbound);

        router.Heartbeat();

        Assert.Equal(2, router.Router.MeshOf(Topic).Count(p => p.Direction == ConnectionDirection.Outbound));
        Assert.Equal(8, router.Router.MeshOf(Topic).Count);
    }

    [Fact]
    public void A_full_mesh_refuses_the_graft_of_a_peer_that_dialed_us_but_takes_one_that_we_dialed()
    {
        RouterHarness router = new();
        router.Join(Topic);
        foreach (GossipPeer peer in router.AddPeers(12))
        {
            router.Receive(peer, new RpcBuilder().Graft(Topic));
        }

        GossipPeer inbound = router.AddPeer(direction: ConnectionDirection.Inbound);
        GossipPeer outbound = router.AddPeer();
        router.Receive(inbound, new RpcBuilder().Graft(Topic));
        router.Receive(outbound, new RpcBuilder().Graft(Topic));

        Assert.Equal([(Topic, 60UL)], router.SentTo(inbound).Prunes);
        Assert.Empty(router.SentTo(outbound).Prunes);
        Assert.Contains(outbound, router.Router.MeshOf(Topic));
        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void A_graft_for_a_topic_that_we_have_not_joined_gets_no_answer()
    {
        RouterHarness router = new();
        GossipPeer peer = router.AddPeer();

        router.Receive(peer, new RpcBuilder().Graft("nowhere"));

        Assert.Empty(router.Effects);
        Assert.Equal(0, router.Router.KnownTopicCount);
    }

    [Fact]
    public void A_graft_of_a_peer_in_the_mesh_changes_nothing()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.Take();

        router.Receive(peer, new RpcBuilder().Graft(Topic));

        Assert.Empty(router.Effects);
    }

    [Fact]
    public void Three_grafts_in_one_rpc_are_all_taken()
    {
        RouterHarness router = new();
        foreach (string topic in (string[])["a", "b", "c"])
        {
            router.Join(topic);
        }

        GossipPeer peer = router.AddPeer();
        router.Receive(peer, new RpcBuilder().Graft("a").Graft("b").Graft("c"));

        Assert.Equal(["a", "b", "c"], router.Router.MeshTopicsOf(peer));
        Assert.Equal(["a", "b", "c"], router.Router.TopicsOf(peer));
    }

    [Fact]
    public void A_pruned_peer_is_not_grafted_until_its_backoff_has_passed()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);

        router.Receive(peer, new RpcBuilder().Prune(Topic, 20));

        Assert.Empty(router.Router.MeshOf(Topic));
        Assert.Single(router.Effects, e => e.Kind == EffectKind.Pruned);
        router.Advance(TimeSpan.FromSeconds(20.9)); // A heartbeat after the backoff, within the slack.
        Assert.Empty(router.Router.MeshOf(Topic));
        router.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([peer], router.Router.MeshOf(Topic));
    }

    [Fact]
    public void A_prune_without_a_backoff_counts_as_the_default_one()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);

        router.Receive(peer, new RpcBuilder().Prune(Topic));

        Assert.True(router.Router.IsInBackoff(Topic, peer.Id, TimeSpan.FromSeconds(59)));
        Assert.False(router.Router.IsInBackoff(Topic, peer.Id, TimeSpan.FromSeconds(60)));
    }

    [Theory]
    [InlineData(3601UL)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    public void A_backoff_beyond_the_limit_is_cut_to_it(ulong seconds)
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);

        router.Receive(peer, new RpcBuilder().Prune(Topic, seconds));

        Assert.True(router.Router.IsInBackoff(Topic, peer.Id, TimeSpan.FromSeconds(3599)));
        Assert.False(router.Router.IsInBackoff(Topic, peer.Id, TimeSpan.FromSeconds(3600)));
    }

    [Fact]
    public void A_graft_during_backoff_is_refused_and_penalised_twice_while_the_prune_is_fresh()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = Pruned(router);
        router.Advance(TimeSpan.FromSeconds(5));
        router.Take();

        router.Receive(peer, new RpcBuilder().Graft(Topic));

        Assert.Equal(2, router.Penalties(peer, Misbehaviour.GraftDuringBackoff));
        Assert.Equal([(Topic, 60UL)], router.SentTo(peer).Prunes);
        Assert.DoesNotContain(peer, router.Router.MeshOf(Topic));
    }

    [Fact]
    public void A_graft_during_backoff_begins_the_backoff_anew()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = Pruned(router);
        router.Advance(TimeSpan.FromSeconds(30));
        router.Take();

        router.Receive(peer, new RpcBuilder().Graft(Topic));

        Assert.Equal(1, router.Penalties(peer, Misbehaviour.GraftDuringBackoff));
        Assert.True(router.Router.IsInBackoff(Topic, peer.Id, router.Now + TimeSpan.FromSeconds(59)));
    }

    [Fact]
    public void A_backoff_outlives_the_connection()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = Pruned(router);
        PeerId id = peer.Id;
        router.RemovePeer(peer);
        router.Take();

        GossipPeer again = router.AddPeer(Topic, id: id);
        router.Receive(again, new RpcBuilder().Graft(Topic));

        Assert.Equal(2, router.Penalties(again, Misbehaviour.GraftDuringBackoff));
        Assert.DoesNotContain(again, router.Router.MeshOf(Topic));
    }

    [Fact]
    public void Backoffs_are_bounded_and_swept()
    {
        RouterHarness router = new(new GossipsubOptions { MaxBackoffsPerTopic = 3 });
        router.Join(Topic);
        foreach (GossipPeer peer in router.AddPeers(5))
        {
            router.Receive(peer, new RpcBuilder().Prune(Topic, 5));
        }

        Assert.Equal(2, router.Router.Counters.BackoffsNotNoted);
        router.Advance(TimeSpan.FromSeconds(16));
        router.Receive(router.AddPeer(), new RpcBuilder().Prune(Topic, 5));
        Assert.Equal(2, router.Router.Counters.BackoffsNotNoted);
    }

    [Fact]
    public void Leaving_prunes_the_mesh_and_both_sides_back_off_for_the_unsubscribe_backoff()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.Take();

        Assert.True(router.Leave(Topic));

        SentRpc sent = router.SentTo(peer);
        Assert.Equal([(Topic, false)], sent.Subscriptions);
        Assert.Equal([(Topic, 10UL)], sent.Prunes);
        router.Join(Topic);
        Assert.Empty(router.Router.MeshOf(Topic));
        router.Advance(TimeSpan.FromSeconds(12));
        Assert.Equal([peer], router.Router.MeshOf(Topic));
    }

    [Fact]
    public void A_prune_to_a_peer_of_v1_0_tells_no_backoff()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic, protocol: PubsubProtocol.Meshsub10);
        router.Take();

        router.Leave(Topic);

        Assert.Equal([(Topic, 0UL)], router.SentTo(peer).Prunes);
    }

    [Fact]
    public void A_floodsub_peer_is_never_grafted_gets_no_control_and_gets_every_message()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer flood = router.AddPeer(Topic, protocol: PubsubProtocol.Floodsub);
        router.Receive(flood, new RpcBuilder().Graft(Topic).IHave(Topic, RouterHarness.IdOf("x")));

        router.Publish(Topic, "m");
        router.Heartbeat(3);

        Assert.Empty(router.Router.MeshOf(Topic));
        Assert.Equal([flood], router.RecipientsOf("m"));
        SentRpc sent = router.SentTo(flood);
        Assert.Empty(sent.Grafts);
        Assert.Empty(sent.IHaves);
        Assert.Empty(sent.IWants);
    }

    [Fact]
    public void A_peer_that_takes_back_its_announcement_leaves_mesh_and_topic()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);

        router.Receive(peer, new RpcBuilder().Subscribe(Topic, false));

        Assert.Empty(router.Router.MeshOf(Topic));
        Assert.Empty(router.Router.PeersOf(Topic));
        Assert.Empty(router.Router.TopicsOf(peer));
    }

    [Fact]
    public void Repeats_in_one_rpc_collapse_and_the_last_word_counts()
    {
        RouterHarness router = new();
        GossipPeer peer = router.AddPeer();

        router.Receive(peer, new RpcBuilder().Subscribe("a").Subscribe("a").Subscribe("b").Subscribe("b", false));

        Assert.Equal(["a"], router.Router.TopicsOf(peer));
        Assert.Equal(1, router.Router.KnownTopicCount);
    }

    [Fact]
    public void A_topic_that_nobody_holds_any_more_is_forgotten()
    {
        RouterHarness router = new();
        GossipPeer first = router.AddPeer("a");
        GossipPeer second = router.AddPeer("b");

        router.RemovePeer(first);
        router.Receive(second, new RpcBuilder().Subscribe("b", false));

        Assert.Equal(0, router.Router.KnownTopicCount);
    }

    [Fact]
    public void An_rpc_of_a_removed_peer_leaves_no_trace()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer();
        router.RemovePeer(peer);
        router.Take();

        router.Receive(peer, new RpcBuilder().Subscribe("late").Graft(Topic).Publish(Topic, "m"));

        Assert.Empty(router.Effects);
        Assert.Equal(1, router.Router.KnownTopicCount);
    }

    [Fact]
    public void A_peer_announces_no_more_topics_than_allowed_and_the_rest_makes_no_state()
    {
        RouterHarness router = new(new GossipsubOptions { MaxTopicsPerPeer = 3 });
        GossipPeer peer = router.AddPeer();
        RpcBuilder rpc = new();
        for (int i = 0; i < 10; i++)
        {
            rpc.Subscribe($"topic-{i}");
        }

        router.Receive(peer, rpc);

        Assert.Equal(["topic-0", "topic-1", "topic-2"], router.Router.TopicsOf(peer));
        Assert.Equal(3, router.Router.KnownTopicCount);
        Assert.Equal(7, router.Router.Counters.SubscriptionsIgnored);
        Assert.Equal(1, router.Penalties(peer, Misbehaviour.TooManyTopics));
    }

    [Fact]
    public void The_subscription_filter_holds_for_us_and_for_peers()
    {
        RouterHarness router = new(new GossipsubOptions
        {
            SubscriptionFilter = topic => topic.StartsWith("don-", StringComparison.Ordinal),
        });
        GossipPeer peer = router.AddPeer();

        router.Receive(peer, new RpcBuilder().Subscribe("don-1").Subscribe("spam"));

        Assert.Equal(["don-1"], router.Router.TopicsOf(peer));
        Assert.Equal(JoinOutcome.BadTopic, router.Join("spam"));
        Assert.Equal(JoinOutcome.Joined, router.Join("don-1"));
    }

    [Fact]
    public void Join_refuses_what_is_no_topic_and_more_than_allowed()
    {
        RouterHarness router = new(new GossipsubOptions { MaxTopics = 1 });

        Assert.Equal(JoinOutcome.BadTopic, router.Join(""));
        Assert.Equal(JoinOutcome.BadTopic, router.Join(new string('x', 513)));
        Assert.Equal(JoinOutcome.BadTopic, router.Join("\ud800"));
        Assert.Equal(JoinOutcome.Joined, router.Join("a"));
        Assert.Equal(JoinOutcome.AlreadyJoined, router.Join("a"));
        Assert.Equal(JoinOutcome.TooManyTopics, router.Join("b"));
        Assert.False(router.Leave("b"));
    }

    [Fact]
    public void A_bootstrapper_with_all_degrees_zero_grafts_nobody()
    {
        RouterHarness router = new(new GossipsubOptions { MeshDegree = 0 });
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.Receive(peer, new RpcBuilder().Graft(Topic));
        router.Heartbeat(2);

        Assert.Empty(router.Router.MeshOf(Topic));
        Assert.Equal([(Topic, 60UL)], router.SentTo(peer).Prunes);
    }

    [Fact]
    public void A_peer_below_zero_is_pruned_at_the_heartbeat_and_not_grafted_again()
    {
        ScoreTable scores = new();
        RouterHarness router = new(policy: scores);
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        scores.Scores[peer] = -1;

        router.Heartbeat();
        router.Receive(peer, new RpcBuilder().Graft(Topic));

        Assert.Empty(router.Router.MeshOf(Topic));
    }

    [Fact]
    public void A_cut_mesh_keeps_the_D_score_best()
    {
        ScoreTable scores = new();
        RouterHarness router = new(policy: scores);
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(12);
        for (int i = 0; i < peers.Length; i++)
        {
            scores.Scores[peers[i]] = i;
            router.Receive(peers[i], new RpcBuilder().Graft(Topic));
        }

        router.Heartbeat();

        Assert.All(peers[8..], peer => Assert.Contains(peer, router.Router.MeshOf(Topic)));
    }

    [Theory]
    [InlineData(Admission.ControlOnly, 1, 0)]
    [InlineData(Admission.None, 0, 0)]
    [InlineData(Admission.All, 1, 1)]
    public void Admission_decides_what_of_an_rpc_is_taken(object admission, int grafted, int validating)
    {
        RouterHarness router = new(policy: new ScoreTable { Admission = (Admission)admission });
        router.Join(Topic);
        GossipPeer peer = router.AddPeer();

        router.Receive(peer, new RpcBuilder().Graft(Topic).Publish(Topic, "m"));

        Assert.Equal(grafted, router.Router.MeshOf(Topic).Count);
        Assert.Equal(validating, router.Validating.Count());
        Assert.Equal(1 - validating, router.Router.Counters.Drops(MessageDrop.PeerNotAdmitted));
    }

    [Fact]
    public void Adding_a_peer_twice_is_an_error_of_the_driver()
    {
        RouterHarness router = new();
        router.AddPeer(id: TestPeers.Id(5));

        Assert.Throws<InvalidOperationException>(() => router.AddPeer(id: TestPeers.Id(5)));
    }

    [Fact]
    public void A_violation_is_charged_and_ends_the_connection()
    {
        RouterHarness router = new();
        GossipPeer peer = router.AddPeer();

        router.Violate(peer, Gossipsub.Rpc.RpcViolation.TooManyIds);

        Assert.Equal(1, router.Penalties(peer, Misbehaviour.MalformedRpc));
        Assert.Equal(Consequence.Disconnect, Misbehaviours.ConsequenceOf(Misbehaviour.MalformedRpc));
    }

    /// <summary>A peer that grafted and was pruned by us at a heartbeat.</summary>
    private static GossipPeer Pruned(RouterHarness router)
    {
        GossipPeer[] peers = router.AddPeers(12, direction: ConnectionDirection.Inbound);
        foreach (GossipPeer peer in peers)
        {
            router.Receive(peer, new RpcBuilder().Graft(Topic));
        }

        router.Heartbeat();
        return peers.First(peer => !router.Router.MeshOf(Topic).Contains(peer));
    }

    private sealed class ScoreTable : PeerPolicy
    {
        public Dictionary<GossipPeer, double> Scores { get; } = [];

        public Admission Admission { get; init; }

        public override double ScoreOf(GossipPeer peer) => Scores.GetValueOrDefault(peer);

        public override Admission Admit(GossipPeer peer, TimeSpan now) => Admission;
    }
}

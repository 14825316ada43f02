using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.State;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>Peers come, go and say which topics they have joined.</summary>
public sealed class SubscriptionTests
{
    private const string Topic = "reports";

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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_said_and_taken_back_in_one_rpc_changes_nothing(bool isSubscribed)
    {
        RouterHarness router = new();
        GossipPeer peer = router.AddPeer(isSubscribed ? "a" : null);

        router.Receive(peer, new RpcBuilder().Subscribe("a").Subscribe("a", false));
        router.Receive(peer, new RpcBuilder().Subscribe("a", false).Subscribe("a"));
        Assert.Equal(isSubscribed, router.Router.TopicsOf(peer).Contains("a"));

        router.Receive(peer, new RpcBuilder().Subscribe("a", false).Subscribe("a").Subscribe("a"));
        Assert.Equal(["a"], router.Router.TopicsOf(peer));
    }

    [Fact]
    public void A_peer_at_its_limit_of_topics_may_change_one_for_another_in_one_rpc()
    {
        RouterHarness router = new(new GossipsubOptions { MaxTopicsPerPeer = 1 });
        GossipPeer peer = router.AddPeer("a");

        router.Receive(peer, new RpcBuilder().Subscribe("b").Subscribe("a", false));
        Assert.Equal(["b"], router.Router.TopicsOf(peer));
        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void Topics_and_the_peers_of_each_are_listed()
    {
        RouterHarness router = new();
        router.Join("b");
        router.Join("a");
        GossipPeer both = router.AddPeer("a", id: TestPeers.Id(1));
        router.Receive(both, new RpcBuilder().Subscribe("b"));
        GossipPeer one = router.AddPeer("a", id: TestPeers.Id(2));

        Assert.Equal(["a", "b"], router.Router.Topics);
        Assert.Equal(new[] { both, one }.OrderBy(p => p.Id), router.Router.PeersOf("a"));
        Assert.Equal([both], router.Router.PeersOf("b"));
        Assert.Equal(["a", "b"], router.Router.TopicsOf(both));
        Assert.Empty(router.Router.PeersOf("unknown"));
        router.RemovePeer(both);
        Assert.Equal([one], router.Router.PeersOf("a"));
        Assert.Equal([one], router.Router.Peers);
        Assert.Empty(router.Router.TopicsOf(both));
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
    }

    [Fact]
    public void A_peer_that_announces_topics_without_end_is_blamed()
    {
        RouterHarness router = new(new GossipsubOptions { MaxTopicsPerPeer = 3, MaxTopics = 10 });
        GossipPeer peer = router.AddPeer();
        for (int i = 0; i < 20; i++)
        {
            router.Receive(peer, new RpcBuilder().Subscribe($"topic-{i}"));
        }

        Assert.Equal(20 - 3 - 10, router.Penalties(peer, Misbehaviour.TooManyTopics));
        router.Heartbeat();
        router.Receive(peer, new RpcBuilder().Subscribe("one more"));
        Assert.Equal(20 - 3 - 10, router.Penalties(peer, Misbehaviour.TooManyTopics));
    }

    [Fact]
    public void A_flood_of_topics_is_blamed_by_its_size_and_one_announcement_of_very_many_is_forgiven()
    {
        RouterHarness router = new(new GossipsubOptions { Scoring = PeerScoreOptions.Default });
        GossipPeer flooder = router.AddPeer();
        GossipPeer large = router.AddPeer();

        router.Receive(flooder, Topics("first", 1000));
        router.Receive(flooder, Topics("and", 100));
        Assert.Equal(0, router.Penalties(flooder, Misbehaviour.TooManyTopics));
        router.Receive(flooder, Topics("second", 400));
        Assert.Equal(5, router.Penalties(flooder, Misbehaviour.TooManyTopics));
        router.Receive(flooder, Topics("third", 1));
        Assert.Equal(6, router.Penalties(flooder, Misbehaviour.TooManyTopics));

        router.Receive(large, Topics("mine", 1000));
        router.Receive(large, Topics("and", 1000));
        router.Receive(large, Topics("more", 1000));
        Assert.Equal(10, router.Penalties(large, Misbehaviour.TooManyTopics));
        Assert.Equal(0, router.Router.ScoreOf(large));
    }

    private static RpcBuilder Topics(string prefix, int count)
    {
        RpcBuilder rpc = new();
        for (int i = 0; i < count; i++)
        {
            rpc.Subscribe($"{prefix}-{i}");
        }

        return rpc;
    }

    // It may join a thousand by default, and we remember a hundred: that is no offence, nor does it keep us apart where
    // we are both.
    [Fact]
    public void A_peer_with_more_topics_than_we_remember_is_not_blamed_and_is_heard_on_ours()
    {
        RouterHarness router = new(new GossipsubOptions { MaxTopicsPerPeer = 3 });
        router.Join("ours");
        GossipPeer peer = router.AddPeer();
        for (int i = 0; i < 40; i++)
        {
            router.Receive(peer, new RpcBuilder().Subscribe($"topic-{i}"));
        }

        router.Receive(peer, new RpcBuilder().Subscribe("ours"));

        Assert.Equal(0, router.Penalties());
        Assert.Equal([peer], router.Router.MeshOf("ours"));
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
    public void A_peer_that_is_not_admitted_announces_nothing()
    {
        RouterHarness router = new(policy: new ScoreTable { Admission = Admission.None });
        router.Join(Topic);
        GossipPeer peer = router.AddPeer();

        router.Receive(peer, new RpcBuilder().Subscribe(Topic).Subscribe("spam"));

        Assert.Empty(router.Router.TopicsOf(peer));
        Assert.Empty(router.Router.MeshOf(Topic));
        Assert.Equal(1, router.Router.KnownTopicCount);
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
}

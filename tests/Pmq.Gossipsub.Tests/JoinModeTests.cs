using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>Topics that are relayed, and topics that are only published on.</summary>
public sealed class JoinModeTests
{
    private const string Topic = "t";

    [Fact]
    public void A_relayed_topic_is_passed_on_and_not_delivered()
    {
        RouterHarness router = Joined(JoinMode.Relay, out GossipPeer[] peers);
        Assert.Equal([(Topic, true)], router.SentTo(peers[0]).Subscriptions);
        Assert.Equal(3, router.Router.MeshOf(Topic).Count);

        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "a"));
        router.Judge(router.Validating.Single(), Verdict.Accept);
        Assert.Equal(peers[1..].ToHashSet(), [.. router.RecipientsOf("a")]);
        router.Publish(Topic, "own");
        Assert.Equal(3, router.RecipientsOf("own").Count);
        Assert.Empty(router.Delivered);
    }

    [Fact]
    public void A_relayed_message_that_is_rejected_is_not_passed_on()
    {
        RouterHarness router = Joined(JoinMode.Relay, out GossipPeer[] peers);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "a"));
        router.Judge(router.Validating.Single(), Verdict.Reject);

        Assert.Empty(router.RecipientsOf("a"));
        Assert.Equal(1, router.Penalties(peers[0], Misbehaviour.RejectedMessage));
    }

    [Fact]
    public void A_relayed_topic_that_is_joined_to_deliver_delivers_from_then_on_and_never_less()
    {
        RouterHarness router = Joined(JoinMode.Relay, out GossipPeer[] peers);
        Assert.Equal(JoinOutcome.AlreadyJoined, router.Join(Topic, JoinMode.Relay));
        Assert.Equal(JoinOutcome.Joined, router.Join(Topic));
        Assert.Equal(JoinOutcome.AlreadyJoined, router.Join(Topic, JoinMode.Relay));
        Assert.Equal(JoinMode.Deliver, router.Router.ModeOf(Topic));

        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "a"));
        router.Judge(router.Validating.Single(), Verdict.Accept);
        Assert.Single(router.Delivered);
    }

    [Fact]
    public void A_topic_that_was_relayed_once_delivers_when_it_is_joined_after_it_was_left()
    {
        RouterHarness router = Joined(JoinMode.Relay, out _);
        Assert.True(router.Leave(Topic));
        Assert.Null(router.Router.ModeOf(Topic));

        router.Join(Topic);
        Assert.Equal(JoinMode.Deliver, router.Router.ModeOf(Topic));
    }

    [Fact]
    public void A_topic_that_is_only_published_on_is_neither_announced_nor_heard()
    {
        RouterHarness router = Joined(JoinMode.FanoutOnly, out GossipPeer[] peers);
        Assert.All(peers, peer => Assert.Empty(router.SentTo(peer).Subscriptions));
        Assert.Empty(router.Router.MeshOf(Topic));
        Assert.Empty(router.Router.Topics);

        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "theirs"));
        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.TopicNotJoined));
        Assert.Equal(new PublishReceipt(3, false), router.Publish(Topic, "ours"));
        Assert.Equal("ours", RouterHarness.Text(router.Delivered.Single()));

        router.Receive(peers[0], new RpcBuilder().Graft(Topic));
        Assert.Empty(router.Router.MeshOf(Topic));
    }

    [Fact]
    public void A_topic_that_is_only_published_on_cannot_be_relayed_before_it_is_left()
    {
        RouterHarness router = Joined(JoinMode.FanoutOnly, out _);
        Assert.Equal(JoinOutcome.OtherMode, router.Join(Topic, JoinMode.Relay));
        Assert.Equal(JoinOutcome.OtherMode, router.Join(Topic));
        Assert.Equal(JoinOutcome.AlreadyJoined, router.Join(Topic, JoinMode.FanoutOnly));

        Assert.True(router.Leave(Topic));
        Assert.Equal(JoinOutcome.Joined, router.Join(Topic, JoinMode.Relay));
        Assert.Equal(JoinOutcome.OtherMode, router.Join(Topic, JoinMode.FanoutOnly));
    }

    [Fact]
    public void Topics_that_are_only_published_on_count_and_leave_nothing_behind()
    {
        RouterHarness router = new(new GossipsubOptions { MaxTopics = 2 });
        Assert.Equal(JoinOutcome.Joined, router.Join("a", JoinMode.FanoutOnly));
        Assert.Equal(JoinOutcome.Joined, router.Join("b"));
        Assert.Equal(JoinOutcome.TooManyTopics, router.Join("c", JoinMode.FanoutOnly));
        Assert.Equal(JoinOutcome.TooManyTopics, router.Join("c"));

        router.Leave("a");
        Assert.Equal(1, router.Router.KnownTopicCount);
        Assert.Equal(JoinOutcome.Joined, router.Join("c", JoinMode.FanoutOnly));
    }

    [Fact]
    public void A_publication_that_reached_nobody_is_delivered_here_once_on_a_topic_that_is_only_published_on()
    {
        RouterHarness router = new();
        router.Join(Topic, JoinMode.FanoutOnly);
        Assert.Equal(new PublishReceipt(0, false), router.Publish(Topic, "a"));
        router.AddPeer(Topic);
        Assert.Equal(new PublishReceipt(1, false), router.Publish(Topic, "a"));
        Assert.Equal(new PublishReceipt(0, true), router.Publish(Topic, "a"));
        Assert.Single(router.Delivered);
    }

    private static RouterHarness Joined(JoinMode mode, out GossipPeer[] peers)
    {
        RouterHarness router = new();
        peers = router.AddPeers(3, Topic);
        Assert.Equal(JoinOutcome.Joined, router.Join(Topic, mode));
        Assert.Equal(mode, router.Router.ModeOf(Topic));
        return router;
    }
}

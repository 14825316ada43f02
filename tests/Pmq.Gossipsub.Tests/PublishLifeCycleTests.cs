using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>What becomes of the id of our own publication.</summary>
public sealed class PublishLifeCycleTests
{
    private const string Topic = "reports";

    private static readonly GossipsubOptions Signed = new()
    {
        DefaultRules = new TopicRules(SignaturePolicy.StrictSign, default),
    };

    [Fact]
    public void A_publish_that_reached_nobody_is_not_seen_and_published_again_is_sent()
    {
        RouterHarness router = new();
        Assert.Equal(new PublishReceipt(0, false), router.Publish(Topic, "m"));
        GossipPeer peer = router.AddPeer(Topic);

        PublishReceipt again = router.Publish(Topic, "m");

        Assert.Equal(new PublishReceipt(1, false), again);
        Assert.Equal([peer], router.RecipientsOf("m"));
    }

    [Fact]
    public void A_publish_to_nobody_and_again_is_delivered_here_once()
    {
        RouterHarness router = new();
        router.Join(Topic);
        router.Publish(Topic, "m");
        router.AddPeer(Topic);

        PublishReceipt again = router.Publish(Topic, "m");

        Assert.Equal(new PublishReceipt(1, false), again);
        Assert.Single(router.Delivered);
    }

    [Fact]
    public void A_publish_that_every_queue_refused_can_be_published_again()
    {
        RouterHarness router = RouterHarness.Joined(out _, out _);
        GossipMessage message = router.Compose(Topic, "m");
        Assert.Equal(2, router.Publish(message).Recipients);

        router.Router.OnPublishUnsent(message, router.Now);

        Assert.Equal(new PublishReceipt(2, false), router.Publish(Topic, "m"));
        Assert.Single(router.Delivered);
    }

    [Fact]
    public void A_publish_to_nobody_that_a_peer_then_sends_is_judged_and_forwarded_but_not_delivered_twice()
    {
        RouterHarness router = new();
        router.Join(Topic);
        router.Publish(Topic, "m");
        GossipPeer sender = router.AddPeer(Topic);
        GossipPeer other = router.AddPeer(Topic);
        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));

        router.Judge(Assert.Single(router.Validating), Verdict.Accept);

        Assert.Equal([other], router.RecipientsOf("m"));
        Assert.Single(router.Delivered);
    }

    [Fact]
    public void A_publish_to_nobody_that_a_late_peer_asks_for_has_then_reached_somebody()
    {
        RouterHarness router = new();
        router.Join(Topic);
        router.Publish(Topic, "m");
        GossipPeer late = router.AddPeer(Topic);
        router.Receive(late, new RpcBuilder().IWant(RouterHarness.IdOf("m")));

        Assert.Equal([late], router.RecipientsOf("m"));
        Assert.True(router.Publish(Topic, "m").IsDuplicate);
    }

    [Fact]
    public void A_true_repeat_says_duplicate_and_sends_nothing()
    {
        RouterHarness router = RouterHarness.Joined(out _, out _);
        GossipMessage first = router.Compose(Topic, "m", 1);
        router.Publish(first);
        router.Take();
        GossipMessage repeat = router.Compose(Topic, "m", 2);

        Assert.Equal(new PublishReceipt(0, true), router.Publish(repeat));
        Assert.Equal(first.Id, repeat.Id);
        Assert.Empty(router.Effects);
    }

    [Fact]
    public void What_a_peer_sent_and_the_node_accepted_is_a_repeat_when_published()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer sender, out _);
        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));
        router.Judge(router.Validating.Single(), Verdict.Accept);

        Assert.True(router.Publish(Topic, "m").IsDuplicate);
    }

    [Fact]
    public void Publishing_what_waits_takes_its_place()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer sender, out _);
        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));
        GossipMessage waiting = router.Validating.Single();

        Assert.Equal(2, router.Publish(Topic, "m").Recipients);
        Assert.False(router.Judge(waiting, Verdict.Reject));
        Assert.Single(router.Delivered);
        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.Superseded));
    }

    [Fact]
    public void Our_own_publication_that_comes_back_is_a_duplicate()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer peer, out _);
        router.Publish(Topic, "m");
        router.Take();

        router.Receive(peer, new RpcBuilder().Publish(Topic, "m"));

        Assert.Empty(router.Effects);
        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.DuplicateSeen));
    }

    [Fact]
    public void Our_own_signed_message_of_an_earlier_life_is_dropped_without_blame()
    {
        RouterHarness before = new(Signed);
        GossipMessage old = before.Compose(Topic, "old");
        RouterHarness router = new(Signed);
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.Take();

        router.Receive(peer, new RpcBuilder().Publish(old));

        Assert.Empty(router.Effects);
        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.SelfOrigin));
    }
}

using Pmq.Core.Hosting;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>
/// A message that our queue had taken and that we lost by our own fault gets a second chance: the mesh may have been
/// told not to send it any more.
/// </summary>
public sealed class RecoveryTests
{
    private const string Topic = "reports";

    private static readonly string Large = new('x', 2000);

    [Fact]
    public void A_message_that_got_no_verdict_in_time_is_judged_again_at_the_next_heartbeat()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 3);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large));
        router.LoseAndFlush(router.Validating.Single(), ValidationLoss.Timeout);
        Assert.Equal(0, router.Router.PendingOf(Topic));

        router.Take();
        router.Heartbeat();
        Assert.Equal(1, router.Router.PendingOf(Topic));
        Assert.Empty(router.SentTo(peers[0]).IWants);
        router.Judge(router.Validating.Single(), Verdict.Accept);
        Assert.Equal(Large, RouterHarness.Text(router.Delivered.Single()));
        Assert.Equal(2, router.RecipientsOf(Large).Count);
        Assert.Equal(1, router.Router.Counters.Recoveries);
    }

    [Fact]
    public void Who_hears_late_that_we_do_not_want_what_we_then_lost_keeps_to_it_without_blame()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 2);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large));
        router.LoseAndFlush(router.Validating.Last(), ValidationLoss.Timeout);
        router.Heartbeat();
        router.LoseAndFlush(router.Validating.Last(), ValidationLoss.Timeout);
        router.Heartbeat(9);

        router.Receive(peers[1], new RpcBuilder().IHave(Topic, RouterHarness.IdOf(Large)));
        Assert.Equal([RouterHarness.IdOf(Large)], router.SentTo(peers[1]).IWants);
        router.Heartbeat(6);

        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void A_message_that_comes_again_before_the_heartbeat_is_not_judged_twice()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 2);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large));
        router.LoseAndFlush(router.Validating.Single(), ValidationLoss.Timeout);
        router.Receive(peers[1], new RpcBuilder().Publish(Topic, Large));

        router.Heartbeat();
        Assert.Equal(2, router.Validating.Count());
        Assert.Equal(1, router.Router.PendingOf(Topic));
    }

    [Fact]
    public void Nothing_is_judged_again_while_the_queue_is_half_full_or_the_topic_left()
    {
        RouterHarness router = RouterHarness.Joined(
            out GossipPeer[] peers, 2, new GossipsubOptions { MaxPendingPerTopic = 2 });
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "a"));
        router.LoseAndFlush(router.Validating.Single(), ValidationLoss.Timeout);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "b"));
        router.Heartbeat();
        Assert.Equal(1, router.Router.PendingOf(Topic));

        router.LoseAndFlush(router.Validating.Last(), ValidationLoss.Timeout);
        router.Leave(Topic);
        router.Heartbeat();
        Assert.Equal(2, router.Validating.Count());
        Assert.Equal(2, router.Router.Counters.RecoveriesNotMade);
    }

    [Theory]
    [InlineData(ValidationLoss.QueueFull)]
    [InlineData(ValidationLoss.VerifierLost)]
    public void A_message_that_found_no_room_is_asked_again_at_the_next_heartbeat(ValidationLoss loss)
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 2);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large));
        router.LoseAndFlush(router.Validating.Single(), loss);
        Assert.Empty(router.SentTo(peers[0]).IWants);

        router.Heartbeat();
        Assert.Equal([RouterHarness.IdOf(Large)], router.SentTo(peers[0]).IWants);
    }

    [Fact]
    public void The_next_sender_is_asked_when_the_first_does_not_answer_and_nobody_is_blamed()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 2);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large));
        router.Receive(peers[1], new RpcBuilder().Publish(Topic, Large));
        router.LoseAndFlush(router.Validating.Single(), ValidationLoss.QueueFull);
        router.Heartbeat();
        Assert.Equal([RouterHarness.IdOf(Large)], router.SentTo(peers[0]).IWants);

        router.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal([RouterHarness.IdOf(Large)], router.SentTo(peers[1]).IWants);
        router.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(0, router.Router.WantedCount);
        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void A_message_that_is_lost_twice_gets_no_third_chance()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 2);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large));
        router.LoseAndFlush(router.Validating.Single(), ValidationLoss.QueueFull);
        router.Heartbeat();
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large));
        router.LoseAndFlush(router.Validating.Last(), ValidationLoss.Timeout);
        router.Take();
        router.Heartbeat(2);

        Assert.Empty(router.SentTo(peers[0]).IWants);
        Assert.Empty(router.Validating);
        Assert.Equal((0, 1), (router.Router.WantedCount, router.Router.Counters.RecoveriesNotMade));
    }

    [Fact]
    public void Second_chances_are_bounded_in_each_heartbeat()
    {
        RouterHarness router = RouterHarness.Joined(
            out GossipPeer[] peers, 2, new GossipsubOptions { MaxRecoveries = 4 });
        for (int i = 0; i < 5; i++)
        {
            router.Receive(peers[0], new RpcBuilder().Publish(Topic, $"{i}"));
            ValidationLoss loss = i % 2 == 0 ? ValidationLoss.Timeout : ValidationLoss.QueueFull;
            router.LoseAndFlush(router.Validating.Last(), loss);
        }

        Assert.Equal((2, 3), (router.Router.Counters.Recoveries, router.Router.Counters.RecoveriesNotMade));
        router.Heartbeat();
        Assert.Single(router.SentTo(peers[0]).IWants);
        Assert.Equal(1, router.Router.PendingOf(Topic));

        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "next"));
        router.LoseAndFlush(router.Validating.Last(), ValidationLoss.Timeout);
        Assert.Equal(3, router.Router.Counters.Recoveries);
    }

    [Fact]
    public void Who_floods_the_queue_does_not_use_up_the_second_chances_of_others()
    {
        RouterHarness router = RouterHarness.Joined(
            out GossipPeer[] peers, 4, new GossipsubOptions { MaxRecoveries = 8 });
        for (int i = 0; i < 20; i++)
        {
            router.Receive(peers[0], new RpcBuilder().Publish(Topic, $"{i}"));
            router.LoseAndFlush(router.Validating.Last(), ValidationLoss.QueueFull);
        }

        Assert.Equal(4, router.Router.Counters.Recoveries);
        router.Receive(peers[1], new RpcBuilder().Publish(Topic, "other"));
        router.LoseAndFlush(router.Validating.Last(), ValidationLoss.QueueFull);
        Assert.Equal(5, router.Router.Counters.Recoveries);
    }

    [Fact]
    public void Senders_that_have_left_or_speak_only_floodsub_are_not_asked()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 1);
        GossipPeer flood = router.AddPeer(Topic, protocol: PubsubProtocol.Floodsub);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large));
        router.Receive(flood, new RpcBuilder().Publish(Topic, Large));
        GossipMessage message = router.Validating.Single();
        router.RemovePeer(peers[0]);
        router.LoseAndFlush(message, ValidationLoss.QueueFull);

        Assert.Equal((0, 1), (router.Router.WantedCount, router.Router.Counters.RecoveriesNotMade));
    }

    [Fact]
    public void What_a_full_queue_drops_at_the_door_is_not_seen_and_the_next_advertiser_is_asked()
    {
        RouterHarness router = RouterHarness.Joined(
            out GossipPeer[] peers, 2, new GossipsubOptions { MaxPendingPerTopic = 1 });
        GossipPeer other = router.AddPeer();
        router.Receive(peers[1], new RpcBuilder().IHave(Topic, RouterHarness.IdOf(Large)));
        router.Receive(other, new RpcBuilder().IHave(Topic, RouterHarness.IdOf(Large)));
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "fills the queue"));
        router.Receive(peers[1], new RpcBuilder().Publish(Topic, Large));
        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.QueueFull));
        router.Judge(router.Validating.Single(), Verdict.Accept);

        router.Heartbeat();
        Assert.Equal([RouterHarness.IdOf(Large)], router.SentTo(other).IWants);
        router.Receive(other, new RpcBuilder().Publish(Topic, Large));
        Assert.Equal(2, router.Validating.Count());
        Assert.Equal(0, router.Penalties());
    }
}

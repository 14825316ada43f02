using Pmq.Core.Hosting;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>
/// A message that our queue had taken and that we lost by our own fault is asked again of those who sent it: the mesh
/// may have been told not to send it any more.
/// </summary>
public sealed class RecoveryTests
{
    private const string Topic = "reports";

    private static readonly string Large = new('x', 2000);

    [Fact]
    public void A_message_that_got_no_verdict_in_time_is_asked_again_of_its_first_sender_at_once()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 3);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large));
        router.Receive(peers[1], new RpcBuilder().Publish(Topic, Large));
        router.LoseAndFlush(router.Validating.Single(), ValidationLoss.Timeout);

        Assert.Equal([RouterHarness.IdOf(Large)], router.SentTo(peers[0]).IWants);
        Assert.Empty(router.SentTo(peers[1]).IWants);
        Assert.Equal(1, router.Router.Counters.Recoveries);

        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large));
        router.Judge(router.Validating.Last(), Verdict.Accept);
        Assert.Equal(Large, RouterHarness.Text(router.Delivered.Single()));
        Assert.Equal(0, router.Router.WantedCount);
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
        router.LoseAndFlush(router.Validating.Single(), ValidationLoss.Timeout);

        router.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal([RouterHarness.IdOf(Large)], router.SentTo(peers[1]).IWants);
        router.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(0, router.Router.WantedCount);
        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void A_message_that_is_lost_twice_is_not_asked_again()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 2);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large));
        router.LoseAndFlush(router.Validating.Single(), ValidationLoss.Timeout);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large));
        GossipMessage again = router.Validating.Last();
        router.Take();
        router.LoseAndFlush(again, ValidationLoss.Timeout);

        Assert.Empty(router.SentTo(peers[0]).IWants);
        Assert.Equal((0, 1), (router.Router.WantedCount, router.Router.Counters.RecoveriesNotMade));
    }

    [Fact]
    public void Recoveries_are_bounded_in_each_heartbeat()
    {
        RouterHarness router = RouterHarness.Joined(
            out GossipPeer[] peers, 2, new GossipsubOptions { MaxRecoveries = 2 });
        for (int i = 0; i < 5; i++)
        {
            router.Receive(peers[0], new RpcBuilder().Publish(Topic, $"{i}"));
            router.LoseAndFlush(router.Validating.Last(), ValidationLoss.Timeout);
        }

        Assert.Equal(2, router.SentTo(peers[0]).IWants.Count);
        Assert.Equal((2, 3), (router.Router.Counters.Recoveries, router.Router.Counters.RecoveriesNotMade));

        router.Heartbeat();
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "next"));
        router.LoseAndFlush(router.Validating.Last(), ValidationLoss.Timeout);
        Assert.Equal(3, router.SentTo(peers[0]).IWants.Count);
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
        router.LoseAndFlush(message, ValidationLoss.Timeout);

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

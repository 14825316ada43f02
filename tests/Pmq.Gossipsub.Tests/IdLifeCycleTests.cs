using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>Each transition of an id: unknown → waits → seen with a verdict, and back to unknown.</summary>
public sealed class IdLifeCycleTests
{
    private const string Topic = "reports";

    [Fact]
    public void An_unknown_id_waits_for_its_verdict_and_goes_nowhere_before()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer sender, out _);

        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));

        Assert.Equal("m", RouterHarness.Text(Assert.Single(router.Validating)));
        Assert.Empty(router.Delivered);
        Assert.Empty(router.RecipientsOf("m"));
        Assert.Equal(1, router.Router.PendingOf(Topic));
    }

    [Fact]
    public void An_accepted_message_is_forwarded_and_then_delivered_once()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer sender, out GossipPeer other);
        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));
        GossipMessage message = Assert.Single(router.Validating);
        router.Take();

        Assert.True(router.Judge(message, Verdict.Accept));

        Assert.Equal([EffectKind.SendMessage, EffectKind.Deliver], router.Effects.Select(e => e.Kind));
        Assert.Equal([other], router.RecipientsOf(message));
        Assert.Equal(0, router.Router.PendingOf(Topic));
    }

    [Fact]
    public void A_copy_of_a_seen_message_goes_no_further()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer sender, out GossipPeer other);
        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));
        router.Judge(router.Validating.Single(), Verdict.Accept);
        router.Take();

        router.Receive(other, new RpcBuilder().Publish(Topic, "m"));

        Assert.Empty(router.Effects);
        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.DuplicateSeen));
    }

    [Fact]
    public void A_message_replayed_after_it_was_forgotten_reaches_the_verifier_once()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer sender, out GossipPeer other);
        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));
        router.Judge(router.Validating.Single(), Verdict.Accept);
        router.Advance(router.Options.SeenTtl * 2);
        router.Take();

        router.Receive(other, new RpcBuilder().Publish(Topic, "m"));
        router.Judge(router.Validating.Single(), Verdict.Ignore); // The node knows its sequence numbers.
        for (int i = 0; i < 10; i++)
        {
            router.Receive(other, new RpcBuilder().Publish(Topic, "m"));
        }

        Assert.Single(router.Validating);
        Assert.Empty(router.Delivered);
        Assert.Empty(router.RecipientsOf("m"));
        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void An_ignored_message_is_dropped_without_blame_and_stays_seen()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer sender, out GossipPeer other);
        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));
        router.Judge(router.Validating.Single(), Verdict.Ignore);
        router.Take();

        router.Receive(other, new RpcBuilder().Publish(Topic, "m"));

        Assert.Empty(router.Effects);
        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.Ignored));
    }

    [Fact]
    public void A_rejected_message_is_charged_to_every_peer_that_sent_it_before_and_after_the_verdict()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer first, out GossipPeer second);
        GossipPeer third = router.AddPeer(Topic);
        GossipPeer bystander = router.AddPeer(Topic);
        router.Receive(first, new RpcBuilder().Publish(Topic, "bad"));
        router.Receive(second, new RpcBuilder().Publish(Topic, "bad"));
        router.Judge(router.Validating.Single(), Verdict.Reject);
        router.Receive(third, new RpcBuilder().Publish(Topic, "bad"));

        Assert.Equal(1, router.Penalties(first, Misbehaviour.RejectedMessage));
        Assert.Equal(1, router.Penalties(second, Misbehaviour.RejectedMessage));
        Assert.Equal(1, router.Penalties(third, Misbehaviour.RejectedMessage));
        Assert.Equal(0, router.Penalties(bystander, Misbehaviour.RejectedMessage));
        Assert.Empty(router.Delivered);
        Assert.Empty(router.RecipientsOf("bad"));
    }

    [Fact]
    public void A_second_verdict_has_no_effect()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer sender, out _);
        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));
        GossipMessage message = router.Validating.Single();
        router.Judge(message, Verdict.Ignore);
        router.Take();

        Assert.False(router.Judge(message, Verdict.Accept));
        Assert.Empty(router.Effects);
    }

    [Fact]
    public void An_overload_forgets_the_id_and_the_message_is_taken_when_it_comes_again()
    {
        RouterHarness router = new(new GossipsubOptions { MaxPendingPerTopic = 1 });
        router.Join(Topic);
        GossipPeer sender = router.AddPeer(Topic);
        router.Receive(sender, new RpcBuilder().Publish(Topic, "one").Publish(Topic, "two"));
        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.QueueFull));
        router.Judge(router.Validating.Single(), Verdict.Accept);
        router.Take();

        router.Receive(sender, new RpcBuilder().Publish(Topic, "two"));

        Assert.Equal("two", RouterHarness.Text(Assert.Single(router.Validating)));
        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void The_queue_of_a_topic_is_bounded_by_bytes_too()
    {
        RouterHarness router = new(new GossipsubOptions { MaxMessageSize = 1024, MaxPendingBytesPerTopic = 1024 });
        router.Join(Topic);
        GossipPeer sender = router.AddPeer(Topic);

        router.Receive(sender, new RpcBuilder().Publish(Topic, new byte[700]));
        router.Receive(sender, new RpcBuilder().Publish(Topic, [.. new byte[699], 1]));

        Assert.Single(router.Validating);
        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.QueueFull));
    }

    [Fact]
    public void One_flooded_topic_leaves_room_to_another()
    {
        RouterHarness router = new(new GossipsubOptions { MaxPendingPerTopic = 1 });
        router.Join(Topic);
        router.Join("quiet");
        GossipPeer sender = router.AddPeer(Topic);

        router.Receive(sender, new RpcBuilder().Publish(Topic, "1").Publish(Topic, "2").Publish("quiet", "3"));

        Assert.Equal(["1", "3"], router.Validating.Select(RouterHarness.Text));
    }

    [Theory]
    [InlineData(ValidationLoss.Timeout, MessageDrop.Timeout)]
    [InlineData(ValidationLoss.VerifierLost, MessageDrop.VerifierLost)]
    [InlineData(ValidationLoss.QueueFull, MessageDrop.QueueFull)]
    public void A_message_without_a_verdict_is_forgotten_without_blame_and_taken_when_it_comes_again(
        ValidationLoss loss, MessageDrop reason)
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer sender, out GossipPeer other);
        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));
        GossipMessage message = router.Validating.Single();

        Assert.True(router.Lose(message, loss));
        Assert.Equal(1, router.Router.Counters.Drops(reason));
        Assert.False(router.Judge(message, Verdict.Accept));
        Assert.False(router.Lose(message, loss));
        router.Take();
        router.Receive(other, new RpcBuilder().Publish(Topic, "m"));
        router.Judge(Assert.Single(router.Validating), Verdict.Accept);

        Assert.Single(router.Delivered);
        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void The_same_payload_on_two_topics_is_two_messages_with_two_verdicts()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer sender, out _);
        router.Join("other");
        router.Receive(sender, new RpcBuilder().Publish(Topic, "same").Publish("other", "same"));
        GossipMessage[] messages = [.. router.Validating];
        Assert.Equal([Topic, "other"], messages.Select(m => m.Topic));
        Assert.Equal(messages[0].Id, messages[1].Id);

        router.Judge(messages[0], Verdict.Reject);
        router.Judge(messages[1], Verdict.Accept);

        Assert.Equal("other", Assert.Single(router.Delivered).Topic);
    }

    [Fact]
    public void An_iwant_is_answered_for_every_topic_that_holds_the_id()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer peer, out _);
        router.Join("other");
        router.Publish(Topic, "same");
        router.Publish("other", "same");
        router.Take();

        router.Receive(peer, new RpcBuilder().IWant(RouterHarness.IdOf("same")));

        IEnumerable<string> topics =
            router.Effects.Where(e => e.Kind == EffectKind.SendMessage).Select(e => e.Message.Topic);
        Assert.Equal(["other", Topic], topics.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Leaving_the_topic_drops_what_waits_on_it()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer sender, out _);
        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));
        GossipMessage message = router.Validating.Single();

        router.Leave(Topic);

        Assert.False(router.Judge(message, Verdict.Accept));
        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.Superseded));
        Assert.Empty(router.Delivered);
    }

    [Fact]
    public void Leaving_and_joining_again_does_not_forget_what_was_seen()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer sender, out _);
        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));
        router.Judge(router.Validating.Single(), Verdict.Accept);
        router.Leave(Topic);
        router.Join(Topic);
        router.Take();

        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));

        Assert.Empty(router.Effects);
    }
}

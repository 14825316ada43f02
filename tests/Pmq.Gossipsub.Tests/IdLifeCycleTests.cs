using System.Text;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>Each transition of an id: unknown → waits → seen with a verdict, and back to unknown.</summary>
public sealed class IdLifeCycleTests
{
    private const string Topic = "reports";

    private static readonly GossipsubOptions Signed = new()
    {
        DefaultRules = new TopicRules(SignaturePolicy.StrictSign, default),
    };

    [Fact]
    public void An_unknown_id_waits_for_its_verdict_and_goes_nowhere_before()
    {
        RouterHarness router = Joined(out GossipPeer sender, out _);

        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));

        Assert.Equal("m", RouterHarness.Text(Assert.Single(router.Validating)));
        Assert.Empty(router.Delivered);
        Assert.Empty(router.RecipientsOf("m"));
        Assert.Equal(1, router.Router.PendingOf(Topic));
    }

    [Fact]
    public void An_accepted_message_is_forwarded_and_then_delivered_once()
    {
        RouterHarness router = Joined(out GossipPeer sender, out GossipPeer other);
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
        RouterHarness router = Joined(out GossipPeer sender, out GossipPeer other);
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
        RouterHarness router = Joined(out GossipPeer sender, out GossipPeer other);
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
        RouterHarness router = Joined(out GossipPeer sender, out GossipPeer other);
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
        RouterHarness router = Joined(out GossipPeer first, out GossipPeer second);
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
        RouterHarness router = Joined(out GossipPeer sender, out _);
        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));
        GossipMessage message = router.Validating.Single();
        router.Judge(message, Verdict.Ignore);
        router.Take();

        Assert.False(router.Judge(message, Verdict.Accept));
        Assert.Empty(router.Effects);
    }

    [Fact]
    public void A_forged_copy_before_the_true_one_does_not_keep_it_out_even_while_it_is_checked()
    {
        (RouterHarness router, GossipPeer forger, GossipPeer honest, GossipMessage original) = SignedTopic();

        router.Receive(forger, Forge(original));
        router.Receive(honest, new RpcBuilder().Publish(original));
        Assert.Equal(2, router.Verifying.Count());
        router.VerifyAll();
        router.Judge(Assert.Single(router.Validating), Verdict.Accept);

        Assert.Equal(original.Frame.ToArray(), Assert.Single(router.Delivered).Frame.ToArray());
        Assert.Equal(1, router.Penalties(forger, Misbehaviour.InvalidSignature));
        Assert.Equal(1, router.Penalties());
    }

    [Fact]
    public void A_copy_with_the_true_signature_and_another_sequence_number_does_not_keep_the_true_one_out()
    {
        (RouterHarness router, GossipPeer forger, GossipPeer honest, GossipMessage original) = SignedTopic();

        router.Receive(forger, Forge(original, original.Signature.ToArray(), 2));
        router.Receive(honest, new RpcBuilder().Publish(original));
        router.VerifyAll();
        router.Judge(Assert.Single(router.Validating), Verdict.Accept);

        Assert.Single(router.Delivered);
        Assert.Equal(1, router.Penalties(forger, Misbehaviour.InvalidSignature));
    }

    [Fact]
    public void After_a_bad_signature_the_id_is_unknown_and_the_true_message_is_taken()
    {
        (RouterHarness router, GossipPeer forger, GossipPeer honest, GossipMessage original) = SignedTopic();
        router.Receive(forger, Forge(original));
        router.VerifyAll();
        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.InvalidSignature));
        Assert.Equal(0, router.Router.PendingOf(Topic));
        router.Take();

        router.Receive(honest, new RpcBuilder().Publish(original));
        router.VerifyAll();
        router.Judge(Assert.Single(router.Validating), Verdict.Accept);

        Assert.Single(router.Delivered);
    }

    [Fact]
    public void A_signature_that_only_our_rule_refuses_is_ignored_without_blame()
    {
        (RouterHarness router, GossipPeer sender, _, GossipMessage original) = SignedTopic();
        router.Receive(sender, new RpcBuilder().Publish(original));

        router.Signature(router.Verifying.Single(), SignatureVerdict.NotCanonical);

        Assert.Equal(0, router.Penalties());
        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.SignatureNotCanonical));
        Assert.Equal(0, router.Router.PendingOf(Topic));
    }

    [Fact]
    public void A_second_good_envelope_of_the_same_data_shares_the_verdict_of_the_first()
    {
        (RouterHarness router, GossipPeer first, GossipPeer second, GossipMessage original) = SignedTopic();
        RouterHarness otherAuthor = new(Signed, identity: TestPeers.Key(98));
        GossipMessage twin = otherAuthor.Compose(Topic, "true", 5);
        router.Receive(first, new RpcBuilder().Publish(original));
        router.Receive(second, new RpcBuilder().Publish(twin));
        router.VerifyAll();

        router.Judge(Assert.Single(router.Validating), Verdict.Reject);

        Assert.Equal(1, router.Penalties(first, Misbehaviour.RejectedMessage));
        Assert.Equal(1, router.Penalties(second, Misbehaviour.RejectedMessage));
        Assert.Equal(0, router.Router.PendingOf(Topic));
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
        RouterHarness router = Joined(out GossipPeer sender, out GossipPeer other);
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
    public void A_lost_signature_check_makes_the_id_unknown_as_well()
    {
        (RouterHarness router, GossipPeer sender, _, GossipMessage original) = SignedTopic();
        router.Receive(sender, new RpcBuilder().Publish(original));
        Assert.True(router.Lose(router.Verifying.Single(), ValidationLoss.QueueFull));
        router.Take();

        router.Receive(sender, new RpcBuilder().Publish(original));

        Assert.Single(router.Verifying);
    }

    [Fact]
    public void The_same_payload_on_two_topics_is_two_messages_with_two_verdicts()
    {
        RouterHarness router = Joined(out GossipPeer sender, out _);
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
        RouterHarness router = Joined(out GossipPeer peer, out _);
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
        RouterHarness router = Joined(out _, out _);
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
        RouterHarness router = Joined(out _, out _);
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
        RouterHarness router = Joined(out GossipPeer sender, out _);
        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));
        router.Judge(router.Validating.Single(), Verdict.Accept);

        Assert.True(router.Publish(Topic, "m").IsDuplicate);
    }

    [Fact]
    public void Publishing_what_waits_takes_its_place()
    {
        RouterHarness router = Joined(out GossipPeer sender, out _);
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
        RouterHarness router = Joined(out GossipPeer peer, out _);
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

    [Fact]
    public void Leaving_the_topic_drops_what_waits_on_it()
    {
        RouterHarness router = Joined(out GossipPeer sender, out _);
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
        RouterHarness router = Joined(out GossipPeer sender, out _);
        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));
        router.Judge(router.Validating.Single(), Verdict.Accept);
        router.Leave(Topic);
        router.Join(Topic);
        router.Take();

        router.Receive(sender, new RpcBuilder().Publish(Topic, "m"));

        Assert.Empty(router.Effects);
    }

    private static RouterHarness Joined(out GossipPeer first, out GossipPeer second)
    {
        RouterHarness router = new();
        router.Join(Topic);
        first = router.AddPeer(Topic);
        second = router.AddPeer(Topic);
        router.Take();
        return router;
    }

    private static (RouterHarness Router, GossipPeer First, GossipPeer Second, GossipMessage Original) SignedTopic()
    {
        RouterHarness author = new(Signed, identity: TestPeers.Key(99));
        GossipMessage original = author.Compose(Topic, "true");
        RouterHarness router = new(Signed);
        router.Join(Topic);
        GossipPeer first = router.AddPeer(Topic);
        GossipPeer second = router.AddPeer(Topic);
        router.Take();
        return (router, first, second, original);
    }

    /// <summary>The same data and author, another envelope.</summary>
    private static RpcBuilder Forge(GossipMessage original, byte[]? signature = null, byte number = 1) =>
        new RpcBuilder().Raw(
        2,
        RpcBuilder.Fields(
            (1, original.From.ToArray()),
            (2, original.Data.ToArray()),
            (3, [0, 0, 0, 0, 0, 0, 0, number]),
            (4, Encoding.UTF8.GetBytes(original.Topic)),
            (5, signature ?? [.. Enumerable.Repeat((byte)1, 64)])));
}

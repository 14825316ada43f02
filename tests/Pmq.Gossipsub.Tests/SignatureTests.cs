using System.Text;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>The same under strict signing: forged and second envelopes of the same data.</summary>
public sealed class SignatureTests
{
    private const string Topic = "reports";

    private static readonly GossipsubOptions Signed = new()
    {
        DefaultRules = new TopicRules(SignaturePolicy.StrictSign, default),
    };

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
        GossipMessage twin = new RouterHarness(Signed, identity: TestPeers.Key(99)).Compose(Topic, "true", 5);
        router.Receive(first, new RpcBuilder().Publish(original));
        router.Receive(second, new RpcBuilder().Publish(twin));
        router.VerifyAll();

        router.Judge(Assert.Single(router.Validating), Verdict.Reject);

        Assert.Equal(1, router.Penalties(first, Misbehaviour.RejectedMessage));
        Assert.Equal(1, router.Penalties(second, Misbehaviour.RejectedMessage));
        Assert.Equal(0, router.Router.PendingOf(Topic));
    }

    // Anybody can sign the data of another: a verifier that refuses the stranger must not keep out the author's own, nor
    // turn us against those that pass it on.
    [Theory]
    [InlineData(Verdict.Reject, 1)]
    [InlineData(Verdict.Ignore, 0)]
    public void The_data_of_an_author_that_a_stranger_signs_and_is_refused_for_is_taken_from_its_author(
        Verdict verdict, int blamed)
    {
        (RouterHarness router, GossipPeer thief, GossipPeer honest, GossipMessage original) = SignedTopic();
        router.Receive(thief, new RpcBuilder().Publish(Stolen()));
        router.VerifyAll();
        router.Judge(router.Validating.Single(), verdict);
        router.Take();

        router.Receive(honest, new RpcBuilder().IHave(Topic, original.Id.ToString()));
        Assert.Single(router.SentTo(honest).IWants);
        router.Receive(honest, new RpcBuilder().Publish(original));
        router.VerifyAll();
        router.Judge(router.Validating.Single(), Verdict.Accept);

        Assert.Equal(original.Frame.ToArray(), router.Delivered.Single().Frame.ToArray());
        router.Take();
        router.Receive(thief, new RpcBuilder().Publish(Stolen()));
        Assert.Empty(router.Verifying);
        Assert.Equal(blamed, router.Router.Counters.MisbehavioursOf(Misbehaviour.RejectedMessage));
    }

    [Theory]
    [InlineData(Verdict.Reject)]
    [InlineData(Verdict.Ignore)]
    [InlineData(Verdict.Accept)]
    public void The_data_of_an_author_is_judged_beside_what_a_stranger_signed_and_delivered_once(Verdict first)
    {
        (RouterHarness router, GossipPeer thief, GossipPeer honest, GossipMessage original) = SignedTopic();
        router.Receive(thief, new RpcBuilder().Publish(Stolen()));
        router.VerifyAll();
        router.Receive(honest, new RpcBuilder().Publish(original));
        router.VerifyAll();
        GossipMessage[] judged = [.. router.Validating];
        Assert.Equal(2, judged.Length);

        router.Judge(judged[0], first);
        router.Judge(judged[1], Verdict.Accept);

        Assert.Single(router.Delivered);
        Assert.Equal(0, router.Penalties(honest, Misbehaviour.RejectedMessage));
        Assert.Equal(0, router.Router.PendingOf(Topic));
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

    private static GossipMessage Stolen() =>
        new RouterHarness(Signed, identity: TestPeers.Key(98)).Compose(Topic, "true", 5);

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

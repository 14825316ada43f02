using Pmq.Gossipsub;

namespace Pmq.Engine.Tests;

/// <summary>Both signature policies, alone and against each other.</summary>
public sealed class SignatureTests
{
    private const string Topic = "signed";

    [Theory]
    [InlineData(SignaturePolicy.StrictNoSign)]
    [InlineData(SignaturePolicy.StrictSign)]
    public async Task Messages_pass_and_name_their_author_when_they_are_signed(SignaturePolicy policy)
    {
        await using Pair pair = await Pair.StartAsync(Options() with { SignaturePolicy = policy }, loopback: true);

        await pair.A.PublishAsync(Topic, "x"u8.ToArray(), PeerHarness.Deadline);
        ReceivedMessage message = Assert.Single(await pair.AtB.TakeAsync(1));

        Assert.Equal(policy == SignaturePolicy.StrictSign ? pair.A.LocalPeer : null, message.Author);
    }

    [Fact]
    public async Task Signed_messages_leave_the_workers_in_the_order_in_which_they_came()
    {
        await using Pair pair = await Pair.StartAsync(
            Options() with { SignaturePolicy = SignaturePolicy.StrictSign }, loopback: false);

        for (int i = 0; i < 500; i++)
        {
            await pair.A.PublishAsync(Topic, BitConverter.GetBytes(i), PeerHarness.Deadline);
        }

        List<ReceivedMessage> messages = await pair.AtB.TakeAsync(500);
        Assert.Equal(Enumerable.Range(0, 500), messages.Select(message => BitConverter.ToInt32(message.Data.Span)));
    }

    [Theory]
    [InlineData(SignaturePolicy.StrictSign)]
    [InlineData(SignaturePolicy.StrictNoSign)]
    public async Task A_message_of_the_other_policy_is_refused(SignaturePolicy receiver)
    {
        SignaturePolicy sender =
            receiver == SignaturePolicy.StrictSign ? SignaturePolicy.StrictNoSign : SignaturePolicy.StrictSign;
        await using PmqPeer a = await PeerHarness.StartAsync(
            Options() with { ListenAddresses = [PeerHarness.MemoryAddress()], SignaturePolicy = sender });
        await using PmqPeer b = await PeerHarness.StartAsync(
            Options() with { ListenAddresses = [], Peers = a.ListenAddresses, SignaturePolicy = receiver });
        await a.MeshAsync(Topic, 1);

        await a.PublishAsync(Topic, "x"u8.ToArray(), PeerHarness.Deadline);

        await PeerHarness.Eventually(
            () => new(b.Driver.Counters.MisbehavioursOf(Misbehaviour.SignaturePolicyBroken) == 1),
            "the message to be refused");
    }

    [Fact]
    public async Task A_topic_has_its_own_policy()
    {
        PmqPeerOptions options = Options() with
        {
            Topics = [Topic, "plain"],
            SignaturePolicy = SignaturePolicy.StrictNoSign,
            TopicSettings = new Dictionary<string, TopicOptions>
            {
                [Topic] = new() { SignaturePolicy = SignaturePolicy.StrictSign },
            },
        };
        await using Pair pair = await Pair.StartAsync(options, loopback: false);

        await pair.A.PublishAsync(Topic, "x"u8.ToArray(), PeerHarness.Deadline);
        Assert.Equal(pair.A.LocalPeer, Assert.Single(await pair.AtB.TakeAsync(1)).Author);
        await pair.A.PublishAsync("plain", "x"u8.ToArray(), PeerHarness.Deadline);
        Assert.Null(Assert.Single(await pair.AtB.TakeAsync(1)).Author);
    }

    [Fact]
    public async Task Validation_none_of_one_topic_leaves_the_others_to_the_verifier()
    {
        PmqPeerOptions options = Options() with
        {
            Topics = ["judged", "free"],
            Validation = ValidationMode.Required,
            TopicSettings = new Dictionary<string, TopicOptions>
            {
                ["free"] = new() { Validation = ValidationMode.None },
            },
        };
        await using Pair pair = await Pair.StartAsync(options, loopback: false);

        await pair.A.PublishAsync("judged", "x"u8.ToArray(), PeerHarness.Deadline);
        await pair.A.PublishAsync("free", "x"u8.ToArray(), PeerHarness.Deadline);

        Assert.Equal("free", Assert.Single(await pair.AtB.TakeAsync(1)).Topic);
        Assert.Equal(1, pair.B.Driver.Verifiers.PendingCount);
    }

    private static PmqPeerOptions Options() => new() { Topics = [Topic], Validation = ValidationMode.None };
}

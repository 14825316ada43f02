using Pmq.Gossipsub;
using Pmq.Testing;

namespace Pmq.Engine.Tests;

/// <summary>What a publisher is told, and what can be published.</summary>
public sealed class PublishTests
{
    private const string Topic = "t";

    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(1024)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(300_000)]
    [InlineData(1_000_000)]
    public async Task Every_size_up_to_a_million_bytes_passes_at_defaults(int size)
    {
        await using Pair pair = await Pair.StartAsync(Options(), loopback: true);

        await pair.PassAsync(Payload(size));
    }

    [Fact]
    public async Task A_mebibyte_passes_when_the_limit_is_two()
    {
        await using Pair pair = await Pair.StartAsync(
            Options() with { MaxMessageSize = 2 * 1024 * 1024 }, loopback: true);

        await pair.PassAsync(Payload(1024 * 1024));
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_with_the_limit_that_it_exceeds()
    {
        await using PmqPeer peer = await PeerHarness.StartAsync(Options() with { ListenAddresses = [] });

        PublishException refused = await Assert.ThrowsAsync<PublishException>(
            async () => await peer.PublishAsync(Topic, Payload(1024 * 1024), PeerHarness.Deadline));

        Assert.Equal(PublishFault.TooLarge, refused.Reason);
        Assert.Contains("pubsub.maxMessageSize = 1048576", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Empty_data_is_refused()
    {
        await using PmqPeer peer = await PeerHarness.StartAsync(Options() with { ListenAddresses = [] });

        PublishException refused = await Assert.ThrowsAsync<PublishException>(
            async () => await peer.PublishAsync(Topic, ReadOnlyMemory<byte>.Empty, PeerHarness.Deadline));

        Assert.Equal(PublishFault.EmptyData, refused.Reason);
    }

    [Fact]
    public async Task A_true_repeat_says_duplicate_and_is_not_sent()
    {
        await using Pair pair = await Pair.StartAsync(Options(), loopback: false);
        byte[] data = Payload(10);
        PublishOutcome first = await pair.PassAsync(data);

        PublishOutcome second = await pair.A.PublishAsync(Topic, data, PeerHarness.Deadline);

        Assert.True(second.IsDuplicate);
        Assert.Equal(first.MessageId, second.MessageId);
        Assert.Equal((0, 0, 0), (second.Sent, second.Queued, second.Dropped));
    }

    [Fact]
    public async Task A_publication_that_reached_nobody_is_sent_when_it_is_published_again()
    {
        await using PmqPeer a = await PeerHarness.StartAsync(
            Options() with { Topics = [], ListenAddresses = [PeerHarness.MemoryAddress()] });
        byte[] data = Payload(10);
        PublishOutcome alone = await a.PublishAsync(Topic, data, PeerHarness.Deadline);
        Assert.Equal((0, 0, 0, false), (alone.Sent, alone.Queued, alone.Dropped, alone.IsDuplicate));

        await using PmqPeer b = await PeerHarness.StartAsync(
            Options() with { ListenAddresses = [], Peers = a.ListenAddresses });
        await using MessageListener listener = b.Listen(new ListenOptions());
        await a.SeesAsync(Topic, 1);
        PublishOutcome again = await a.PublishAsync(Topic, data, PeerHarness.Deadline);

        Assert.False(again.IsDuplicate);
        Assert.Equal(1, again.Sent + again.Queued);
        Assert.Equal(data, Assert.Single(await listener.TakeAsync(1)).Data.ToArray());
    }

    [Fact]
    public async Task A_subscriber_gets_its_own_publication_once()
    {
        await using PmqPeer peer = await PeerHarness.StartAsync(Options() with { ListenAddresses = [] });
        await using MessageListener listener = peer.Listen(new ListenOptions());

        await peer.PublishAsync(Topic, "one"u8.ToArray(), PeerHarness.Deadline);
        await peer.PublishAsync(Topic, "one"u8.ToArray(), PeerHarness.Deadline);
        await peer.PublishAsync(Topic, "two"u8.ToArray(), PeerHarness.Deadline);

        List<ReceivedMessage> messages = await listener.TakeAsync(2);
        Assert.Equal(["one"u8.ToArray(), "two"u8.ToArray()], messages.Select(message => message.Data.ToArray()));
        Assert.All(messages, message => Assert.Equal(peer.LocalPeer, message.ReceivedFrom));
    }

    [Fact]
    public async Task Publications_beyond_the_rate_are_refused()
    {
        await using PmqPeer peer = await PeerHarness.StartAsync(
            Options() with { ListenAddresses = [], PublishRate = 2, TimeProvider = new VirtualTimeProvider() });
        await peer.PublishAsync(Topic, Payload(1), PeerHarness.Deadline);
        await peer.PublishAsync(Topic, Payload(2), PeerHarness.Deadline);

        PublishException refused = await Assert.ThrowsAsync<PublishException>(
            async () => await peer.PublishAsync(Topic, Payload(3), PeerHarness.Deadline));

        Assert.Equal(PublishFault.RateLimited, refused.Reason);
        Assert.Contains("pubsub.publishRate", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Verdict.Accept)]
    [InlineData(Verdict.Reject)]
    public async Task With_validateOwn_the_nodes_verifier_judges_its_own_publications(Verdict verdict)
    {
        await using PmqPeer peer = await PeerHarness.StartAsync(
            Options() with { ListenAddresses = [], Validation = ValidationMode.Required, ValidateOwn = true });
        await using MessageListener listener = peer.Listen(new ListenOptions());
        await using VerifierAttachment verifier = peer.AttachVerifier(new VerifierOptions { Name = "own" });
        _ = verifier.JudgeAllAsync(verdict);

        Task<PublishOutcome> publishing = peer.PublishAsync(Topic, Payload(10), PeerHarness.Deadline).AsTask();

        if (verdict == Verdict.Accept)
        {
            Assert.False((await publishing).IsDuplicate);
            Assert.Single(await listener.TakeAsync(1));
        }
        else
        {
            PublishException refused = await Assert.ThrowsAsync<PublishException>(() => publishing);
            Assert.Equal(PublishFault.NotAccepted, refused.Reason);
        }
    }

    private static PmqPeerOptions Options() => new() { Topics = [Topic], Validation = ValidationMode.None };

    private static byte[] Payload(int size)
    {
        byte[] data = new byte[size];
        new SeededEntropy((ulong)size).Fill(data);
        return data;
    }
}

using Pmq.Gossipsub;

namespace Pmq.Engine.Tests;

/// <summary>What verdicts do to delivery and forwarding, on a line A – B – C where only B is in between.</summary>
public sealed class ValidationTests : IAsyncLifetime
{
    private const string Topic = "line";

    private PmqPeer _a = null!;
    private PmqPeer _b = null!;
    private PmqPeer _c = null!;

    public async ValueTask InitializeAsync()
    {
        PmqPeerOptions options = Options();
        _a = await PeerHarness.StartAsync(options with { ListenAddresses = [PeerHarness.MemoryAddress()] });
        _b = await PeerHarness.StartAsync(
            options with { ListenAddresses = [PeerHarness.MemoryAddress()], Peers = _a.ListenAddresses });
        _c = await PeerHarness.StartAsync(
            options with { ListenAddresses = [], Peers = _b.ListenAddresses, Validation = ValidationMode.None });
        await _a.MeshAsync(Topic, 1);
        await _b.MeshAsync(Topic, 2);
        await _c.MeshAsync(Topic, 1);
    }

    public async ValueTask DisposeAsync()
    {
        await _c.DisposeAsync();
        await _b.DisposeAsync();
        await _a.DisposeAsync();
    }

    [Fact]
    public async Task Accept_delivers_and_forwards()
    {
        await using MessageListener atB = _b.Listen(new ListenOptions());
        await using MessageListener atC = _c.Listen(new ListenOptions());
        await using VerifierAttachment verifier = _b.AttachVerifier(new VerifierOptions { Name = "b" });
        _ = verifier.JudgeAllAsync(Verdict.Accept);

        await PublishAsync("x");

        Assert.Equal("x", Text(Assert.Single(await atB.TakeAsync(1))));
        ReceivedMessage message = Assert.Single(await atC.TakeAsync(1));
        Assert.Equal("x", Text(message));
        Assert.Equal(_b.LocalPeer, message.ReceivedFrom);
    }

    [Theory]
    [InlineData(Verdict.Ignore, MessageDrop.Ignored, 0)]
    [InlineData(Verdict.Reject, MessageDrop.Rejected, 1)]
    public async Task Ignore_and_reject_neither_deliver_nor_forward(Verdict verdict, MessageDrop counted, int blamed)
    {
        await using MessageListener atB = _b.Listen(new ListenOptions());
        await using MessageListener atC = _c.Listen(new ListenOptions());
        await using VerifierAttachment verifier = _b.AttachVerifier(new VerifierOptions { Name = "b" });
        Task judging = Task.Run(async () =>
        {
            await foreach (ReceivedMessage message in verifier.ReadAllAsync(CancellationToken.None))
            {
                verifier.Report(Topic, message.MessageId, Text(message) == "bad" ? verdict : Verdict.Accept);
            }
        });

        await PublishAsync("bad");
        await PublishAsync("good");

        // What follows on the same path came through, and what it followed is not there.
        Assert.Equal("good", Text(Assert.Single(await atC.TakeAsync(1))));
        Assert.Equal("good", Text(Assert.Single(await atB.TakeAsync(1))));
        Assert.Equal(1, _b.Driver.Counters.Drops(counted));
        Assert.Equal(blamed, _b.Driver.Counters.MisbehavioursOf(Misbehaviour.RejectedMessage));
        await verifier.DisposeAsync();
        await judging;
    }

    [Fact]
    public async Task Without_a_verifier_messages_wait_and_are_then_asked_for_once_more_without_blame()
    {
        await using MessageListener atC = _c.Listen(new ListenOptions());

        await PublishAsync("lost");
        await PeerHarness.Eventually(
            () => new(_b.Driver.Counters.Drops(MessageDrop.Timeout) == 1), "the verdict timeout");
        await using VerifierAttachment verifier = _b.AttachVerifier(new VerifierOptions { Name = "b" });
        _ = verifier.JudgeAllAsync(Verdict.Accept);
        await PublishAsync("next");

        Assert.Equal(["lost", "next"], (await atC.TakeAsync(2)).Select(Text).Order());
        Assert.Equal(1, _b.Driver.Counters.Recoveries);
        Assert.Equal(0, _b.Driver.Counters.MisbehavioursOf(Misbehaviour.RejectedMessage));
    }

    [Fact]
    public async Task What_waits_is_delivered_once_a_verifier_attaches_in_time()
    {
        await using MessageListener atC = _c.Listen(new ListenOptions());

        await PublishAsync("early");
        await PeerHarness.Eventually(() => new(_b.Driver.Verifiers.PendingCount == 1), "the message to wait");
        await using VerifierAttachment verifier = _b.AttachVerifier(new VerifierOptions { Name = "b" });
        _ = verifier.JudgeAllAsync(Verdict.Accept);

        Assert.Equal("early", Text(Assert.Single(await atC.TakeAsync(1))));
    }

    [Fact]
    public async Task A_verifier_lost_in_mid_stream_loses_no_message_and_repeats_none()
    {
        const int Count = 200;
        await using MessageListener atC = _c.Listen(new ListenOptions());
        VerifierAttachment first = _b.AttachVerifier(new VerifierOptions { Name = "first", MaxInFlight = 64 });
        int judgedByFirst = 0;
        Task dying = Task.Run(async () =>
        {
            await foreach (ReceivedMessage message in first.ReadAllAsync(CancellationToken.None))
            {
                // It judges fifty and takes ten more with it.
                if (++judgedByFirst <= 50)
                {
                    first.Report(message.Topic, message.MessageId, Verdict.Accept);
                }
                else if (judgedByFirst == 60)
                {
                    await first.DisposeAsync();
                }
            }
        });

        for (int i = 0; i < Count; i++)
        {
            await PublishAsync($"message {i}");
        }

        await dying;
        await using VerifierAttachment second = _b.AttachVerifier(new VerifierOptions { Name = "second" });
        _ = second.JudgeAllAsync(Verdict.Accept);
        List<ReceivedMessage> delivered = await atC.TakeAsync(Count);

        Assert.Equal(
            Enumerable.Range(0, Count).Select(i => $"message {i}").Order(StringComparer.Ordinal),
            delivered.Select(Text).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_topic_that_waits_for_its_verifier_delays_no_other()
    {
        await using MessageListener atC = _c.Listen(new ListenOptions { Topics = [Topic] });
        await _a.SubscribeAsync("flooded", PeerHarness.Deadline);
        await _b.SubscribeAsync("flooded", PeerHarness.Deadline);
        await _a.MeshAsync("flooded", 1);
        await using VerifierAttachment verifier = _b.AttachVerifier(
            new VerifierOptions { Name = "b", Topics = [Topic] });
        _ = verifier.JudgeAllAsync(Verdict.Accept);

        for (int i = 0; i < 5000; i++)
        {
            await _a.PublishAsync("flooded", BitConverter.GetBytes(i), PeerHarness.Deadline);
        }

        await PublishAsync("through");

        Assert.Equal("through", Text(Assert.Single(await atC.TakeAsync(1))));
    }

    [Fact]
    public async Task A_full_queue_drops_with_a_reason_and_takes_the_message_when_it_comes_again()
    {
        await using MessageListener atB = _b.Listen(new ListenOptions());
        (RawPeer raw, Core.Hosting.IConnection connection) = await RawPeer.ConnectAsync(_b.ListenAddresses[0]);
        await using RawPeer _ = raw;
        await using Core.Hosting.IStream stream =
            await connection.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);
        await stream.WriteAsync(RawPeer.Subscription("small"), PeerHarness.Deadline);
        await _b.SubscribeAsync("small", PeerHarness.Deadline);
        foreach (string text in new[] { "1", "2", "3" })
        {
            byte[] data = System.Text.Encoding.UTF8.GetBytes(text);
            await stream.WriteAsync(RawPeer.Message("small", data), PeerHarness.Deadline);
        }

        await PeerHarness.Eventually(() => new(_b.Driver.Counters.Drops(MessageDrop.QueueFull) == 1), "the full queue");
        await using VerifierAttachment verifier = _b.AttachVerifier(new VerifierOptions { Name = "b" });
        Task judging = verifier.JudgeAllAsync(Verdict.Accept);
        Assert.Equal(["1", "2"], (await atB.TakeAsync(2)).Select(Text));

        await stream.WriteAsync(RawPeer.Message("small", "3"u8), PeerHarness.Deadline);

        Assert.Equal("3", Text(Assert.Single(await atB.TakeAsync(1))));
        await verifier.DisposeAsync();
        await judging;
    }

    private static PmqPeerOptions Options() => new()
    {
        Topics = [Topic],
        VerdictTimeout = TimeSpan.FromSeconds(3),
        TopicSettings = new Dictionary<string, TopicOptions> { ["small"] = new() { ValidationQueueSize = 2 } },
    };

    private static string Text(ReceivedMessage message) => System.Text.Encoding.UTF8.GetString(message.Data.Span);

    private async Task PublishAsync(string text)
    {
        PublishOutcome outcome =
            await _a.PublishAsync(Topic, System.Text.Encoding.UTF8.GetBytes(text), PeerHarness.Deadline);
        Assert.Equal(1, outcome.Sent + outcome.Queued);
    }
}

using System.Text;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Engine.Gossip;
using Pmq.Gossipsub;

namespace Pmq.Engine.Tests;

/// <summary>Nobody waits for a router that has broken or ended, and nothing runs it any more.</summary>
public sealed class EndTests
{
    private const string Topic = "t";

    [Fact]
    public async Task A_broken_router_ends_whoever_waits_for_it_and_says_so()
    {
        var log = new ListLoggerFactory();
        await using PmqPeer peer = await StartAsync(Options() with { ValidateOwn = true, LoggerFactory = log });
        await using MessageListener listener = peer.Listen(new ListenOptions());
        await using VerifierAttachment verifier = peer.AttachVerifier(new VerifierOptions { Name = "v" });
        Task<PublishOutcome> examined = peer.PublishAsync(Topic, "1"u8.ToArray(), PeerHarness.Deadline).AsTask();
        await peer.GetPeersAsync(PeerHarness.Deadline); // The examination has begun.
        using var hold = new ManualResetEventSlim();
        Task turn = Hold(peer, hold, fault: "broken by the test");
        Task<bool> joining = peer.SubscribeAsync("other", PeerHarness.Deadline).AsTask();
        Task<PublishOutcome> publishing = peer.PublishAsync("free", "2"u8.ToArray(), PeerHarness.Deadline).AsTask();
        Assert.False(peer.Completion.IsCompleted);

        hold.Set();
        await turn;

        await Assert.ThrowsAsync<InvalidOperationException>(() => examined);
        await Assert.ThrowsAsync<InvalidOperationException>(() => joining);
        await Assert.ThrowsAsync<InvalidOperationException>(() => publishing);
        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await peer.GetPeersAsync(PeerHarness.Deadline));
        Assert.Empty(await listener.TakeAsync(1));
        InvalidDataException broken = await Assert.ThrowsAsync<InvalidDataException>(() => peer.Completion);
        Assert.Same(peer.Failure, broken);
        Assert.Single(log.Lines, line => line.StartsWith("Critical:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_broken_router_holds_up_no_stream_and_no_disposal()
    {
        PmqPeer peer = await StartAsync(Options());
        (RawPeer raw, IConnection connection) = await RawPeer.ConnectAsync(peer.ListenAddresses[0]);
        await using RawPeer _ = raw;
        await using IStream stream = await connection.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);
        await stream.WriteAsync(RawPeer.Subscription(Topic), PeerHarness.Deadline);
        await peer.SeesAsync(Topic, 1);
        using var hold = new ManualResetEventSlim();
        Task turn = Hold(peer, hold, fault: "broken by the test");
        await stream.WriteAsync(RawPeer.Message(Topic, "x"u8), PeerHarness.Deadline);

        hold.Set();
        await turn;
        await peer.DisposeAsync().AsTask().WaitAsync(PeerHarness.Patience);
    }

    [Fact]
    public async Task Disposal_ends_a_publication_that_waits_for_its_verdict_and_late_verdicts_do_nothing()
    {
        PmqPeer peer = await StartAsync(Options() with { ValidateOwn = true });
        VerifierAttachment verifier = peer.AttachVerifier(new VerifierOptions { Name = "v", MaxInFlight = 1 });
        Task<PublishOutcome> first = peer.PublishAsync(Topic, "1"u8.ToArray(), PeerHarness.Deadline).AsTask();
        Task<PublishOutcome> second = peer.PublishAsync(Topic, "2"u8.ToArray(), PeerHarness.Deadline).AsTask();
        ReceivedMessage held = await NextAsync(verifier);
        await peer.GetPeersAsync(PeerHarness.Deadline);

        await peer.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => first);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => second);
        Assert.False(verifier.Report(held.Topic, held.MessageId, Verdict.Accept));
        await peer.Completion;
        await verifier.DisposeAsync();
    }

    [Fact]
    public async Task A_peer_that_nobody_calls_keeps_its_heartbeat()
    {
        await using PmqPeer peer = await StartAsync(Options() with { Topics = [] });

        await PeerHarness.Eventually(() => new(peer.Driver.Counters.Heartbeats >= 3), "three heartbeats");
    }

    [Fact]
    public async Task A_heartbeat_that_falls_due_while_the_router_is_owned_is_not_lost()
    {
        await using PmqPeer peer = await StartAsync(Options());
        using var hold = new ManualResetEventSlim();
        Task turn = Hold(peer, hold, fault: null);

        // The timer fires once within this time, and finds the router owned.
        using var due = new PeriodicTimer(TimeSpan.FromMilliseconds(300));
        await due.WaitForNextTickAsync();
        long before = peer.Driver.Counters.Heartbeats;
        hold.Set();
        await turn;

        await PeerHarness.Eventually(() => new(peer.Driver.Counters.Heartbeats > before + 2), "three more heartbeats");
    }

    [Fact]
    public void A_link_that_is_disposed_is_not_disconnected_any_more()
    {
        var link = new PeerLink(
            Core.Identity.PeerId.FromPublicKey(
                Core.Identity.PrivateKey.Generate(
                    Core.Identity.KeyType.Ed25519, Core.Runtime.SystemEntropy.Instance).PublicKey),
            new OutboundQueue(new OutboundOptions { PublishBytes = 1, RelayBytes = 1 }, () => TimeSpan.Zero));
        link.End();
        link.Dispose();

        link.Disconnect(new CloseReason(CloseKind.ProtocolViolation, "late"));
    }

    [Fact]
    public async Task A_peer_that_comes_back_is_heard_though_its_going_still_waits_for_a_turn()
    {
        await using PmqPeer peer = await StartAsync(Options() with { Validation = ValidationMode.None });
        await using MessageListener listener = peer.Listen(new ListenOptions());
        (RawPeer raw, IConnection connection) = await RawPeer.ConnectAsync(peer.ListenAddresses[0]);
        await using RawPeer _ = raw;
        IStream stream = await connection.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);
        await stream.WriteAsync(RawPeer.Subscription(Topic), PeerHarness.Deadline);
        await peer.SeesAsync(Topic, 1);
        using var hold = new ManualResetEventSlim();
        Task turn = Hold(peer, hold, fault: null);

        IConnection again = await raw.ReconnectAsync(peer);
        await using IStream anew = await again.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);
        await anew.WriteAsync(RawPeer.Message(Topic, "back"u8), PeerHarness.Deadline);
        hold.Set();
        await turn;

        Assert.Equal("back", Encoding.UTF8.GetString(Assert.Single(await listener.TakeAsync(1)).Data.Span));
    }

    [Fact]
    public async Task What_a_peer_says_when_it_is_back_counts_though_the_host_is_late_to_tell_of_its_going()
    {
        await using PmqPeer peer = await StartAsync(Options() with { Validation = ValidationMode.None });
        await using MessageListener listener = peer.Listen(new ListenOptions());
        (RawPeer raw, IConnection connection) = await RawPeer.ConnectAsync(peer.ListenAddresses[0]);
        await using RawPeer _ = raw;
        IStream stream = await connection.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);
        await stream.WriteAsync(RawPeer.Subscription(Topic), PeerHarness.Deadline);
        await peer.SeesAsync(Topic, 1);
        using var hold = new ManualResetEventSlim();
        var observer = new HeldObserver(hold);
        using IDisposable held = peer.Host.Observe(observer);
        await observer.Entered(1).WaitAsync(PeerHarness.Patience);

        // The host has begun to tell the observer of the present, and tells nothing further before that is done.
        IConnection again = await raw.ReconnectAsync(peer);
        Task<IStream> opening = again.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline).AsTask();
        Task writing = SayAsync(opening, [.. RawPeer.Subscription("new"), .. RawPeer.Message(Topic, "back"u8)]);
        using var ample = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        await ample.WaitForNextTickAsync();
        hold.Set();

        await observer.Entered(2).WaitAsync(PeerHarness.Patience); // The driver, an older observer, knows by now.
        await writing;
        Assert.Equal("back", Encoding.UTF8.GetString(Assert.Single(await listener.TakeAsync(1)).Data.Span));
        await peer.SeesAsync("new", 1);
    }

    [Fact]
    public async Task What_a_peer_says_last_counts_also_when_it_said_the_first_together_with_a_message()
    {
        await using PmqPeer peer = await StartAsync(Options() with { Validation = ValidationMode.None });
        await using MessageListener listener = peer.Listen(new ListenOptions());
        (RawPeer raw, IConnection connection) = await RawPeer.ConnectAsync(peer.ListenAddresses[0]);
        await using RawPeer _ = raw;
        await using IStream stream = await connection.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);

        // {publish=2 …, subscriptions=1 {subscribe=1, topicid=2 "x"}}, {subscriptions=1 {subscribe=0, topicid="x"}}.
        byte[] message = RawPeer.Message(Topic, "m"u8);
        byte[] both = [(byte)(message[0] + 7), .. message.AsSpan(1), 0x0A, 5, 0x08, 1, 0x12, 1, (byte)'x'];
        byte[] leave = [7, 0x0A, 5, 0x08, 0, 0x12, 1, (byte)'x'];
        await stream.WriteAsync((byte[])[.. both, .. leave], PeerHarness.Deadline);

        Assert.Single(await listener.TakeAsync(1));
        await PeerHarness.Eventually(
            async () => (await peer.GetPeersAsync(PeerHarness.Deadline)).All(other => other.Topics.Count == 0),
            "the peer has left x");
    }

    [Fact]
    public async Task A_message_that_waited_when_its_topic_was_left_is_judged_when_it_comes_after_rejoining()
    {
        await using PmqPeer peer = await StartAsync(Options());
        await using MessageListener listener = peer.Listen(new ListenOptions());
        await using VerifierAttachment verifier = peer.AttachVerifier(new VerifierOptions { Name = "v" });
        (RawPeer raw, IConnection connection) = await RawPeer.ConnectAsync(peer.ListenAddresses[0]);
        await using RawPeer _ = raw;
        await using IStream stream = await connection.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);
        await stream.WriteAsync(RawPeer.Message(Topic, "m"u8), PeerHarness.Deadline);
        await NextAsync(verifier);
        await peer.UnsubscribeAsync(Topic, PeerHarness.Deadline);
        await peer.SubscribeAsync(Topic, PeerHarness.Deadline);

        await stream.WriteAsync(RawPeer.Message(Topic, "m"u8), PeerHarness.Deadline);
        ReceivedMessage again = await NextAsync(verifier);

        Assert.True(verifier.Report(again.Topic, again.MessageId, Verdict.Accept));
        Assert.Single(await listener.TakeAsync(1));
    }

    private static PmqPeerOptions Options() => new()
    {
        Topics = [Topic],
        TopicSettings = new Dictionary<string, TopicOptions>
        {
            ["free"] = new TopicOptions { Validation = ValidationMode.None },
        },
        Gossipsub = new GossipsubOptions { HeartbeatInterval = TimeSpan.FromMilliseconds(50) },
    };

    private static async Task SayAsync(Task<IStream> opening, byte[] frames) =>
        await (await opening).WriteAsync(frames, PeerHarness.Deadline);

    private static ValueTask<PmqPeer> StartAsync(PmqPeerOptions options) => PeerHarness.StartAsync(options);

    /// <summary>Owns the router on a thread of its own until released, and breaks it then if there is a fault.</summary>
    private static Task Hold(PmqPeer peer, ManualResetEventSlim hold, string? fault)
    {
        using var owned = new ManualResetEventSlim();
        Action<TimeSpan> call = _ =>
        {
            owned.Set();
            hold.Wait(PeerHarness.Patience);
            if (fault is not null)
            {
                throw new InvalidDataException(fault);
            }
        };
        Assert.True(peer.Driver.Post(new DriverCommand(DriverCommandKind.Call, call)));
        var turn = new Thread(() => peer.Driver.Drive());
        turn.Start();
        Assert.True(owned.Wait(PeerHarness.Patience));
        return Task.Run(() => turn.Join());
    }

    private static async Task<ReceivedMessage> NextAsync(VerifierAttachment verifier)
    {
        await foreach (ReceivedMessage message in verifier.ReadAllAsync(PeerHarness.Deadline))
        {
            return message;
        }

        throw new InvalidOperationException("The verifier has ended.");
    }

    /// <summary>Takes nothing until it is let go.</summary>
    private sealed class HeldObserver(ManualResetEventSlim hold) : IHostObserver
    {
        private readonly TaskCompletionSource[] _entered =
            [new(TaskCreationOptions.RunContinuationsAsynchronously), new(TaskCreationOptions.RunContinuationsAsynchronously)];

        private int _connections;

        /// <summary>Completes when it is told of a peer for that time; the first is 1.</summary>
        public Task Entered(int time) => _entered[time - 1].Task;

        public void OnPeerConnected(IConnection connection)
        {
            _entered[_connections++].TrySetResult();
            hold.Wait(PeerHarness.Patience);
        }

        public void OnPeerIdentified(PeerId peer, PeerDescription description)
        {
        }

        public void OnPeerDisconnected(PeerId peer, CloseReason reason)
        {
        }
    }
}

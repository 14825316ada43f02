using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Gossipsub;
using Pmq.Testing;

namespace Pmq.Engine.Tests;

/// <summary>What the driver tells the router of its peers, and does for it.</summary>
public sealed class LinkTests
{
    private const string Topic = "t";

    [Fact]
    public async Task A_peer_that_takes_no_stream_of_ours_loses_its_place_in_the_mesh_and_has_it_again_when_it_does()
    {
        var time = new VirtualTimeProvider();
        await using PmqPeer peer = await PeerHarness.StartAsync(
            Options() with { ListenAddresses = [PeerHarness.LoopbackAddress()], TimeProvider = time });
        bool refuses = false;
        var open = new TaskCompletionSource<IStream>();
        (RawPeer raw, IConnection connection) = await RawPeer.ConnectAsync(
            peer.ListenAddresses[0],
            async (stream, cancellationToken) =>
            {
                if (Volatile.Read(ref refuses))
                {
                    stream.Reset();
                    return;
                }

                open.TrySetResult(stream);
                await NeverReadAsync(cancellationToken);
            });
        await using RawPeer _ = raw;
        await using IStream inbound = await connection.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);
        await inbound.WriteAsync(RawPeer.Subscription(Topic), PeerHarness.Deadline);
        await inbound.WriteAsync(RawPeer.Graft(Topic), PeerHarness.Deadline);
        await EventuallyAsync(time, async () => await MeshSizeAsync(peer) == 1, "it is in the mesh");

        Volatile.Write(ref refuses, true);
        (await open.Task).Reset();
        await EventuallyAsync(time, async () => await MeshSizeAsync(peer) == 0, "its place is free");
        PeerSnapshot held = Assert.Single(await peer.GetPeersAsync(PeerHarness.Deadline));
        Assert.Equal([Topic], held.Topics);

        Volatile.Write(ref refuses, false);
        await EventuallyAsync(time, async () => await MeshSizeAsync(peer) == 1, "it is in the mesh again");
    }

    [Fact]
    public async Task Two_peers_that_restart_again_and_again_are_in_each_others_mesh_at_once_and_nobody_is_blamed()
    {
        Multiaddr address = PeerHarness.MemoryAddress();
        using PrivateKey identity = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        using PrivateKey otherIdentity = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        PmqPeerOptions options = Options() with
        {
            ListenAddresses = [],
            RedialMinDelay = TimeSpan.FromMilliseconds(10),
            RedialMaxDelay = TimeSpan.FromMilliseconds(50),

            // A mesh that waits for a heartbeat would not be found in time.
            Gossipsub = new GossipsubOptions { HeartbeatInterval = TimeSpan.FromMinutes(1) },
        };
        PmqPeer listening = await PeerHarness.StartAsync(
            options with { ListenAddresses = [address], Identity = identity });
        PmqPeerOptions dialing = options with { Peers = listening.ListenAddresses, Identity = otherIdentity };
        PmqPeer dialer = await PeerHarness.StartAsync(dialing);
        await MeetAsync();

        for (int i = 0; i < 3; i++)
        {
            await dialer.DisposeAsync();
            dialer = await PeerHarness.StartAsync(dialing);
            await MeetAsync();
            await listening.DisposeAsync();
            listening = await PeerHarness.StartAsync(
                options with { ListenAddresses = [address], Identity = identity });
            await MeetAsync();
        }

        await listening.DisposeAsync();
        await dialer.DisposeAsync();

        async Task MeetAsync()
        {
            await listening.MeshAsync(Topic, 1);
            await dialer.MeshAsync(Topic, 1);
            Assert.Equal(0, listening.Driver.Counters.MisbehavioursOf(Misbehaviour.GraftDuringBackoff));
            Assert.Equal(0, dialer.Driver.Counters.MisbehavioursOf(Misbehaviour.GraftDuringBackoff));
        }
    }

    [Fact]
    public async Task Peers_that_a_full_hub_turns_away_find_each_other_by_the_records_that_identify_told()
    {
        await using PmqPeer hub = await PeerHarness.StartAsync(Options() with
        {
            ListenAddresses = [PeerHarness.LoopbackAddress()],
            Gossipsub = new GossipsubOptions
            {
                Scoring = null,
                PeerExchange = true,
                MeshDegree = 1,
                MeshDegreeLow = 1,
                MeshDegreeHigh = 1,
            },
        });
        PmqPeerOptions ray = Options() with
        {
            ListenAddresses = [PeerHarness.LoopbackAddress()],
            Peers = hub.ListenAddresses,
            Gossipsub = new GossipsubOptions { Scoring = null, PeerExchange = true },
        };
        await using PmqPeer first = await PeerHarness.StartAsync(ray);
        await hub.MeshAsync(Topic, 1);
        await PeerHarness.Eventually(
            () => new(hub.Host.Describe(first.LocalPeer) is { SignedRecord.IsEmpty: false }), "its record is known");
        await using PmqPeer second = await PeerHarness.StartAsync(ray);

        await PeerHarness.Eventually(
            () => new(second.Host.Connections.Any(connection => connection.RemotePeer.Equals(first.LocalPeer))),
            "the rays are connected");
        PeerRecord? record = PeerRecord.TryOpen(hub.Host.Describe(first.LocalPeer)!.SignedRecord);
        Assert.Equal(first.LocalPeer, record?.Peer);
    }

    [Fact]
    public async Task Direct_peers_are_connected_and_sent_every_message_without_a_place_in_the_mesh()
    {
        using PrivateKey identity = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        PeerId dialerId = PeerId.FromPublicKey(identity.PublicKey);
        await using PmqPeer listening = await PeerHarness.StartAsync(Options() with
        {
            ListenAddresses = [PeerHarness.MemoryAddress()],
            Gossipsub = new GossipsubOptions { DirectPeers = [new DirectPeer(dialerId, [])] },
        });
        await using PmqPeer dialer = await PeerHarness.StartAsync(Options() with
        {
            ListenAddresses = [],
            Identity = identity,
            Gossipsub = new GossipsubOptions
            {
                DirectPeers =
                [
                    new DirectPeer(listening.LocalPeer, [listening.ListenAddresses[0].WithoutPeer()]),
                ],
            },
        });
        await using MessageListener listener = listening.Listen(new ListenOptions());
        await dialer.SeesAsync(Topic, 1);
        await listening.SeesAsync(Topic, 1);

        PublishOutcome outcome = await dialer.PublishAsync(Topic, "x"u8.ToArray(), PeerHarness.Deadline);

        Assert.Equal(1, outcome.Sent + outcome.Queued);
        Assert.Single(await listener.TakeAsync(1));
        Assert.Equal(0, await MeshSizeAsync(dialer));
        Assert.Equal(0, await MeshSizeAsync(listening));
    }

    [Fact]
    public async Task A_peer_that_does_not_read_what_is_passed_on_is_slow_and_its_score_says_so()
    {
        using var factory = new OwnMeterFactory();
        await using PmqPeer middle = await PeerHarness.StartAsync(Options() with
        {
            ListenAddresses = [PeerHarness.LoopbackAddress()],
            OutboundQueueBytes = 1024 * 1024,
            MeterFactory = factory,
        });
        (RawPeer slow, IConnection toSlow) = await RawPeer.ConnectAsync(
            middle.ListenAddresses[0], (_, cancellationToken) => NeverReadAsync(cancellationToken));
        (RawPeer source, IConnection toSource) = await RawPeer.ConnectAsync(middle.ListenAddresses[0]);
        await using RawPeer disposedFirst = slow;
        await using RawPeer disposedSecond = source;
        await using IStream slowStream = await toSlow.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);
        await slowStream.WriteAsync(RawPeer.Subscription(Topic), PeerHarness.Deadline);
        await slowStream.WriteAsync(RawPeer.Graft(Topic), PeerHarness.Deadline);
        await middle.MeshAsync(Topic, 1);
        await using IStream stream = await toSource.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);

        for (int i = 0; i < 100; i++)
        {
            byte[] data = new byte[100_000];
            BitConverter.TryWriteBytes(data, i);
            await stream.WriteAsync(RawPeer.Message(Topic, data), PeerHarness.Deadline);
        }

        await PeerHarness.Eventually(
            () => new(factory.Read().GetValueOrDefault("pmq.gossipsub.peer.slow") > 0), "it is found slow");
        Dictionary<string, double> read = factory.Read();
        Assert.True(
            read.GetValueOrDefault("pmq.gossipsub.outbound.dropped class=relay reason=full")
            + read.GetValueOrDefault("pmq.gossipsub.outbound.dropped class=relay reason=stale") > 0);
        await PeerHarness.Eventually(
            async () => (await middle.ExplainScoresAsync(PeerHarness.Deadline))
                .Single(view => view.Peer.Equals(slow.Id)).SlowPeer.Value > 0,
            "its score says so");
    }

    [Fact]
    public async Task A_flooded_topic_delays_no_other_topic_at_a_verifier_that_takes_its_time()
    {
        const string Quiet = "quiet";
        await using PmqPeer peer = await PeerHarness.StartAsync(Options() with
        {
            ListenAddresses = [PeerHarness.LoopbackAddress()],
            Topics = [Topic, Quiet],
            Validation = ValidationMode.Required,
        });
        await using VerifierAttachment verifier = peer.AttachVerifier(new VerifierOptions { Name = "v" });
        (RawPeer raw, IConnection connection) = await RawPeer.ConnectAsync(peer.ListenAddresses[0]);
        await using RawPeer _ = raw;
        await using IStream stream = await connection.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);
        const int Flood = 500;
        for (int i = 0; i < Flood; i++)
        {
            await stream.WriteAsync(RawPeer.Message(Topic, BitConverter.GetBytes(i)), PeerHarness.Deadline);
        }

        await stream.WriteAsync(RawPeer.Message(Quiet, "quiet"u8), PeerHarness.Deadline);
        await PeerHarness.Eventually(() => new(peer.Driver.Verifiers.PendingCount == Flood + 1), "all of it waits");

        int ahead = 0;
        await foreach (ReceivedMessage message in verifier.ReadAllAsync(PeerHarness.Deadline))
        {
            if (message.Topic == Quiet)
            {
                break;
            }

            ahead++;
        }

        Assert.InRange(ahead, 0, 1);
    }

    private static PmqPeerOptions Options() => new() { Topics = [Topic], Validation = ValidationMode.None };

    private static async Task<int> MeshSizeAsync(PmqPeer peer) =>
        (await peer.GetPeersAsync(PeerHarness.Deadline)).Count(other => other.MeshTopics.Contains(Topic));

    /// <summary>Waits, and lets the peer's own time pass meanwhile.</summary>
    private static Task EventuallyAsync(VirtualTimeProvider time, Func<ValueTask<bool>> holds, string what) =>
        PeerHarness.Eventually(
            async () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(200));
                return await holds();
            },
            what);

    private static async Task NeverReadAsync(CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource();
        await using CancellationTokenRegistration registration = cancellationToken.Register(() => ended.TrySetResult());
        await ended.Task;
    }
}

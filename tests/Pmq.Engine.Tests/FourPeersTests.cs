using System.Diagnostics;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;

namespace Pmq.Engine.Tests;

/// <summary>Four peers that know each other, one of which goes and comes back.</summary>
public sealed class FourPeersTests : IAsyncLifetime
{
    private const string Topic = "four";

    private readonly List<PmqPeer> _peers = [];
    private readonly PrivateKey _lastKey = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);

    public async ValueTask InitializeAsync()
    {
        for (int i = 0; i < 4; i++)
        {
            _peers.Add(await PeerHarness.StartAsync(Options() with
            {
                Identity = i == 3 ? _lastKey : null,
                Peers = [.. _peers.Select(peer => peer.ListenAddresses[0])],
            }));
        }

        foreach (PmqPeer peer in _peers)
        {
            await peer.MeshAsync(Topic, 3);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PmqPeer peer in _peers)
        {
            await peer.DisposeAsync();
        }

        _lastKey.Dispose();
    }

    [Fact]
    public async Task Everybody_gets_everything_once() => await AllHearAllAsync(_peers, 0);

    [Fact]
    public async Task When_one_is_gone_the_others_go_on_and_it_delivers_again_soon_after_it_is_back()
    {
        PmqPeer last = _peers[3];
        _peers.RemoveAt(3);

        // Without goodbye: the host goes down under it, as when the process is killed.
        await last.Host.DisposeAsync();
        await AllHearAllAsync(_peers, 1);
        foreach (PmqPeer peer in _peers)
        {
            await PeerHarness.Eventually(
                async () => (await peer.GetPeersAsync(PeerHarness.Deadline)).Count == 2, "the killed peer to be gone");
        }

        await last.DisposeAsync();
        PmqPeer again = await PeerHarness.StartAsync(Options() with
        {
            Identity = _lastKey,
            Peers = [.. _peers.Select(peer => peer.ListenAddresses[0])],
        });
        long restartedAt = Stopwatch.GetTimestamp();
        _peers.Add(again);
        foreach (PmqPeer peer in _peers)
        {
            await peer.MeshAsync(Topic, 3);
        }

        await AllHearAllAsync(_peers, 2);

        Assert.InRange(Stopwatch.GetElapsedTime(restartedAt), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_peer_that_was_named_is_dialed_again_when_it_is_back()
    {
        using PrivateKey key = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        PmqPeer named = await PeerHarness.StartAsync(Options() with { Identity = key });
        var address = named.ListenAddresses[0];
        await using PmqPeer dialer = await PeerHarness.StartAsync(
            Options() with { ListenAddresses = [], Peers = [address] });
        await dialer.MeshAsync(Topic, 1);
        await named.Host.DisposeAsync();
        await PeerHarness.Eventually(
            async () => (await dialer.GetPeersAsync(PeerHarness.Deadline)).Count == 0, "the connection to be gone");
        await named.DisposeAsync();

        await using PmqPeer back = await PeerHarness.StartAsync(
            Options() with { Identity = key, ListenAddresses = [address.WithoutPeer()] });
        long backAt = Stopwatch.GetTimestamp();
        await back.MeshAsync(Topic, 1);
        await dialer.MeshAsync(Topic, 1);
        await AllHearAllAsync([back, dialer], 3);

        Assert.InRange(Stopwatch.GetElapsedTime(backAt), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Disposing_takes_less_than_two_seconds_under_load()
    {
        using var stop = new CancellationTokenSource();
        Task publishing = Task.Run(async () =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                byte[] data = new byte[1000];
                BitConverter.TryWriteBytes(data, i);
                await _peers[0].PublishAsync(Topic, data, CancellationToken.None);
            }
        });

        long startedAt = Stopwatch.GetTimestamp();
        await _peers[2].DisposeAsync();
        TimeSpan took = Stopwatch.GetElapsedTime(startedAt);
        await stop.CancelAsync();
        await publishing;

        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    private static PmqPeerOptions Options() => new()
    {
        ListenAddresses = [PeerHarness.LoopbackAddress()],
        Topics = [Topic],
        Validation = ValidationMode.None,
    };

    private static async Task AllHearAllAsync(List<PmqPeer> peers, int round)
    {
        var listeners = peers.Select(peer => peer.Listen(new ListenOptions())).ToArray();
        string[] texts = [.. Enumerable.Range(0, peers.Count).Select(i => $"round {round}, peer {i}")];
        for (int i = 0; i < peers.Count; i++)
        {
            await peers[i].PublishAsync(Topic, System.Text.Encoding.UTF8.GetBytes(texts[i]), PeerHarness.Deadline);
        }

        foreach (MessageListener listener in listeners)
        {
            List<ReceivedMessage> heard = await listener.TakeAsync(peers.Count);
            IEnumerable<string> heardTexts =
                heard.Select(message => System.Text.Encoding.UTF8.GetString(message.Data.Span));
            Assert.Equal(texts, heardTexts.Order(StringComparer.Ordinal));
            await listener.DisposeAsync();
        }
    }
}

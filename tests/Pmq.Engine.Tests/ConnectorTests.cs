using Microsoft.Extensions.Logging.Abstractions;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Engine.Gossip;
using Pmq.Gossipsub.Effects;
using Pmq.Testing;

namespace Pmq.Engine.Tests;

/// <summary>Other peers can tell of as many peers as they like: what that makes us do is bounded.</summary>
public sealed class ConnectorTests : IAsyncDisposable
{
    private readonly VirtualTimeProvider _time = new();
    private readonly OwnMeterFactory _factory = new();
    private readonly EngineMetrics _metrics;
    private readonly DialedHost _host = new();
    private readonly Connector _connector;

    public ConnectorTests()
    {
        _metrics = new EngineMetrics(_factory);
        _connector = new Connector(
            _host, new ConnectorOptions { MaxDials = 2, MaxWaiting = 3, MaxRemembered = 4 }, _time, _metrics,
            NullLogger.Instance);
        _connector.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _connector.DisposeAsync();
        _metrics.Dispose();
        _factory.Dispose();
    }

    [Fact]
    public async Task Dials_at_one_time_and_dials_that_wait_are_bounded_and_the_rest_is_counted()
    {
        PeerId[] peers = Peers(10);
        Array.ForEach(peers[..2], peer => Offer(peer));
        await CountAsync(() => _host.Dialed.Count == 2);
        Array.ForEach(peers[2..], peer => Offer(peer));
        Array.ForEach(peers[..5], peer => Offer(peer)); // Under way: not dialed twice, not counted.

        Assert.Equal(5, Outcomes("too_many"));
        Assert.Equal(2, _host.Dialed.Count);
        _host.Finish(isConnected: true);
        await CountAsync(() => Outcomes("connected") == 5);
        Assert.Equal(peers[..5].Order(), _host.Dialed.Order());
    }

    [Fact]
    public async Task Peers_that_others_tell_of_keep_us_from_no_direct_peer()
    {
        PeerId[] peers = Peers(10);
        Array.ForEach(peers[..9], peer => Offer(peer));
        await CountAsync(() => _host.Dialed.Count == 2);

        Offer(peers[9], isDirect: true);
        Offer(peers[4], isDirect: true); // Named by others, too, and waiting.

        await CountAsync(() => _host.Dialed.Contains(peers[9]) && _host.Dialed.Contains(peers[4]));
    }

    [Fact]
    public async Task A_peer_that_could_not_be_reached_is_left_alone_for_twice_as_long_each_time()
    {
        PeerId peer = Peers(1)[0];
        _host.Finish(isConnected: false);
        Offer(peer);
        await CountAsync(() => Outcomes("failed") == 1);

        _time.Advance(TimeSpan.FromSeconds(9.9));
        Offer(peer);
        Assert.Equal(1, Outcomes("in_backoff"));
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Offer(peer);
        await CountAsync(() => Outcomes("failed") == 2);

        _time.Advance(TimeSpan.FromSeconds(19.9));
        Offer(peer);
        Assert.Equal(2, Outcomes("in_backoff"));
        Offer(peer, isDirect: true); // Agreed on: always tried.
        await CountAsync(() => Outcomes("failed") == 3);
    }

    [Fact]
    public async Task A_dial_that_takes_too_long_is_ended_and_makes_room()
    {
        PeerId[] peers = Peers(3);
        Array.ForEach(peers, peer => Offer(peer));
        await CountAsync(() => _host.Dialed.Count == 2);

        _time.Advance(TimeSpan.FromSeconds(30));

        await CountAsync(() => Outcomes("failed") == 2 && _host.Dialed.Count == 3);
    }

    [Fact]
    public async Task Failures_that_are_remembered_are_bounded_and_the_oldest_is_forgotten()
    {
        PeerId[] peers = Peers(5);
        _host.Finish(isConnected: false);
        for (int i = 0; i < peers.Length; i++)
        {
            Offer(peers[i]);
            await CountAsync(() => Outcomes("failed") == i + 1);
        }

        Offer(peers[4]);
        Assert.Equal(1, Outcomes("in_backoff"));
        Offer(peers[0]);
        await CountAsync(() => Outcomes("failed") == 6);
    }

    private static PeerId[] Peers(int count) => [.. Enumerable.Range(0, count).Select(_ => PeerId.FromPublicKey(
        PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance).PublicKey))];

    private void Offer(PeerId peer, bool isDirect = false) =>
        _connector.Offer(new ConnectTarget(peer, [], default, isDirect));

    private double Outcomes(string outcome) =>
        _factory.Read().GetValueOrDefault($"pmq.gossipsub.connect outcome={outcome}");

    private static Task CountAsync(Func<bool> holds) => PeerHarness.Eventually(() => new(holds()), "it is counted");

    /// <summary>A host whose dials end when the test says so.</summary>
    private sealed class DialedHost : IHost
    {
        private readonly TaskCompletionSource<bool> _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<PeerId> _dialed = [];

        public List<PeerId> Dialed
        {
            get
            {
                lock (_dialed)
                {
                    return [.. _dialed];
                }
            }
        }

        public PeerId LocalPeer => throw new NotSupportedException();

        public IReadOnlyList<Multiaddr> ListenAddresses => [];

        public IReadOnlyList<IConnection> Connections => [];

        public IReadOnlyList<string> Protocols => [];

        public void Finish(bool isConnected) => _finished.TrySetResult(isConnected);

        public async ValueTask<IConnection> ConnectAsync(
            PeerId peer, IReadOnlyList<Multiaddr> addresses, CancellationToken cancellationToken)
        {
            lock (_dialed)
            {
                _dialed.Add(peer);
            }

            return await _finished.Task.WaitAsync(cancellationToken)
                ? null!
                : throw new DialException(DialFault.Unreachable, peer, "refused by the test");
        }

        public ValueTask<IConnection> ConnectAsync(Multiaddr address, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public void Handle(string protocol, StreamHandler handler) => throw new NotSupportedException();

        public void StopHandling(string protocol) => throw new NotSupportedException();

        public ValueTask DisconnectAsync(PeerId peer, CloseReason reason) => throw new NotSupportedException();

        public PeerDescription? Describe(PeerId peer) => null;

        public IDisposable Observe(IHostObserver observer) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => default;
    }
}

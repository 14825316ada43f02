using Microsoft.Extensions.Logging;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Libp2p.Identify;
using Pmq.Libp2p.Multistream;
using Pmq.Libp2p.Noise;
using Pmq.Libp2p.Ping;
using Pmq.Libp2p.Swarm;
using Pmq.Libp2p.Transport;
using Pmq.Libp2p.Transport.Memory;
using Pmq.Libp2p.Transport.Tcp;
using Pmq.Libp2p.Upgrade;

namespace Pmq.Libp2p;

/// <summary>
/// A libp2p host over TCP and in-process connections: multistream-select, Noise, Yamux, identify with push, ping.
/// Thread-safe.
/// </summary>
/// <remarks>
/// Register handlers before <see cref="StartAsync"/>, so that the first peer finds them. Disposing stops accepting, tells
/// the handlers to end, says goodbye to the peers, and is over within <see cref="Libp2pHostOptions.ShutdownTimeout"/>.
/// </remarks>
public sealed class Libp2pHost : IHost
{
    private readonly Libp2pHostOptions _options;
    private readonly ILogger _logger;
    private readonly SwarmMetrics _metrics;
    private readonly SwarmState _swarm;
    private readonly IReadOnlyList<ITransport> _transports;
    private readonly NoiseIdentity _noise;
    private readonly Upgrader _upgrader;
    private readonly Dialer _dialer;
    private readonly IdentifyService _identify;
    private readonly PingService _ping;
    private readonly Lock _gate = new();
    private List<Acceptor> _acceptors = [];
    private IReadOnlyList<Multiaddr> _listenAddresses = [];
    private Task _observing = Task.CompletedTask;
    private Task? _disposing;
    private bool _started;

    /// <summary>Prepares a host; nothing listens or dials before <see cref="StartAsync"/>.</summary>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public Libp2pHost(Libp2pHostOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _logger = options.LoggerFactory.CreateLogger("Pmq.Libp2p");
        _metrics = new SwarmMetrics(options.MeterFactory);
        LocalPeer = PeerId.FromPublicKey(options.Identity.PublicKey);
        _swarm = new SwarmState(options, LocalPeer, _metrics, _logger) { ConnectionOpened = OnConnectionOpened };
        _transports = options.Transports ?? [new TcpTransport(), new MemoryTransport(options.MemoryNetwork)];
        _noise = new NoiseIdentity(options.Identity, options.Entropy);
        _upgrader = new Upgrader(
            _noise,
            new UpgradeOptions
            {
                Timeout = options.UpgradeTimeout,
                Multistream = new MultistreamLimits { Timeout = options.UpgradeTimeout },
                Noise = options.Noise,
                Yamux = options.Yamux,
                EarlyMuxer = options.EarlyMuxer,
            },
            options.Entropy,
            options.TimeProvider,
            _logger);
        _dialer = new Dialer(_swarm, _transports, _upgrader, () => ListenAddresses);
        _identify = new IdentifyService(_swarm, IdentifyLimits.Default, () => ListenAddresses);
        _ping = new PingService(options);
        if (!options.DisablePing)
        {
            _swarm.Protocols.Add(PingService.Protocol, _ping.ServeAsync, PingService.MaxStreamsPerPeer);
        }
    }

    /// <inheritdoc />
    public PeerId LocalPeer { get; }

    /// <inheritdoc />
    public IReadOnlyList<Multiaddr> ListenAddresses => Volatile.Read(ref _listenAddresses);

    /// <inheritdoc />
    public IReadOnlyList<IConnection> Connections => _swarm.Connections();

    /// <inheritdoc />
    public IReadOnlyList<string> Protocols => _swarm.Protocols.Protocols;

    /// <summary>Starts to listen on all addresses, or on none of them when one cannot be had. Called once.</summary>
    /// <exception cref="IOException">An address cannot be listened on; the message names it.</exception>
    /// <exception cref="InvalidOperationException">The host has been started or disposed.</exception>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_started || _disposing is not null)
            {
                throw new InvalidOperationException("A host is started once, and not after it was disposed.");
            }

            _started = true;
        }

        var listeners = new List<ITransportListener>();
        try
        {
            foreach (Multiaddr address in _options.ListenAddresses)
            {
                ITransport transport = _transports.FirstOrDefault(candidate => candidate.CanListen(address.WithoutPeer()))
                    ?? throw new IOException(
                        $"Cannot listen on {address}: no transport does; /ip4/…/tcp/…, /ip6/…/tcp/… and /memory/… are known.");
                listeners.Add(await transport.ListenAsync(address.WithoutPeer(), cancellationToken));
            }
        }
        catch
        {
            foreach (ITransportListener listener in listeners)
            {
                await listener.DisposeAsync();
            }

            throw;
        }

        Volatile.Write(
            ref _listenAddresses,
            [.. listeners.SelectMany(static listener => WildcardAddress.Expand(listener.LocalAddress))
                .Distinct().Select(address => address.WithPeer(LocalPeer))]);
        _observing = _swarm.Observers.Start();
        _identify.Start();
        _acceptors = [.. listeners.Select(listener => new Acceptor(_swarm, listener, _upgrader, _dialer))];
        foreach (Acceptor acceptor in _acceptors)
        {
            acceptor.Start();
            Log.Listening(_logger, acceptor.LocalAddress);
        }
    }

    /// <inheritdoc />
    public void Handle(string protocol, StreamHandler handler)
    {
        _swarm.Protocols.Add(protocol, handler, _options.MaxInboundStreamsPerProtocol);
        _identify.Changed();
    }

    /// <inheritdoc />
    public void StopHandling(string protocol)
    {
        if (_swarm.Protocols.Remove(protocol))
        {
            _identify.Changed();
        }
    }

    /// <inheritdoc />
    public async ValueTask<IConnection> ConnectAsync(
        PeerId peer, IReadOnlyList<Multiaddr> addresses, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(addresses);
        return await _dialer.ConnectAsync(peer, addresses, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<IConnection> ConnectAsync(Multiaddr address, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.Peer is { } peer
            ? ConnectAsync(peer, [address], cancellationToken)
            : throw new DialException(
                DialFault.NoAddress, null, $"Cannot dial {address}: it names no peer; append /p2p/<peer id>.");
    }

    /// <summary>Measures one round trip to a connected peer by <c>/ipfs/ping/1.0.0</c>.</summary>
    /// <exception cref="StreamException">There is no connection, or the peer does not serve ping or echoed something else.</exception>
    /// <exception cref="TimeoutException">No answer came within 10 s.</exception>
    public ValueTask<TimeSpan> PingAsync(PeerId peer, CancellationToken cancellationToken) =>
        _swarm.Best(peer) is { } connection
            ? _ping.PingAsync(connection, cancellationToken)
            : throw new StreamException(StreamFault.ConnectionClosed, $"There is no connection to {peer}.");

    /// <inheritdoc />
    public async ValueTask DisconnectAsync(PeerId peer, CloseReason reason)
    {
        foreach (SwarmConnection connection in _swarm.ConnectionsOf(peer))
        {
            await connection.CloseAsync(reason);
            await connection.Removed;
        }
    }

    /// <inheritdoc />
    public PeerDescription? Describe(PeerId peer) => _swarm.Describe(peer);

    /// <inheritdoc />
    public IDisposable Observe(IHostObserver observer) => _swarm.Observers.Add(observer);

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposing ??= ShutDownAsync();
            return new ValueTask(_disposing);
        }
    }

    private void OnConnectionOpened(SwarmConnection connection)
    {
        if (_options.AskIdentify)
        {
            _identify.Ask(connection);
        }
    }

    /// <summary>Stops accepting and dialing, lets the handlers end, says GoAway, and waits for all of it within bounds.</summary>
    private async Task ShutDownAsync()
    {
        await Task.Yield();
        using var bound = new CancellationTokenSource(_options.ShutdownTimeout, _options.TimeProvider);
        using var drain = new CancellationTokenSource(_options.ShutdownTimeout / 4, _options.TimeProvider);
        _swarm.StopAdmitting();
        await Task.WhenAll([.. _acceptors.Select(static acceptor => acceptor.DisposeAsync().AsTask()), _dialer.StopAsync()]);
        await _identify.DisposeAsync();

        IReadOnlyList<SwarmConnection> connections = _swarm.Connections();
        await Task.WhenAll(connections.Select(static connection => connection.StopServingAsync()));
        await Within(Task.WhenAll(connections.Select(static connection => connection.WhenServedAsync())), drain.Token);
        var goodbye = new CloseReason(CloseKind.Shutdown);
        Task closed = Task.WhenAll(connections.Select(connection => connection.CloseAsync(goodbye).AsTask()));
        Task ended = Task.WhenAll(connections.Select(static connection => connection.WhenEndedAsync()));
        if (!await Within(Task.WhenAll(closed, ended), bound.Token))
        {
            Log.ShutdownOverran(_logger, _options.ShutdownTimeout, connections.Sum(static one => one.TaskCount));
        }

        _swarm.Observers.Complete();
        await _observing;
        _dialer.Dispose();
        _noise.Dispose();
        _metrics.Dispose();
    }

    private static async ValueTask<bool> Within(Task task, CancellationToken bound)
    {
        try
        {
            await task.WaitAsync(bound);
            return true;
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested)
        {
            return false;
        }
    }
}

using System.Net;
using Microsoft.Extensions.Logging;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Libp2p.Upgrade;

namespace Pmq.Libp2p.Swarm;

/// <summary>
/// Owns the swarm's state: the tables of connections, limits, backoff and addresses, all behind one lock that is held for
/// table work only. What follows from a change is done by the caller, outside the lock. Thread-safe.
/// </summary>
internal sealed class SwarmState
{
    private readonly Lock _gate = new();
    private readonly Libp2pHostOptions _options;
    private readonly ConnectionTable<SwarmConnection> _connections;
    private readonly InboundGate _inbound;
    private readonly DialBackoff _backoff;
    private readonly PeerStore _store;
    private readonly PeerEvents _events = new();
    private readonly long _startedAt;
    private int _inboundStreams;
    private bool _closing;

    /// <summary>An empty swarm.</summary>
    public SwarmState(Libp2pHostOptions options, PeerId localPeer, SwarmMetrics metrics, ILogger logger)
    {
        _options = options;
        LocalPeer = localPeer;
        Metrics = metrics;
        Logger = logger;
        _startedAt = options.TimeProvider.GetTimestamp();
        _connections = new ConnectionTable<SwarmConnection>(
            localPeer,
            options.MaxConnectionsPerPeer,
            options.DialTimeout,
            static connection => connection.CloseReason is null);
        _inbound = new InboundGate(options.Inbound);
        _backoff = new DialBackoff(options.DialBackoff);
        _store = new PeerStore(options.PeerStore);
        Gater = new GuardedGater(options.Gater, logger);
        Observers = new ObserverLoop(this, metrics, logger);
    }

    /// <summary>Who we are.</summary>
    public PeerId LocalPeer { get; }

    /// <summary>What is counted.</summary>
    public SwarmMetrics Metrics { get; }

    /// <summary>Where faults are logged.</summary>
    public ILogger Logger { get; }

    /// <summary>The protocols that are served.</summary>
    public ProtocolTable Protocols { get; } = new();

    /// <summary>Who is told of peers.</summary>
    public ObserverLoop Observers { get; }

    /// <summary>Who may be dialed and may connect; it never throws.</summary>
    public IConnectionGater Gater { get; }

    /// <summary>The options of the host.</summary>
    public Libp2pHostOptions Options => _options;

    /// <summary>Called for each connection that was taken up, before anything else can use it.</summary>
    public required Action<SwarmConnection> ConnectionOpened { get; init; }

    /// <summary>The time that the tables are told.</summary>
    private TimeSpan Now => _options.TimeProvider.GetElapsedTime(_startedAt);

    /// <summary>Takes a slot for an inbound connection.</summary>
    public AcceptVerdict TryAccept(IPAddress? remote)
    {
        lock (_gate)
        {
            return _inbound.TryAccept(remote, Now);
        }
    }

    /// <summary>The handshake of an inbound connection has ended.</summary>
    public void InboundUpgraded(IPAddress? remote)
    {
        lock (_gate)
        {
            _inbound.Upgraded(remote);
        }
    }

    /// <summary>An inbound connection gives its slot back.</summary>
    public void InboundClosed(IPAddress? remote)
    {
        lock (_gate)
        {
            _inbound.Closed(remote);
        }
    }

    /// <summary>Takes a slot for an inbound stream; false when all are taken.</summary>
    /// <param name="ofConnection">The slots that its connection has.</param>
    public bool TryEnterStream(int ofConnection)
    {
        int share = Math.Max(1, _options.MaxInboundStreams / _options.Inbound.MaxConnections);
        if (Interlocked.Increment(ref _inboundStreams) <= _options.MaxInboundStreams || ofConnection < share)
        {
            return true;
        }

        LeaveStream();
        return false;
    }

    /// <summary>An inbound stream that entered has ended.</summary>
    public void LeaveStream() => Interlocked.Decrement(ref _inboundStreams);

    /// <summary>
    /// Takes up a fresh connection, starts it and sees to what is superseded by that, which may be the connection itself.
    /// On a fault it is not taken up, and the caller closes it.
    /// </summary>
    public UpgradeFault Admit(SwarmConnection connection)
    {
        PeerId peer = connection.RemotePeer;
        if (peer.Equals(LocalPeer))
        {
            return UpgradeFault.Self;
        }

        if (!Gater.MaySecure(peer, connection.RemoteAddress, connection.Direction) || !Gater.MayUse(connection))
        {
            return UpgradeFault.Refused;
        }

        var superseded = new List<SwarmConnection>();
        lock (_gate)
        {
            if (_closing)
            {
                return UpgradeFault.Cancelled;
            }

            bool first = _connections.Of(peer).Count == 0;
            if (!_connections.TryAdd(connection.Id, connection, peer, connection.Direction, Now, superseded))
            {
                return UpgradeFault.TooManyConnections;
            }

            _backoff.Forgive(peer);
            if (first)
            {
                _events.Connected(peer, connection);
            }
        }

        Metrics.Opened(connection.Direction);
        Log.ConnectionOpened(Logger, connection.Direction, connection.Id, peer, connection.RemoteAddress);
        connection.Start();
        ConnectionOpened(connection);
        Observers.Wake();
        foreach (SwarmConnection loser in superseded)
        {
            loser.Supersede();
        }

        return UpgradeFault.None;
    }

    /// <summary>A connection that was taken up has ended.</summary>
    public void Remove(SwarmConnection connection, CloseReason reason)
    {
        lock (_gate)
        {
            if (!_connections.Remove(connection.Id))
            {
                return;
            }

            if (connection.Direction == ConnectionDirection.Inbound)
            {
                _inbound.Closed(connection.InboundAddress);
            }

            if (_connections.Of(connection.RemotePeer).Count == 0)
            {
                _events.Disconnected(connection.RemotePeer, reason);
            }
        }

        Metrics.Closed(connection.Direction, reason.Kind);
        Log.ConnectionClosed(Logger, connection.Id, connection.RemotePeer, reason);
        Observers.Wake();
    }

    /// <summary>The number of the next connection.</summary>
    public long NextConnectionId()
    {
        lock (_gate)
        {
            return _connections.NextId();
        }
    }

    /// <summary>The connection for new streams; null without one.</summary>
    public SwarmConnection? Best(PeerId peer)
    {
        lock (_gate)
        {
            return _connections.Best(peer);
        }
    }

    /// <summary>All connections to a peer, oldest first.</summary>
    public IReadOnlyList<SwarmConnection> ConnectionsOf(PeerId peer)
    {
        lock (_gate)
        {
            return _connections.Of(peer);
        }
    }

    /// <summary>All connections, oldest first.</summary>
    public IReadOnlyList<SwarmConnection> Connections()
    {
        lock (_gate)
        {
            return _connections.All();
        }
    }

    /// <summary>Whether a dial to the peer is given up for an inbound connection.</summary>
    public bool OutboundWouldLose(PeerId peer) => _connections.OutboundWouldLose(peer);

    /// <summary>From now on no connection is taken up.</summary>
    public void StopAdmitting()
    {
        lock (_gate)
        {
            _closing = true;
        }
    }

    /// <summary>What a peer told by identify.</summary>
    public PeerDescription? Describe(PeerId peer)
    {
        lock (_gate)
        {
            return _events.Describe(peer);
        }
    }

    /// <summary>A peer told what it speaks, and where it says it can be dialed.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="merge">
    /// Makes of what was known, null for nothing, what is known now. Called under the lock: of two exchanges at a time
    /// neither undoes the other.
    /// </param>
    public void Identified(PeerId peer, Func<PeerDescription?, PeerDescription> merge)
    {
        lock (_gate)
        {
            PeerDescription description = merge(_events.Describe(peer));
            _events.Identified(peer, description);
            _store.Add(peer, description.ListenAddresses, Now);
        }

        Observers.Wake();
    }

    /// <summary>The addresses known of a peer.</summary>
    public IReadOnlyList<Multiaddr> KnownAddresses(PeerId peer)
    {
        lock (_gate)
        {
            return _store.Get(peer, Now);
        }
    }

    /// <summary>Whether an address may be dialed now.</summary>
    public bool MayDial(PeerId peer, Multiaddr address)
    {
        lock (_gate)
        {
            return _backoff.MayDial(peer, address, Now);
        }
    }

    /// <summary>A dial of an address has led to the peer.</summary>
    public void DialSucceeded(PeerId peer, Multiaddr address)
    {
        lock (_gate)
        {
            _backoff.Succeeded(peer, address);
            _store.Add(peer, [address], Now);
        }
    }

    /// <summary>A dial of an address has failed in a way that makes it wait.</summary>
    public void DialFailed(PeerId peer, Multiaddr address)
    {
        lock (_gate)
        {
            _backoff.Failed(peer, address, Now);
        }
    }

    /// <summary>Takes what the observers have not been told, and what newcomers among them must be told first.</summary>
    public void TakeEvents(List<PeerEvent> changes, List<PeerEvent> present, bool withPresent)
    {
        lock (_gate)
        {
            _events.Take(changes);
            if (withPresent)
            {
                _events.Replay(present);
            }
        }
    }
}

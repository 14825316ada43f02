using System.IO.Pipelines;
using System.Net;
using System.Runtime.InteropServices;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Engine.Gossip;

/// <summary>Peers that come and go, and the outbound stream of each.</summary>
internal sealed partial class GossipsubDriver
{
    private readonly Lock _linkGate = new();
    private readonly Dictionary<PeerId, PeerLink> _links = [];
    private readonly List<PeerLink> _endedLinks = [];
    private readonly List<PeerLink> _heartbeatLinks = [];
    private readonly List<GossipMessage> _dropped = [];

    /// <inheritdoc />
    public void OnPeerConnected(IConnection connection) => Call(_ => Connect(connection.RemotePeer));

    /// <inheritdoc />
    public void OnPeerIdentified(PeerId peer, PeerDescription description) => Call(_ =>
    {
        if (FindLink(peer) is { } link)
        {
            link.SignedRecord = description.SignedRecord;
            TellRecord(link);
            link.Identified.Set();
        }
    });

    /// <inheritdoc />
    public void OnPeerDisconnected(PeerId peer, CloseReason reason) => Call(now => Disconnect(peer, now));

    /// <summary>
    /// The link of a peer, made by a stream of a peer that was connected before we watched the host.
    /// </summary>
    private PeerLink LinkOf(PeerId peer)
    {
        lock (_linkGate)
        {
            if (!_links.TryGetValue(peer, out PeerLink? link))
            {
                var outbound = new OutboundQueue(_options.Outbound, _clock, isTraced: _options.Trace is not null);
                link = new PeerLink(peer, outbound);
                _links.Add(peer, link);
            }

            return link;
        }
    }

    private PeerLink? FindLink(PeerId peer)
    {
        lock (_linkGate)
        {
            return _links.GetValueOrDefault(peer);
        }
    }

    internal PeerLink[] LinksInOrder()
    {
        lock (_linkGate)
        {
            return [.. _links.Values.OrderBy(link => link.Id)];
        }
    }

    private void Connect(PeerId peer)
    {
        PeerLink link = LinkOf(peer);
        if (!link.IsConnected)
        {
            link.IsConnected = true;
            link.Loop = Task.Run(() => RunLinkAsync(link));
        }
    }

    private void Disconnect(PeerId peer, TimeSpan now)
    {
        PeerLink? link;
        lock (_linkGate)
        {
            _links.Remove(peer, out link);
        }

        if (link is null)
        {
            return;
        }

        // Its connection has ended: what a new one brings is adopted after this.
        link.Reader?.Supersede();
        link.Reader = null;
        Unlink(link, now);
        link.End();
        _endedLinks.Add(link);
    }

    /// <summary>
    /// Drops a link that only an inbound stream had made, when that ends and the host never told of the peer.
    /// </summary>
    private void ForgetStranger(PeerLink link)
    {
        if (!link.IsConnected)
        {
            lock (_linkGate)
            {
                if (_links.GetValueOrDefault(link.Id) == link)
                {
                    _links.Remove(link.Id);
                }
            }
        }
    }

    /// <summary>
    /// Counts what the queues have dropped since the last heartbeat, and tells the router who keeps them waiting and
    /// who lets us open no stream.
    /// </summary>
    private void LookAtLinks(TimeSpan now)
    {
        lock (_linkGate)
        {
            _heartbeatLinks.AddRange(_links.Values);
        }

        TellChangedAddresses();
        foreach (PeerLink link in _heartbeatLinks)
        {
            CountDrops(link, now);
            if (now - link.DownSince > _options.StreamGrace && link.Core is { } mute)
            {
                _router.Suspend(mute, _effects);
            }
        }

        _heartbeatLinks.Clear();
    }

    private void CountDrops(PeerLink link, TimeSpan now)
    {
        OutboundDrops drops = link.Outbound.TakeDrops(out int slow);
        _metrics.CountOutboundDrops(drops);
        if (_options.Trace is { } trace && drops.Total > 0)
        {
            link.Outbound.TakeDropped(_dropped);
            _dropped.ForEach(message => trace.Trace(TraceEvent.DropRpc(link.Id, message)));
            _dropped.Clear();
        }

        if (slow > 0 && link.Core is { } core)
        {
            _metrics.CountSlowPeer();
            Log.PeerIsSlow(_logger, link.Id, slow);
            _router.OnSlowPeer(core, slow, now);
        }
    }

    private void PruneEndedLinks(TimeSpan now)
    {
        for (int i = _endedLinks.Count - 1; i >= 0; i--)
        {
            if (_endedLinks[i].Loop.IsCompleted)
            {
                CountDrops(_endedLinks[i], now); // What its last stream had not taken.
                _endedLinks[i].Dispose();
                _endedLinks.RemoveAt(i);
            }
        }
    }

    /// <summary>The outbound stream is open: the router learns of the peer and greets it, or greets it again.</summary>
    private void Link(PeerLink link, PubsubProtocol protocol, ConnectionDirection direction, TimeSpan now)
    {
        if (link.Ending.IsCancellationRequested)
        {
            return;
        }

        link.DownSince = null;
        if (link.Core is { } known)
        {
            _router.Reannounce(known, protocol, now, _effects);
            TellAddresses(known);
            return;
        }

        link.Core = _router.AddPeer(link.Id, protocol, direction, now, _effects);
        link.Core.DriverState = link;
        TellAddresses(link.Core);
        TellRecord(link);
        link.OnKnown();
        Log.PeerAdded(_logger, link.Id, protocol);
    }

    /// <summary>Tells the router what IP addresses the peer is connected from.</summary>
    private void TellAddresses(GossipPeer core)
    {
        var link = (PeerLink)core.DriverState!;
        link.Addresses.Clear();
        foreach (IConnection connection in _host.Connections)
        {
            if (connection.RemotePeer.Equals(core.Id))
            {
                AddAddress(link.Addresses, connection);
            }
        }

        _router.SetAddresses(core, CollectionsMarshal.AsSpan(link.Addresses));
    }

    /// <summary>
    /// The host tells of a peer's first connection alone: whether another has come or gone is looked at here.
    /// </summary>
    private void TellChangedAddresses()
    {
        foreach (IConnection connection in _host.Connections)
        {
            if (FindLink(connection.RemotePeer) is { Core: not null } link)
            {
                AddAddress(link.FoundAddresses, connection);
            }
        }

        foreach (PeerLink link in _heartbeatLinks)
        {
            if (link.Core is { } core)
            {
                TellAddresses(link, core);
            }

            link.FoundAddresses.Clear();
        }
    }

    private void TellAddresses(PeerLink link, GossipPeer core)
    {
        if (!link.FoundAddresses.SequenceEqual(link.Addresses))
        {
            (link.FoundAddresses, link.Addresses) = (link.Addresses, link.FoundAddresses);
            _router.SetAddresses(core, CollectionsMarshal.AsSpan(link.Addresses));
        }
    }

    private static void AddAddress(List<IPAddress> addresses, IConnection connection)
    {
        if (connection.CloseReason is null && connection.RemoteAddress.TryGetEndPoint(out IPEndPoint? endPoint)
            && !addresses.Contains(endPoint.Address))
        {
            addresses.Add(endPoint.Address);
        }
    }

    private void TellRecord(PeerLink link)
    {
        if (link.Core is not null && !link.SignedRecord.IsEmpty)
        {
            _router.SetPeerRecord(link.Id, link.SignedRecord);
        }
    }

    /// <summary>The outbound stream broke; another is being opened.</summary>
    private static void OnStreamEnded(PeerLink link, TimeSpan now) => link.DownSince ??= now;

    private void Unlink(PeerLink link, TimeSpan now)
    {
        if (link.Core is { } core)
        {
            _router.RemovePeer(core, now, _effects);
            core.DriverState = null;
            link.Core = null;
            link.Outbound.Clear();
            CountDrops(link, now);
            Log.PeerRemoved(_logger, link.Id);
        }
    }

    /// <summary>
    /// Keeps an outbound stream to a peer for as long as it is connected: opens it, writes to it, opens it again when
    /// it breaks.
    /// </summary>
    private async Task RunLinkAsync(PeerLink link)
    {
        TimeSpan delay = _options.ReopenMinDelay;
        try
        {
            while (!link.Outbound.IsEnding)
            {
                link.Ending.ThrowIfCancellationRequested();
                long openedAt = _time.GetTimestamp();
                if (await KeepStreamAsync(link) && _time.GetElapsedTime(openedAt) > _options.ReopenMaxDelay)
                {
                    delay = _options.ReopenMinDelay;
                }

                await Task.Delay(delay, _time, link.Ending);
                delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, _options.ReopenMaxDelay.Ticks));
            }
        }
        catch (OperationCanceledException) when (link.Ending.IsCancellationRequested)
        {
            // The peer is gone, or is to be.
        }
        catch (Exception fault)
        {
            Log.LinkBroken(_logger, link.Id, fault);
            link.Disconnect(new CloseReason(CloseKind.LocalFault, "gossipsub: the peer's loop failed"));
        }

        if (link.DisconnectFor is { } reason)
        {
            await _host.DisconnectAsync(link.Id, reason);
        }
    }

    /// <summary>Opens the stream and feeds it until it breaks. False when it could not be opened.</summary>
    private async Task<bool> KeepStreamAsync(PeerLink link)
    {
        IStream stream;
        try
        {
            IConnection? connection = OpenConnectionTo(link.Id);
            if (connection is null)
            {
                return false;
            }

            stream = await connection.OpenStreamAsync(PubsubProtocols.Ids, link.Ending);
        }
        catch (StreamException refused)
        {
            if (refused.Reason == StreamFault.ProtocolNotSupported)
            {
                // It may come to serve one: identify tells.
                await link.Identified.WaitAsync();
            }

            return false;
        }

        await using (stream)
        {
            if (!PubsubProtocols.TryParse(stream.Protocol, out PubsubProtocol protocol))
            {
                return false;
            }

            Call(now => Link(link, protocol, stream.Connection.Direction, now));
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(link.Ending);
            Task watching = WatchAsync(link, stream, ended);
            try
            {
                await link.Outbound.WriteAsync(stream, ended.Token);
                await stream.CloseWriteAsync(link.Ending);
            }
            catch (StreamException broken)
            {
                Log.StreamBroken(_logger, link.Id, broken.Reason);
            }
            catch (OperationCanceledException) when (!link.Ending.IsCancellationRequested)
            {
                Log.StreamBroken(_logger, link.Id, StreamFault.ResetByPeer);
            }
            finally
            {
                await ended.CancelAsync();
                await watching;
                Call(now => OnStreamEnded(link, now));
            }

            return true;
        }
    }

    /// <summary>
    /// Notices that the peer has reset our stream, though we write nothing: it must be opened again before there is
    /// something to say. Nothing is expected to be read, and what is read is dropped.
    /// </summary>
    private static async Task WatchAsync(PeerLink link, IStream stream, CancellationTokenSource ended)
    {
        try
        {
            ReadResult result;
            do
            {
                result = await stream.Input.ReadAsync(ended.Token);
                stream.Input.AdvanceTo(result.Buffer.End);
            }
            while (!result.IsCompleted);
        }
        catch (OperationCanceledException)
        {
            // The writer has ended.
        }
        catch (StreamException)
        {
            await ended.CancelAsync();
            link.Outbound.Wake();
        }
    }

    private IConnection? OpenConnectionTo(PeerId peer)
    {
        foreach (IConnection connection in _host.Connections)
        {
            if (connection.RemotePeer.Equals(peer) && connection.CloseReason is null)
            {
                return connection;
            }
        }

        return null;
    }

    /// <summary>Runs a call on the router, now if it is free.</summary>
    private void Call(Action<TimeSpan> call)
    {
        Post(new DriverCommand(DriverCommandKind.Call, call));
        Drive();
    }
}

using Pmq.Core.Hosting;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Rpc;

namespace Pmq.Engine.Gossip;

/// <summary>The lanes of what peers send.</summary>
internal sealed partial class GossipsubDriver
{
    /// <summary>Serves one inbound stream; the newest of a peer wins.</summary>
    private async Task ServeAsync(IStream stream, CancellationToken cancellationToken)
    {
        InboundReader? reader = null;
        try
        {
            reader = await CallAsync(_ => Adopt(stream), CancellationToken.None);
            if (reader is null)
            {
                return;
            }

            await reader.ReadAsync(cancellationToken);
            if (reader.Violation != RpcViolation.None)
            {
                Log.RpcRefused(_logger, reader.Link.Id, reader.Violation);
                _metrics.CountViolation(reader.Violation);
                Call(_ => Refuse(reader));
                stream.Reset();
            }
        }
        catch (StreamException)
        {
            // The peer's stream or connection ended: the host has said why.
        }
        catch (Exception ended) when (reader is null && Volatile.Read(ref _isStopped))
        {
            Log.StreamTooLate(_logger, stream.Connection.RemotePeer, ended.Message);
            stream.Reset();
        }
        finally
        {
            if (reader is not null)
            {
                Call(_ => Dismiss(reader));
            }
        }
    }

    /// <summary>
    /// Ties a stream to its peer. In the router's turn: a peer that has gone and come again has another link, and its
    /// going may still wait for a turn when its new stream is served. The host tells of both before that, so the turn
    /// takes them first. Null when the stream's connection has ended: it must not take the place of a newer one's.
    /// </summary>
    private InboundReader? Adopt(IStream stream)
    {
        if (stream.Connection.CloseReason is not null)
        {
            return null;
        }

        PeerLink link = LinkOf(stream.Connection.RemotePeer);
        InboundReader? older = link.Reader;
        link.Reader = new InboundReader(
            this, _scanner, link, stream, _options.Gossipsub.MaxMessageSize, _options.InboundQueueBytes);
        older?.Supersede();
        return link.Reader;
    }

    private void Dismiss(InboundReader reader)
    {
        if (reader.Link.Reader == reader)
        {
            reader.Link.Reader = null;
            ForgetStranger(reader.Link);
        }
    }

    private void Refuse(InboundReader reader)
    {
        if (reader.Link.Core is { } core)
        {
            _router.HandleViolation(core, reader.Violation, _effects);
        }
        else
        {
            // Does nothing if the peer has gone meanwhile.
            reader.Link.Disconnect(ViolationReason(reader.Violation));
        }
    }

    private static CloseReason ViolationReason(RpcViolation violation) =>
        new(CloseKind.ProtocolViolation, $"gossipsub: {violation}");

    /// <summary>Called under the gate.</summary>
    private void PutInLanes(InboundReader reader)
    {
        if (reader.ControlCount > 0)
        {
            _controlLane.Enqueue(reader);
        }

        if (reader.PayloadCount > 0)
        {
            _payloadLane.Enqueue(reader);
        }
    }

    private bool TryTake(Queue<InboundReader> lane, out InboundReader? reader)
    {
        lock (_gate)
        {
            return lane.TryDequeue(out reader);
        }
    }

    private void HandleControl(TimeSpan now)
    {
        int rounds;
        lock (_gate)
        {
            rounds = _controlLane.Count;
        }

        while (rounds-- > 0 && TryTake(_controlLane, out InboundReader? reader))
        {
            _inHand = reader;
            GossipPeer? core = reader!.Link.Core;
            for (int i = 0; core is not null && i < reader.Count; i++)
            {
                if (reader.IsControl(i))
                {
                    _router.HandleRpc(core, reader.Views[i], now, _effects);
                }
            }

            _inHand = null;
            Finish(reader, reader.ControlCount);
            CarryOut(now); // What a peer asked for by id is copied for it: not for all peers at one time.
        }
    }

    /// <summary>Deficit round robin by bytes over the streams that have payload, up to the bound of a turn.</summary>
    private void HandlePayload(TimeSpan now)
    {
        long budget = _options.TurnBytes;
        while (budget > 0 && TryTake(_payloadLane, out InboundReader? reader))
        {
            if (reader!.Link.Core is not { } core)
            {
                // The peer went while this waited.
                Finish(reader, reader.PayloadCount - reader.HandledPayload);
                continue;
            }

            _inHand = reader;
            reader.Deficit += _options.Quantum;
            int handled = 0;
            while (reader.NextPayload < reader.Count)
            {
                RpcView rpc = reader.Views[reader.NextPayload];
                if (!reader.IsControl(reader.NextPayload))
                {
                    if (rpc.Frame.Length > reader.Deficit)
                    {
                        break;
                    }

                    reader.Deficit -= rpc.Frame.Length;
                    budget -= rpc.Frame.Length;
                    handled++;
                    _router.HandleRpc(core, rpc, now, _effects);
                }

                reader.NextPayload++;
            }

            _inHand = null;
            reader.HandledPayload += handled;
            if (reader.NextPayload < reader.Count)
            {
                reader.HandledCount += handled;
                PutBack(reader);
            }
            else
            {
                reader.Deficit = 0;
                Finish(reader, handled);
            }
        }
    }

    private void PutBack(InboundReader reader)
    {
        lock (_gate)
        {
            _payloadLane.Enqueue(reader);
        }
    }

    private static void Finish(InboundReader reader, int handled)
    {
        reader.HandledCount += handled;
        if (reader.HandledCount == reader.Count)
        {
            reader.OnHandled();
        }
    }
}

using Pmq.Core.Hosting;
using Pmq.Gossipsub.Rpc;
using Pmq.Simulation.Links;
using Pmq.Simulation.Measuring;
using Pmq.Simulation.Time;

namespace Pmq.Simulation;

// Connections come up and go; frames travel on them.
public sealed partial class World
{
    private readonly RpcScanner _scanner;
    private readonly RpcView _scratch = new();

    /// <summary>The latency of a new connection; null (default) takes <see cref="LinkOptions.Latency"/>.</summary>
    public Func<Actor, Actor, TimeSpan>? LatencyBetween { get; set; }

    /// <summary>
    /// Dials: the connection is open some latencies later, or <see cref="Actor.OnDialFailed"/> follows.
    /// </summary>
    public void Dial(Actor dialer, Actor other)
    {
        if (!dialer.IsUp || dialer == other || dialer.ConnectionTo(other) is not null)
        {
            return;
        }

        long latency = (LatencyBetween?.Invoke(dialer, other) ?? Options.Links.Latency).Ticks;
        Connection end = new(dialer, other, ConnectionDirection.Outbound, latency);
        end.Reverse = new Connection(other, dialer, ConnectionDirection.Inbound, latency) { Reverse = end };
        Schedule(new SimEvent
        {
            Due = _now + (long)(latency * Options.Links.HandshakeLatencies),
            Kind = EventKind.Opened,
            Target = end,
            Life = dialer.Life,
        });
    }

    /// <summary>
    /// Closes a connection at one end: what this end has sent arrives, what comes back does not, and the other learns
    /// it after that.
    /// </summary>
    public void Close(Connection end)
    {
        if (end.IsOpen)
        {
            Detach(end);
            NotifyClosed(end.Reverse, Math.Max(end.LastArrival, _now + end.Latency));
        }
    }

    /// <summary>Stops an actor at once, as a crash does.</summary>
    /// <param name="actor">Nothing happens if it is down.</param>
    /// <param name="machine">
    /// Whether its machine goes, too: then its peers learn it after <see cref="LinkOptions.GiveUpAfter"/>, not after
    /// one latency.
    /// </param>
    public void Crash(Actor actor, bool machine = false)
    {
        if (!actor.IsUp)
        {
            return;
        }

        actor.IsUp = false;
        Trace.Add(_now, actor.Number, TraceStep.Stop, machine ? 1 : 0);
        actor.OnStop();
        while (actor.Connections.Count > 0)
        {
            Connection end = actor.Connections[^1];
            Detach(end);
            NotifyClosed(end.Reverse, _now + (machine ? Options.Links.GiveUpAfter.Ticks : end.Latency));
        }
    }

    /// <summary>
    /// Cuts the network into sides: nothing passes between them, and connections across are given up after <see
    /// cref="LinkOptions.GiveUpAfter"/>.
    /// </summary>
    public void Partition(Func<Actor, int> sideOf)
    {
        foreach (Actor actor in _actors)
        {
            actor.Side = sideOf(actor);
        }

        foreach (Connection end in EndsAcross())
        {
            Clog(end);
        }

        At(Now + Options.Links.GiveUpAfter, () =>
        {
            foreach (Connection end in EndsAcross())
            {
                FinishClose(end);
            }
        });
    }

    /// <summary>Takes the partition back. Connections that were given up must be dialed again.</summary>
    public void Heal()
    {
        List<Connection> across = EndsAcross();
        foreach (Actor actor in _actors)
        {
            actor.Side = 0;
        }

        foreach (Connection end in across)
        {
            Unclog(end);
        }
    }

    /// <summary>Lets nothing leave an end any more: frames wait, then are dropped.</summary>
    public static void Clog(Connection end) => end.IsClogged = true;

    /// <summary>Lets the frames of an end leave again.</summary>
    public void Unclog(Connection end)
    {
        end.IsClogged = false;
        SchedulePump(end, _now);
    }

    /// <summary>Sends a frame from the owner of an end to the other side.</summary>
    public SendOutcome Send(Connection end, Frame frame, FrameClass frameClass)
    {
        Frames.Offered++;
        if (!end.IsOpen)
        {
            return Drop(end, frame, FrameDrop.NotConnected);
        }

        if (end.QueuedFrames == 0 && !end.IsClogged && RoomAt(end) <= _now)
        {
            Transmit(end, frame, frameClass);
            return SendOutcome.Sent;
        }

        if (!HasQueueRoom(end, frame, frameClass))
        {
            Drop(end, frame, FrameDrop.QueueFull);
            if (frameClass == FrameClass.Control)
            {
                // It does not read: the two views of the mesh would differ from now on.
                Frames.ControlOverflows++;
                NotifyClosed(end, _now);
                NotifyClosed(end.Reverse, _now + end.Latency);
            }

            return SendOutcome.Dropped;
        }

        if (end.IsWaiting(frame.MessageNumber))
        {
            Drop(end, frame, FrameDrop.WaitsAlready);
            return SendOutcome.Queued;
        }

        end.Enqueue(frame, frameClass, _now);
        Frames.Waiting++;
        Follow(frame, end, "waits in the queue to");
        if (!end.IsClogged)
        {
            SchedulePump(end, RoomAt(end));
        }

        return SendOutcome.Queued;
    }

    /// <summary>A peer has a message: the copies that wait for it are taken back.</summary>
    internal void Cancel(Connection end, int messageNumber)
    {
        for (int i = end.Cancel(messageNumber); i > 0; i--)
        {
            Frames.Waiting--;
            Drop(end, Messages[messageNumber].Frame, FrameDrop.Cancelled);
        }
    }

    internal RpcViolation Scan(Frame frame, out RpcView view) => frame.Scan(_scanner, _scratch, out view);

    private bool HasQueueRoom(Connection end, Frame frame, FrameClass frameClass)
    {
        LinkOptions links = Options.Links;
        long queued = end.QueuedBytes(frameClass);
        return frameClass switch
        {
            FrameClass.Control => queued == 0 || queued + frame.WireLength <= links.ControlQueueBytes,
            FrameClass.Publish => queued + frame.WireLength <= links.PublishQueueBytes
                || (DropStale(end) && HasQueueRoom(end, frame, frameClass)),
            _ => queued + frame.WireLength <= links.RelayQueueBytes
                || (DropStale(end) && HasQueueRoom(end, frame, frameClass)),
        };
    }

    /// <summary>Drops what has waited too long; false if nothing has.</summary>
    private bool DropStale(Connection end)
    {
        bool dropped = false;
        while (end.TryDequeueStale(
                FrameClass.Publish, _now - Options.Links.PublishDeadline.Ticks, out Frame frame)
            || end.TryDequeueStale(FrameClass.Relay, _now - Options.Links.RelayDeadline.Ticks, out frame))
        {
            Frames.Waiting--;
            Drop(end, frame, FrameDrop.Stale);
            dropped = true;
        }

        return dropped;
    }

    /// <summary>From when on an end may send: its node's uplink and the reader's window have room; never if it does not
    /// read.</summary>
    private long RoomAt(Connection end)
    {
        LinkOptions links = Options.Links;
        long at = 0;
        if ((end.Local.UplinkBytesPerSecond ?? links.UplinkBytesPerSecond) is > 0 and long uplink)
        {
            at = end.Local.UplinkFreeAt - TicksFor(links.SendBufferBytes, uplink);
        }

        return end.ReaderBytesPerSecond switch
        {
            null => at,
            0 => long.MaxValue,
            long rate => Math.Max(at, end.ReaderFreeAt - TicksFor(links.WindowBytes, rate)),
        };
    }

    private static long TicksFor(long bytes, long bytesPerSecond) => bytes * TimeSpan.TicksPerSecond / bytesPerSecond;

    private void Transmit(Connection end, Frame frame, FrameClass frameClass)
    {
        LinkOptions links = Options.Links;
        Actor sender = end.Local;
        long start = _now;
        if ((sender.UplinkBytesPerSecond ?? links.UplinkBytesPerSecond) is > 0 and long uplink)
        {
            start = Math.Max(_now, sender.UplinkFreeAt) + TicksFor(frame.WireLength, uplink);
            sender.UplinkFreeAt = start;
        }

        double jitter = links.Jitter == 0 ? 0 : ((_linkChance.NextDouble() * 2) - 1) * links.Jitter;
        long arrival = start + end.Latency + (long)(end.Latency * jitter);
        if (links.PacketLoss > 0 && _linkChance.NextDouble() < links.PacketLoss)
        {
            arrival += links.RetransmissionDelay.Ticks;
        }

        if (end.ReaderBytesPerSecond is > 0 and long rate)
        {
            arrival = Math.Max(arrival, end.ReaderFreeAt) + TicksFor(frame.WireLength, rate);
            end.ReaderFreeAt = arrival;
            end.HasStalled = true;
        }

        if (!links.Reorder)
        {
            arrival = Math.Max(arrival, end.LastArrival);
        }

        end.LastArrival = Math.Max(arrival, end.LastArrival);
        Frames.UnderWay++;
        Follow(frame, end, "is sent to");
        Measure.OnSent(end, frame);
        if (frame.MessageNumber >= 0)
        {
            Trace.Add(_now, sender.Number, TraceStep.Send, ((long)end.RemoteNumber << 32) | (uint)frame.MessageNumber);
        }
        else
        {
            Trace.Add(_now, (sender.Number << 15) ^ end.RemoteNumber, TraceStep.Send, frame);
        }

        Schedule(new SimEvent
        {
            Due = arrival,
            Kind = EventKind.Frame,
            Target = end.Reverse,
            Subject = frame,
            Number = (int)frameClass,
        });
    }

    private void Arrive(Connection end, Frame frame, FrameClass frameClass)
    {
        Frames.UnderWay--;
        if (!end.IsOpen)
        {
            Drop(end.Reverse, frame, FrameDrop.ConnectionBroken);
            return;
        }

        Frames.Arrived++;
        Follow(frame, end, "arrives from");
        Measure.OnArrived(end, frame, frameClass);
        end.Local.OnFrame(end, frame, frameClass);
    }

    private void Pump(Connection end)
    {
        end.IsPumping = false;
        bool sent = false;
        while (end.IsOpen && !end.IsClogged && end.QueuedFrames > 0)
        {
            long room = RoomAt(end);
            if (room > _now)
            {
                // Who has sent steps back by one tick, so that the peers of a busy uplink take turns.
                SchedulePump(end, room + (sent ? 1 : 0));
                return;
            }

            DropStale(end);
            if (!end.TryDequeue(out Frame frame, out FrameClass frameClass, out _))
            {
                return;
            }

            Frames.Waiting--;
            Transmit(end, frame, frameClass);
            sent = true;
        }
    }

    private void SchedulePump(Connection end, long at)
    {
        if (!end.IsPumping && end.QueuedFrames > 0 && at != long.MaxValue)
        {
            end.IsPumping = true;
            Schedule(new SimEvent { Due = Math.Max(at, _now), Kind = EventKind.Pump, Target = end });
        }
    }

    private SendOutcome Drop(Connection end, Frame frame, FrameDrop reason)
    {
        Frames.Drop(reason, frame);
        Trace.Add(_now, end.Local.Number, TraceStep.Drop, ((long)reason << 32) | (uint)frame.MessageNumber);
        if (frame.MessageNumber == Options.FollowMessage)
        {
            Follow(frame, end, $"is dropped ({reason}) on its way to");
        }

        if (reason is FrameDrop.QueueFull or FrameDrop.Stale)
        {
            end.Local.OnQueueDrop(end);
        }

        return SendOutcome.Dropped;
    }

    private void FinishDial(Connection end, int life)
    {
        Actor dialer = end.Local;
        Actor other = end.Remote;
        if (!dialer.IsUp || dialer.Life != life || dialer.ConnectionTo(other) is not null)
        {
            return;
        }

        if (!other.IsUp || dialer.Side != other.Side || !other.Accepts(dialer))
        {
            long timeout = dialer.Side != other.Side ? Options.Links.GiveUpAfter.Ticks : end.Latency;
            Schedule(new SimEvent
            {
                Due = _now + timeout,
                Kind = EventKind.DialFailed,
                Target = dialer,
                Subject = other,
                Life = life,
            });
            return;
        }

        if (other.ConnectionTo(dialer) is { } stale)
        {
            FinishClose(stale); // The other has not learned yet that the dialer lost it.
        }

        end.IsOpen = end.Reverse.IsOpen = true;
        dialer.Add(end);
        other.Add(end.Reverse);
        Trace.Add(_now, dialer.Number, TraceStep.Open, other.Number);
        if (Options.Links.BreaksPerHour > 0)
        {
            double hours = -Math.Log(1 - _linkChance.NextDouble()) / Options.Links.BreaksPerHour;
            At(Now + TimeSpan.FromHours(Math.Min(hours, 1000)), () => Break(end));
        }

        other.OnConnected(end.Reverse);
        if (end.IsOpen)
        {
            dialer.OnConnected(end);
        }
    }

    /// <summary>Breaks a connection: both sides learn it now, what is under way is lost.</summary>
    public void Break(Connection end)
    {
        FinishClose(end);
        FinishClose(end.Reverse);
    }

    private void NotifyClosed(Connection end, long at) =>
        Schedule(new SimEvent { Due = at, Kind = EventKind.Closed, Target = end });

    private void FinishClose(Connection end)
    {
        if (end.IsOpen)
        {
            Detach(end);
            end.Local.OnDisconnected(end);
        }
    }

    private static void FailDial(Actor dialer, Actor other, int life)
    {
        if (dialer.IsUp && dialer.Life == life && dialer.ConnectionTo(other) is null)
        {
            dialer.OnDialFailed(other);
        }
    }

    private void Detach(Connection end)
    {
        end.IsOpen = false;
        end.Local.Remove(end);
        Trace.Add(_now, end.Local.Number, TraceStep.Close, end.Remote.Number);
        while (end.TryDequeue(out Frame frame, out _, out _))
        {
            Frames.Waiting--;
            Drop(end, frame, FrameDrop.ConnectionBroken);
        }
    }

    private List<Connection> EndsAcross()
    {
        List<Connection> ends = [];
        foreach (Actor actor in _actors)
        {
            foreach (Connection end in actor.Connections)
            {
                if (actor.Side != end.Remote.Side)
                {
                    ends.Add(end);
                }
            }
        }

        return ends;
    }
}

using Pmq.Core.Runtime;

namespace Pmq.Libp2p.Yamux;

/// <content>What we send, and when.</content>
internal sealed partial class YamuxSession
{
    /// <summary>A data frame is not cut shorter than this to fill up a message.</summary>
    private const int MinFragmentBytes = 1024;

    // Answers owed to the peer, bounded by Owe (CVE-2024-32984).
    private readonly Queue<YamuxHeader> _owed = new();
    private readonly Queue<YamuxStreamState> _controlReady = new();
    private readonly Queue<YamuxStreamState> _dataReady = new();
    private YamuxGoAwayCode? _goAway;
    private bool _goAwayPending;
    private bool _firstPingDue;
    private bool _pingPending;
    private bool _pingOutstanding;
    private uint _pingValue;
    private TimeSpan _lastPing;

    /// <summary>
    /// Whether there are frames to take. The first ping alone is no reason to send: it goes with other frames.
    /// </summary>
    public bool HasFrames =>
        _owed.Count > 0 || _goAwayPending || _pingPending || _controlReady.Count > 0 || _dataReady.Count > 0;

    /// <summary>Streams that wait to be framed.</summary>
    public int QueuedStreams => _controlReady.Count + _dataReady.Count + _delayedAcks.Count;

    /// <summary>
    /// Time passed: pings when it is due, sends the ACKs that found no other frame, resets released streams that the
    /// peer does not end, and finds the peer dead when it did not answer. To be called every second or so.
    /// </summary>
    public void Tick(TimeSpan now, List<YamuxEffect> effects)
    {
        SendDelayedAcks();
        EndLingering(now);
        if (_pingOutstanding)
        {
            // Whatever the peer sends is a sign of life: an answer may be stuck behind its own data.
            TimeSpan lastSign = _lastSign > _lastPing ? _lastSign : _lastPing;
            if (now - lastSign >= _options.PongTimeout)
            {
                effects.Add(new YamuxEffect(YamuxEffectKind.Dead, null));
                return;
            }
        }

        // One ping at a time: another would put off the time by which the first must be answered.
        if (!_pingOutstanding && now - _lastPing >= _options.KeepAliveInterval)
        {
            _pingPending = true;
        }
    }

    /// <summary>
    /// A send that had to wait for room went through: the peer's end has taken bytes, though its answer to a ping may be
    /// far behind them.
    /// </summary>
    public void Progressed(TimeSpan now) => _lastSign = now;

    /// <summary>
    /// Takes the next frame: what controls the session and what is owed first, then what controls streams, then the
    /// data of the streams in turn.
    /// </summary>
    /// <param name="room">The bytes that the frame may have, header included.</param>
    /// <param name="now">Time since the session's instant.</param>
    /// <param name="frame">The frame; its body are the next bytes of the stream's send buffer.</param>
    /// <returns>False when there is none, or none that fits.</returns>
    public bool TryTakeFrame(int room, TimeSpan now, out YamuxFrame frame)
    {
        frame = default;
        if (room < YamuxHeader.Size)
        {
            return false;
        }

        if (_pingPending || (_firstPingDue && HasFrames))
        {
            _pingPending = _firstPingDue = false;
            _pingOutstanding = true;
            _lastPing = now;
            frame = new YamuxFrame(new YamuxHeader(YamuxFrameType.Ping, YamuxFlags.Syn, 0, ++_pingValue), null);
            return true;
        }

        if (_owed.TryDequeue(out YamuxHeader owed))
        {
            frame = new YamuxFrame(owed, null);
            return true;
        }

        if (_goAwayPending)
        {
            _goAwayPending = false;
            uint code = (uint)_goAway!.Value;
            frame = new YamuxFrame(new YamuxHeader(YamuxFrameType.GoAway, YamuxFlags.None, 0, code), null);
            return true;
        }

        return TryTakeControl(out frame) || TryTakeData(room, out frame);
    }

    private bool TryTakeControl(out YamuxFrame frame)
    {
        while (_controlReady.TryDequeue(out YamuxStreamState? stream))
        {
            stream.ControlReady = false;
            if (stream.IsGone)
            {
                continue;
            }

            YamuxFlags flags = YamuxFlags.Rst;
            uint credit = 0;
            if (stream.IsReset)
            {
                Remove(stream);
            }
            else
            {
                flags = TakeOpeningFlags(stream);
                credit = (uint)stream.Credit;
                stream.Credit = 0;
                if (flags == YamuxFlags.None && credit == 0)
                {
                    continue;
                }
            }

            frame = new YamuxFrame(new YamuxHeader(YamuxFrameType.WindowUpdate, flags, stream.Id, credit), null);
            return true;
        }

        frame = default;
        return false;
    }

    private bool TryTakeData(int room, out YamuxFrame frame)
    {
        frame = default;
        while (_dataReady.TryPeek(out YamuxStreamState? stream))
        {
            int sendable = (int)Math.Min(stream.Queued, stream.SendWindow);

            // The FIN travels alone: js-libp2p ends the stream before it looks at the body of a frame that has one.
            bool ends = stream.WriteClosed && !stream.FinSent && stream.Queued == 0;
            if (stream.IsReset || stream.IsGone || (sendable == 0 && !ends))
            {
                _dataReady.Dequeue();
                stream.DataReady = false;
                continue;
            }

            int length = Math.Min(sendable, room - YamuxHeader.Size);
            if (length < sendable && length < MinFragmentBytes)
            {
                return false;
            }

            _dataReady.Dequeue();
            stream.DataReady = false;
            stream.Queued -= length;
            stream.SendWindow -= length;
            YamuxFlags flags = TakeOpeningFlags(stream) | (ends ? YamuxFlags.Fin : YamuxFlags.None);
            frame = new YamuxFrame(
                new YamuxHeader(YamuxFrameType.Data, flags, stream.Id, (uint)length), length > 0 ? stream : null);
            if (ends)
            {
                EndSending(stream);
            }
            else
            {
                MarkDataReady(stream);
            }

            return true;
        }

        return false;
    }

    private void EndSending(YamuxStreamState stream)
    {
        stream.FinSent = true;
        if (stream.RemoteClosed)
        {
            Remove(stream);
        }
    }

    private static YamuxFlags TakeOpeningFlags(YamuxStreamState stream)
    {
        YamuxFlags flags = (stream.SynPending ? YamuxFlags.Syn : YamuxFlags.None)
            | (stream.AckPending ? YamuxFlags.Ack : YamuxFlags.None);
        stream.SynPending = stream.AckPending = false;
        return flags;
    }

    private void MarkControlReady(YamuxStreamState stream)
    {
        if (!stream.ControlReady)
        {
            stream.ControlReady = true;
            Enqueue(_controlReady, stream);
        }
    }

    private void MarkDataReady(YamuxStreamState stream)
    {
        bool ready = (stream.Queued > 0 && stream.SendWindow > 0)
            || (stream.WriteClosed && !stream.FinSent && stream.Queued == 0);
        if (ready && !stream.DataReady)
        {
            stream.DataReady = true;
            Enqueue(_dataReady, stream);
        }
    }

    // A stream waits in a queue once, but stays there when it is gone: a peer that opens and resets in turn and reads
    // nothing must not make the queue grow, so the gone ones are swept out whenever they may be more than half of it.
    private void Enqueue(Queue<YamuxStreamState> queue, YamuxStreamState stream)
    {
        if (queue.Count >= (2 * _streams.Count) + 64)
        {
            for (int i = queue.Count; i > 0; i--)
            {
                YamuxStreamState waiting = queue.Dequeue();
                if (!waiting.IsGone)
                {
                    queue.Enqueue(waiting);
                }
            }
        }

        queue.Enqueue(stream);
    }

    private void SendDelayedAcks()
    {
        while (_delayedAcks.TryDequeue(out YamuxStreamState? stream))
        {
            if (stream.AckPending && !stream.IsGone)
            {
                MarkControlReady(stream);
            }
        }
    }

    private void EndLingering(TimeSpan now)
    {
        foreach (YamuxStreamState stream in _streams.Values)
        {
            if (stream.IsReleased && now - stream.ReleasedAt >= _options.LingerTimeout)
            {
                Reset(stream);
            }
        }
    }

    private YamuxViolation Owe(YamuxHeader header)
    {
        if (_owed.Count >= _options.MaxOwedControlFrames)
        {
            return YamuxViolation.OwedControlOverflow;
        }

        _owed.Enqueue(header);
        return YamuxViolation.None;
    }
}

using Pmq.Core.Runtime;

namespace Pmq.Libp2p.Yamux;

/// <summary>
/// The state of one Yamux session: its streams, their windows, and what is owed to the peer. A pure core: no I/O, no
/// clock, no lock, no buffers; one owner at a time. It counts bytes and leaves holding them to its driver.
/// </summary>
/// <remarks>
/// <para><b>Spec</b>: libp2p specs, yamux/README.md (from hashicorp/yamux spec.md).</para>
/// <para><b>Limits</b>: <see cref="YamuxOptions"/>; everything the peer makes us keep is bounded by it.</para>
/// <para><b>Deviations</b>: frames of unknown streams are dropped, never answered; data behind a FIN is dropped; any
/// frame of a stream counts as its ACK; our ACK goes with the first frame of the stream that we have to send anyway, or
/// when a tick passes or 32 wait.</para>
/// </remarks>
internal sealed partial class YamuxSession
{
    /// <summary>Inbound streams whose ACK may wait for other frames before all are sent.</summary>
    private const int MaxDelayedAcks = 32;

    /// <summary>What a stream may buffer to send whatever the other streams of the connection hold.</summary>
    private const int AlwaysSendableBytes = 4096;

    private readonly YamuxOptions _options;
    private readonly bool _isDialer;
    private readonly Dictionary<uint, YamuxStreamState> _streams = [];
    private readonly Queue<YamuxStreamState> _delayedAcks = new();
    private uint _nextId;
    private int _outbound;
    private int _inbound;
    private int _unacknowledged;
    private int _backlog;
    private int _buffered;
    private long _windowGrowth;

    /// <summary>Starts a session.</summary>
    /// <param name="isDialer">Whether we opened the connection; the dialer's streams have odd ids.</param>
    /// <param name="options">Limits.</param>
    /// <param name="now">Time since any fixed instant.</param>
    public YamuxSession(bool isDialer, YamuxOptions options, TimeSpan now)
    {
        _isDialer = isDialer;
        _options = options;
        _nextId = isDialer ? 1u : 2u;
        _pingTokens = options.PingBurst;
        _pingTokensAt = now;
        _lastPing = now;
        _lastSign = now;
        _firstPingDue = true;
    }

    /// <summary>Streams that are not <see cref="Release"/>d, both directions.</summary>
    public int StreamCount => _outbound + _inbound;

    /// <summary>Bytes buffered to be sent on all streams.</summary>
    public int Buffered => _buffered;

    /// <summary>What windows have grown by beyond their initial size, in bytes.</summary>
    public long WindowGrowth => _windowGrowth;

    /// <summary>The last measured round trip; null before the first.</summary>
    public TimeSpan? RoundTripTime { get; private set; }

    /// <summary>Whether the peer said GoAway.</summary>
    public bool RemoteGoingAway { get; private set; }

    /// <summary>Whether we said GoAway, or will with the next frames.</summary>
    public bool LocalGoingAway => _goAway is not null;

    /// <summary>Frames and bodies dropped because their stream was unknown, gone or half-closed.</summary>
    public long IgnoredFrames { get; private set; }

    /// <summary>Streams that are on the wire, in the order in which they were opened.</summary>
    public IEnumerable<YamuxStreamState> Streams => _streams.Values;

    /// <summary>Whether a stream can be opened now; else it must wait or fail.</summary>
    public YamuxOpening CanOpen =>
        LocalGoingAway ? YamuxOpening.Closed
        : RemoteGoingAway ? YamuxOpening.GoingAway
        : _outbound >= _options.MaxOutboundStreams || _nextId > uint.MaxValue - 2 ? YamuxOpening.TooMany
        : _unacknowledged >= _options.MaxUnacknowledgedStreams ? YamuxOpening.Wait
        : YamuxOpening.Open;

    /// <summary>Opens a stream. The SYN goes with its first frame.</summary>
    public YamuxStreamState Open(TimeSpan now)
    {
        Invariant.Check(CanOpen == YamuxOpening.Open);
        var stream = new YamuxStreamState(_nextId, isOutbound: true, now) { SynPending = true, Unacknowledged = true };
        _nextId += 2;
        _streams.Add(stream.Id, stream);
        _outbound++;
        _unacknowledged++;
        return stream;
    }

    /// <summary>
    /// Makes the SYN go out though there is nothing to write: somebody waits for the peer to speak first.
    /// </summary>
    public void Announce(YamuxStreamState stream)
    {
        if (stream.SynPending && !stream.IsGone)
        {
            MarkControlReady(stream);
        }
    }

    /// <summary>
    /// Takes an inbound stream out of the accept backlog. Only now may its ACK be sent: what the peer has not
    /// acknowledged bounds its backlog here.
    /// </summary>
    public void Accept(YamuxStreamState stream)
    {
        if (!stream.InBacklog)
        {
            return;
        }

        LeaveBacklog(stream);
        _delayedAcks.Enqueue(stream);
        if (_delayedAcks.Count >= MaxDelayedAcks)
        {
            SendDelayedAcks();
        }
    }

    /// <summary>Bytes that may be buffered on the stream now; 0 when full or not writable.</summary>
    public int RoomOf(YamuxStreamState stream)
    {
        if (stream.IsReset || stream.IsGone || stream.WriteClosed)
        {
            return 0;
        }

        int shared = Math.Max(_options.ConnectionSendBufferBytes - _buffered, AlwaysSendableBytes - stream.Buffered);
        return Math.Max(0, Math.Min(_options.StreamSendBufferBytes - stream.Buffered, shared));
    }

    /// <summary>Reserves room in the send buffer.</summary>
    /// <returns>How many of the <paramref name="wanted"/> bytes were reserved; at most <see cref="RoomOf"/>.</returns>
    public int Reserve(YamuxStreamState stream, int wanted)
    {
        int granted = Math.Min(RoomOf(stream), wanted);
        stream.Buffered += granted;
        _buffered += granted;
        return granted;
    }

    /// <summary>
    /// Queues bytes that were reserved and are now in the send buffer. False if the stream ended meanwhile.
    /// </summary>
    public bool Commit(YamuxStreamState stream, int length)
    {
        if (stream.IsReset || stream.IsGone)
        {
            return false;
        }

        Invariant.Check(stream.Queued + length <= stream.Buffered);
        stream.Queued += length;
        MarkDataReady(stream);
        return true;
    }

    /// <summary>Frees room of bytes that were taken out of the send buffer.</summary>
    public void Flushed(YamuxStreamState stream, int length)
    {
        // A reset has freed all of it at once.
        if (!stream.IsReset)
        {
            Invariant.Check(length <= stream.Buffered - stream.Queued);
            stream.Buffered -= length;
            _buffered -= length;
        }
    }

    /// <summary>Half-closes: a FIN follows what is queued. Idempotent.</summary>
    public void CloseWrite(YamuxStreamState stream)
    {
        if (!stream.WriteClosed && !stream.IsReset && !stream.IsGone)
        {
            stream.WriteClosed = true;
            MarkDataReady(stream);
        }
    }

    /// <summary>Ends the stream in both directions and tells the peer. Idempotent.</summary>
    public void Reset(YamuxStreamState stream)
    {
        if (stream.IsReset || stream.IsGone)
        {
            return;
        }

        DropSendBuffer(stream);
        if (stream.SynPending)
        {
            Remove(stream);
        }
        else
        {
            MarkControlReady(stream);
        }
    }

    /// <summary>
    /// The application is done with the stream. If it did not half-close, the stream is reset. Else what is queued is
    /// still sent, what still comes is dropped without credit, and the stream is reset if the peer does not end it in
    /// time.
    /// </summary>
    public void Release(YamuxStreamState stream, TimeSpan now)
    {
        if (stream.IsReleased)
        {
            return;
        }

        if (!stream.WriteClosed)
        {
            Reset(stream);
        }

        LeaveBacklog(stream);
        stream.IsReleased = true;
        stream.ReleasedAt = now;
        CountOut(stream);
    }

    /// <summary>
    /// The application consumed bytes, or examined them and needs more; grants credit when half of the window was used
    /// up, and doubles the window when that took less than four round trips.
    /// </summary>
    public void Consume(YamuxStreamState stream, int length, TimeSpan now)
    {
        stream.Unread -= length;
        stream.Consumed += length;
        if (stream.IsReset || stream.IsGone || stream.RemoteClosed || stream.Consumed * 2 < stream.WindowSize)
        {
            return;
        }

        if (RoundTripTime is { } roundTrip && now - stream.LastWindowUpdate < roundTrip * 4)
        {
            long growth = Math.Min(stream.WindowSize, _options.MaxWindowBytes - stream.WindowSize);
            if (growth > 0 && _windowGrowth + growth <= _options.MaxWindowGrowthBytes)
            {
                _windowGrowth += growth;
                stream.WindowSize += growth;
            }
        }

        long credit = stream.WindowSize - stream.ReceiveWindow - stream.Unread;
        stream.Credit += credit;
        stream.ReceiveWindow += credit;
        stream.Consumed = 0;
        stream.LastWindowUpdate = now;
        MarkControlReady(stream);
    }

    /// <summary>
    /// Says GoAway before all other frames; no stream is opened or accepted from now on. The first code stands.
    /// </summary>
    public void GoAway(YamuxGoAwayCode code)
    {
        if (_goAway is null)
        {
            _goAway = code;
            _goAwayPending = true;
        }
    }

    private void DropSendBuffer(YamuxStreamState stream)
    {
        _buffered -= stream.Buffered;
        stream.Buffered = 0;
        stream.Queued = 0;
        stream.IsReset = true;
    }

    private void LeaveBacklog(YamuxStreamState stream)
    {
        if (stream.InBacklog)
        {
            stream.InBacklog = false;
            _backlog--;
        }
    }

    private void Acknowledge(YamuxStreamState stream)
    {
        if (stream.Unacknowledged)
        {
            stream.Unacknowledged = false;
            _unacknowledged--;
        }
    }

    // Nothing more will be sent or received for the stream; the peer may use up frames on it, which are dropped.
    private void Remove(YamuxStreamState stream)
    {
        Invariant.Check(!stream.IsGone);
        stream.IsGone = true;
        _streams.Remove(stream.Id);
        Acknowledge(stream);
        _windowGrowth -= stream.WindowSize - YamuxOptions.InitialWindowBytes;
        CountOut(stream);
    }

    // A stream counts until it is both gone from the wire and released by the application, so that opening and
    // resetting in turn cannot pile up handlers.
    private void CountOut(YamuxStreamState stream)
    {
        if (stream.IsGone && stream.IsReleased)
        {
            _ = stream.IsOutbound ? _outbound-- : _inbound--;
        }
    }
}

/// <summary>Whether a stream can be opened.</summary>
internal enum YamuxOpening
{
    /// <summary>Yes.</summary>
    Open,

    /// <summary>Not before the peer has acknowledged one.</summary>
    Wait,

    /// <summary>Too many are open, or the ids are used up.</summary>
    TooMany,

    /// <summary>The peer said GoAway.</summary>
    GoingAway,

    /// <summary>We said GoAway.</summary>
    Closed,
}

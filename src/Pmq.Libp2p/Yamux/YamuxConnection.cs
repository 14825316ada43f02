using Microsoft.Extensions.Logging;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Libp2p.Noise;

namespace Pmq.Libp2p.Yamux;

/// <summary>
/// A secured, multiplexed connection: one loop that reads and one that writes, over a <see cref="NoiseChannel"/>.
/// Thread-safe.
/// </summary>
/// <remarks>
/// The session is guarded by one gate, which is held for bookkeeping only: bytes are copied, encrypted, decrypted, sent
/// and received outside it, and no code of an application ever runs in a loop.
/// <list type="table">
/// <item><term>application</term><description>copies into a stream's send buffer; reads and consumes its
/// input.</description></item>
/// <item><term>reader loop</term><description>receives, decrypts in place, feeds the session, appends to inputs, and
/// wakes each reader once per batch.</description></item>
/// <item><term>writer loop</term><description>takes frames from the session, fills Noise messages with them, encrypts
/// in place, sends. While a send is under way more is queued: that is all the coalescing there is.</description></item>
/// <item><term>timer</term><description>keepalive, write stall, lingering streams.</description></item>
/// </list>
/// </remarks>
internal sealed partial class YamuxConnection : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly NoiseChannel _channel;
    private readonly YamuxSession _session;
    private readonly YamuxOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _startedAt;
    private readonly AsyncSignal _acceptSignal = new();
    private readonly Queue<YamuxStream> _accepted = new();
    private readonly Queue<TaskCompletionSource<YamuxStream>> _opening = new();
    private readonly Queue<YamuxStream> _waitingForRoom = new();

    /// <summary>Takes over <paramref name="channel"/>. Nothing runs before <see cref="Start"/>.</summary>
    public YamuxConnection(
        NoiseChannel channel,
        ConnectionDirection direction,
        YamuxOptions options,
        TimeProvider time,
        ILogger logger)
    {
        _channel = channel;
        _options = options;
        _time = time;
        _logger = logger;
        _startedAt = time.GetTimestamp();
        _session = new YamuxSession(direction == ConnectionDirection.Outbound, options, TimeSpan.Zero);
    }

    /// <summary>What <see cref="YamuxStream.Connection"/> gives; set by the owner before <see cref="Start"/>.</summary>
    public IConnection? Owner { get; set; }

    /// <summary>Who is at the other end, proved by the handshake.</summary>
    public PeerId RemotePeer => _channel.RemotePeer;

    /// <summary>The key that the handshake proved.</summary>
    public PublicKey RemotePublicKey => _channel.RemotePublicKey;

    /// <summary>The last round trip measured by a ping; null before the first answer.</summary>
    public TimeSpan? RoundTripTime
    {
        get
        {
            lock (_gate)
            {
                return _session.RoundTripTime;
            }
        }
    }

    /// <summary>Streams that are open now, both directions.</summary>
    public int StreamCount
    {
        get
        {
            lock (_gate)
            {
                return _session.StreamCount;
            }
        }
    }

    /// <summary>
    /// Opens a stream on which nothing is negotiated yet. Nothing is sent by this: the SYN goes with the stream's first
    /// data (or with the first read that has to wait). Waits while too many streams of ours are not acknowledged.
    /// </summary>
    /// <exception cref="StreamException">The connection ended, the peer is going away, or too many wait
    /// already.</exception>
    public ValueTask<YamuxStream> OpenStreamAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            YamuxOpening opening = _reason is null ? _session.CanOpen : YamuxOpening.Closed;
            if (opening == YamuxOpening.Open)
            {
                return new ValueTask<YamuxStream>(Open());
            }

            if (opening != YamuxOpening.Wait || _opening.Count >= _options.MaxPendingOpens)
            {
                throw YamuxStream.CreateException(FaultOf(opening));
            }

            var waiter = new TaskCompletionSource<YamuxStream>(TaskCreationOptions.RunContinuationsAsynchronously);
            _opening.Enqueue(waiter);
            return WaitToOpenAsync(waiter, cancellationToken);
        }
    }

    /// <summary>
    /// Waits for the next stream that the peer opened; null once the connection has ended. One caller at a time.
    /// </summary>
    public async ValueTask<YamuxStream?> AcceptStreamAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration =
            cancellationToken.UnsafeRegister(static signal => ((AsyncSignal)signal!).Set(), _acceptSignal);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryAccept(out YamuxStream? stream))
            {
                return stream;
            }

            await _acceptSignal.WaitAsync();
        }
    }

    /// <summary>Buffers what there is room for and remembers that the stream waits if not all was.</summary>
    /// <returns>The bytes taken; the writer is woken by <see cref="YamuxStream.WakeWriter"/> when there is room
    /// again.</returns>
    internal int Enqueue(YamuxStream stream, ReadOnlySpan<byte> data)
    {
        int taken = 0;
        while (taken < data.Length)
        {
            // In steps, so that the writer loop works on the first while the next is copied.
            int step = Math.Min(data.Length - taken, NoiseFrame.MaxPlaintextSent - YamuxHeader.Size);
            lock (_gate)
            {
                ThrowIfNotWritable(stream);
                step = _session.Reserve(stream.State, step);
                if (step == 0)
                {
                    WaitForRoom(stream);
                    return taken;
                }
            }

            stream.SendBuffer.Write(data.Slice(taken, step));
            lock (_gate)
            {
                if (!_session.Commit(stream.State, step))
                {
                    // Our own reset and the end of the connection name the fault under the gate; the reader loop names
                    // the peer's a moment after the session knows of it.
                    throw YamuxStream.CreateException(stream.Fault ?? StreamFault.ResetByPeer);
                }
            }

            _writerSignal.Set();
            taken += step;
        }

        return taken;
    }

    /// <summary>Buffers all of <paramref name="data"/> or nothing.</summary>
    internal bool TryEnqueue(YamuxStream stream, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            if (stream.Fault is not null || _session.RoomOf(stream.State) < data.Length)
            {
                return false;
            }

            _session.Reserve(stream.State, data.Length);
        }

        stream.SendBuffer.Write(data);
        lock (_gate)
        {
            if (!_session.Commit(stream.State, data.Length))
            {
                return false;
            }
        }

        _writerSignal.Set();
        return true;
    }

    internal void CloseWrite(YamuxStream stream)
    {
        lock (_gate)
        {
            _session.CloseWrite(stream.State);
            stream.Fault ??= StreamFault.WriteClosed;
        }

        _writerSignal.Set();
    }

    internal void Reset(YamuxStream stream)
    {
        lock (_gate)
        {
            if (stream.State.IsReset || stream.State.IsGone)
            {
                return;
            }

            _session.Reset(stream.State);
            stream.Fault = StreamFault.ResetLocally;
            Resume();
        }

        stream.OnFailed(StreamFault.ResetLocally);
        _writerSignal.Set();
    }

    internal void Release(YamuxStream stream)
    {
        lock (_gate)
        {
            _session.Release(stream.State, Now());
            stream.Fault ??= StreamFault.ResetLocally;
            Resume();
        }

        stream.WakeWriter();
        _writerSignal.Set();
    }

    internal void Announce(YamuxStream stream)
    {
        lock (_gate)
        {
            _session.Announce(stream.State);
        }

        _writerSignal.Set();
    }

    internal void Consume(YamuxStream stream, int length)
    {
        bool send;
        lock (_gate)
        {
            _session.Consume(stream.State, length, Now());
            send = _session.HasFrames;
        }

        if (send)
        {
            _writerSignal.Set();
        }
    }

    /// <summary>The next inbound stream, or null when the connection has ended; false when neither.</summary>
    private bool TryAccept(out YamuxStream? stream)
    {
        bool send;
        lock (_gate)
        {
            stream = null;
            if (_reason is not null)
            {
                return true;
            }

            while (_accepted.TryDequeue(out stream) && stream.Fault is not null)
            {
                // The peer has taken it back before anybody cared.
                _session.Release(stream.State, Now());
            }

            if (stream is null)
            {
                return false;
            }

            _session.Accept(stream.State);
            send = _session.HasFrames;
        }

        if (send)
        {
            _writerSignal.Set();
        }

        return true;
    }

    private static StreamFault FaultOf(YamuxOpening opening) => opening switch
    {
        YamuxOpening.Wait or YamuxOpening.TooMany => StreamFault.LimitExceeded,
        YamuxOpening.GoingAway => StreamFault.GoingAway,
        _ => StreamFault.ConnectionClosed,
    };

    private static async ValueTask<YamuxStream> WaitToOpenAsync(
        TaskCompletionSource<YamuxStream> waiter, CancellationToken cancellationToken)
    {
        await using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (source, token) => ((TaskCompletionSource<YamuxStream>)source!).TrySetCanceled(token), waiter);
        return await waiter.Task;
    }

    private YamuxStream Open()
    {
        YamuxStreamState state = _session.Open(Now());
        var stream = new YamuxStream(this, state);
        state.Owner = stream;
        YamuxMetrics.CountOpened(outbound: true);
        return stream;
    }

    private void ThrowIfNotWritable(YamuxStream stream)
    {
        if (stream.Fault is { } fault)
        {
            throw YamuxStream.CreateException(fault);
        }

        if (_reason is not null)
        {
            throw YamuxStream.CreateException(StreamFault.ConnectionClosed);
        }
    }

    private void WaitForRoom(YamuxStream stream)
    {
        if (!stream.WaitsForRoom)
        {
            stream.WaitsForRoom = true;
            _waitingForRoom.Enqueue(stream);
        }
    }

    /// <summary>Lets those go on who wait for what may have become free. Under the gate.</summary>
    private void Resume()
    {
        for (int i = _waitingForRoom.Count; i > 0; i--)
        {
            YamuxStream stream = _waitingForRoom.Dequeue();
            int room = _session.RoomOf(stream.State);
            if (stream.Fault is not null
                || room >= _options.StreamSendBufferBytes / 4
                || (room > 0 && stream.State.Buffered == 0))
            {
                stream.WaitsForRoom = false;
                stream.WakeWriter();
            }
            else
            {
                _waitingForRoom.Enqueue(stream);
            }
        }

        while (_opening.Count > 0 && _session.CanOpen is var opening and not YamuxOpening.Wait)
        {
            TaskCompletionSource<YamuxStream> waiter = _opening.Dequeue();
            if (opening != YamuxOpening.Open)
            {
                waiter.TrySetException(YamuxStream.CreateException(FaultOf(opening)));
            }
            else if (!waiter.Task.IsCompleted)
            {
                YamuxStream stream = Open();
                if (!waiter.TrySetResult(stream))
                {
                    _session.Release(stream.State, Now());
                }
            }
        }
    }

    private TimeSpan Now() => _time.GetElapsedTime(_startedAt);
}

using System.Buffers;
using Pmq.Core.Hosting;
using Pmq.Core.Runtime;

using Pmq.Libp2p.Noise;

namespace Pmq.Libp2p.Yamux;

/// <content>Start, timers and the end.</content>
internal sealed partial class YamuxConnection
{
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<YamuxEffect> _tickEffects = [];
    private CloseReason? _reason;
    private bool _isAborted;
    private bool _isStarted;

    /// <summary>Signalled when the connection has ended, for whatever reason.</summary>
    public CancellationToken Closed => _closed.Token;

    /// <summary>Why it ended; null while it is open.</summary>
    public CloseReason? CloseReason
    {
        get
        {
            lock (_gate)
            {
                return _reason;
            }
        }
    }

    /// <summary>Completes, never faulted, once both loops have ended and the transport is disposed.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Starts the loops. Idempotent.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_isStarted)
            {
                return;
            }

            _isStarted = true;
        }

        _ = RunAsync();
    }

    /// <summary>
    /// Ends the connection: says GoAway, closes the transport, waits for both loops. The first reason stands.
    /// </summary>
    public async ValueTask CloseAsync(CloseReason reason)
    {
        BeginClose(
            reason, reason.Kind == CloseKind.LocalFault ? YamuxGoAwayCode.InternalError : YamuxGoAwayCode.Normal);
        Start();
        await _completion.Task;
    }

    /// <summary>As <see cref="CloseAsync"/> with <see cref="CloseKind.LocalClose"/>.</summary>
    public ValueTask DisposeAsync() => CloseAsync(new CloseReason(CloseKind.LocalClose));

    // Owns both loops and the timer from start to end; ends with Completion.
    private async Task RunAsync()
    {
        TimeSpan period = TickPeriod();
        ITimer timer = _time.CreateTimer(static self => ((YamuxConnection)self!).OnTimer(), this, period, period);
        Task reader = RunLoopAsync(ReadLoopAsync);
        Task writer = RunLoopAsync(WriteLoopAsync);
        await _closing.Task;
        Log.ConnectionEnds(_logger, RemotePeer, _reason!);
        await timer.DisposeAsync();
        await SignalClosedAsync();
        Task drained = reader;
        bool inOrder = !_isAborted && await EndsInTimeAsync(writer);
        if (inOrder)
        {
            // A socket that is closed while the peer still sends answers with a reset, which the peer may see before
            // our GoAway. What it sends until it has closed too is read and dropped.
            _channel.Transport.EndSending();
            drained = DrainAsync(reader);
            inOrder = await EndsInTimeAsync(drained);
        }

        if (!inOrder)
        {
            _channel.Transport.Abort();
        }

        await Task.WhenAll(drained, writer);
        await _channel.DisposeAsync();
        _completion.SetResult();
    }

    // The reader loop ends at the end of the stream or at a violation; behind one the peer may still be sending.
    private async Task DrainAsync(Task reader)
    {
        await reader;
        byte[] buffer = LinkBuffers.Rent(4096);
        try
        {
            while (await _channel.Transport.ReceiveAsync(buffer, CancellationToken.None) > 0)
            {
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Whichever way the peer ends it.
        }
        finally
        {
            LinkBuffers.Return(buffer);
        }
    }

    private async Task<bool> EndsInTimeAsync(Task loop)
    {
        try
        {
            await loop.WaitAsync(_options.CloseTimeout, _time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task SignalClosedAsync()
    {
        try
        {
            await _closed.CancelAsync();
        }
        catch (AggregateException exception)
        {
            Log.CallbackFailed(_logger, RemotePeer, exception);
        }
    }

    private async Task RunLoopAsync(Func<Task> loop)
    {
        // The starter does not do the loop's work.
        await Task.Yield();
        try
        {
            await loop();
        }
        catch (Exception exception)
            when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            BeginClose(new CloseReason(CloseKind.TransportFailed, exception.Message), goAway: null);
        }
        catch (Exception exception)
        {
            Log.LoopFailed(_logger, RemotePeer, exception);
            BeginClose(new CloseReason(CloseKind.LocalFault, exception.GetType().Name), goAway: null);
        }
    }

    /// <summary>
    /// Starts the end. With a GoAway the writer loop says it first; without one the transport is aborted.
    /// </summary>
    private void BeginClose(CloseReason reason, YamuxGoAwayCode? goAway)
    {
        List<YamuxStream> streams = [];
        lock (_gate)
        {
            if (_reason is not null)
            {
                return;
            }

            _reason = reason;
            _isAborted = goAway is null;
            _session.GoAway(goAway ?? YamuxGoAwayCode.Normal);
            foreach (YamuxStreamState state in _session.Streams)
            {
                if (state.Owner is YamuxStream stream)
                {
                    stream.Fault = StreamFault.ConnectionClosed;
                    streams.Add(stream);
                }
            }

            Resume();
        }

        foreach (YamuxStream stream in streams)
        {
            stream.OnFailed(StreamFault.ConnectionClosed);
        }

        _acceptSignal.Set();
        _writerSignal.Set();
        _closing.TrySetResult();
    }

    // A fault of ours ends this connection, as in the loops, and not the process.
    private void OnTimer()
    {
        try
        {
            Tick();
        }
        catch (Exception exception)
        {
            Log.LoopFailed(_logger, RemotePeer, exception);
            BeginClose(new CloseReason(CloseKind.LocalFault, exception.GetType().Name), goAway: null);
        }
    }

    private void Tick()
    {
        long sendingSince = Volatile.Read(ref _sendingSince);
        if (sendingSince != 0 && Now().Ticks - sendingSince >= _options.WriteStallTimeout.Ticks)
        {
            YamuxMetrics.CountTimeout("write stall");
            BeginClose(new CloseReason(CloseKind.Timeout, "yamux: write stall"), goAway: null);
            return;
        }

        bool dead;
        bool deserted;
        bool send;
        lock (_gate)
        {
            _tickEffects.Clear();
            _session.Tick(Now(), _tickEffects);
            dead = _tickEffects.Exists(static effect => effect.Kind == YamuxEffectKind.Dead);
            deserted = _session.RemoteGoingAway && _session.StreamCount == 0;
            Resume();
            send = _session.HasFrames;
        }

        if (deserted)
        {
            BeginClose(new CloseReason(CloseKind.RemoteClose), YamuxGoAwayCode.Normal);
            return;
        }

        if (dead)
        {
            YamuxMetrics.CountTimeout("no pong");
            BeginClose(new CloseReason(CloseKind.Timeout, "yamux: ping unanswered"), goAway: null);
            return;
        }

        if (send)
        {
            _writerSignal.Set();
        }
    }

    private TimeSpan TickPeriod()
    {
        TimeSpan[] limits =
        [
            _options.KeepAliveInterval, _options.PongTimeout, _options.WriteStallTimeout, _options.LingerTimeout,
        ];
        return TimeSpan.FromTicks(Math.Min(limits.Min().Ticks / 5, TimeSpan.FromSeconds(2).Ticks));
    }
}

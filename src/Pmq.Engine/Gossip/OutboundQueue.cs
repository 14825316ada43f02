using Pmq.Core.Hosting;
using Pmq.Core.Runtime;

namespace Pmq.Engine.Gossip;

/// <summary>What became of a message that was given to a peer's queue.</summary>
internal enum OutboundOutcome
{
    /// <summary>It is in the stream's send buffer.</summary>
    Sent,

    /// <summary>It waits in the queue.</summary>
    Queued,

    /// <summary>The queue is full: the message goes no further to this peer.</summary>
    Dropped,
}

/// <summary>
/// What waits for one peer's stream: control first, then payload, each bounded in bytes. Frames are shared memory; they
/// are copied only into the stream. Filled by the router's owner, emptied by one writer loop.
/// </summary>
internal sealed class OutboundQueue
{
    private const int BatchBytes = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> _control = new();
    private readonly Queue<ReadOnlyMemory<byte>> _payload = new();
    private readonly List<ReadOnlyMemory<byte>> _batch = [];
    private readonly AsyncSignal _wake = new();
    private readonly int _maxPayloadBytes;
    private readonly int _maxControlBytes;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IStream? _stream;
    private bool _isWriting;
    private bool _isEnding;
    private long _payloadBytes;
    private long _controlBytes;
    private int _batchControl;
    private int _lost;

    public OutboundQueue(int maxPayloadBytes, int maxControlBytes)
    {
        _maxPayloadBytes = maxPayloadBytes;
        _maxControlBytes = maxControlBytes;
    }

    /// <summary>
    /// Whether <see cref="CompleteAfterDrain"/> was called: nothing is to be opened or written any more.
    /// </summary>
    public bool IsEnding
    {
        get
        {
            lock (_gate)
            {
                return _isEnding;
            }
        }
    }

    /// <summary>Bytes that wait, both classes.</summary>
    public long QueuedBytes
    {
        get
        {
            lock (_gate)
            {
                return _payloadBytes + _controlBytes;
            }
        }
    }

    /// <summary>Sends or queues a message; drops it when the queue is full.</summary>
    public OutboundOutcome OfferPayload(ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
        {
            // Straight into the stream while nothing is ahead of it: no queue, no wake-up.
            if (_stream is not null && !_isWriting && _stream.TryWrite(frame.Span))
            {
                return OutboundOutcome.Sent;
            }

            if (_payloadBytes + frame.Length > _maxPayloadBytes)
            {
                return OutboundOutcome.Dropped;
            }

            _payload.Enqueue(frame);
            _payloadBytes += frame.Length;
            _isWriting |= _stream is not null;
        }

        _wake.Set();
        return OutboundOutcome.Queued;
    }

    /// <summary>Sends or queues control. False when more waits than the bound allows: the peer does not read.</summary>
    public bool OfferControl(ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
        {
            if (_stream is not null && !_isWriting && _stream.TryWrite(frame.Span))
            {
                return true;
            }

            if (_controlBytes > 0 && _controlBytes + frame.Length > _maxControlBytes)
            {
                return false;
            }

            _control.Enqueue(frame);
            _controlBytes += frame.Length;
            _isWriting |= _stream is not null;
        }

        _wake.Set();
        return true;
    }

    /// <summary>
    /// Completes when the writer has written all that waited at <see cref="CompleteAfterDrain"/>, or has ended.
    /// </summary>
    public Task WhenDrained => _drained.Task;

    /// <summary>Lets the writer end once all that waits now is written.</summary>
    public void CompleteAfterDrain()
    {
        lock (_gate)
        {
            _isEnding = true;
            if (_stream is null)
            {
                _drained.TrySetResult();
            }
        }

        _wake.Set();
    }

    /// <summary>Wakes the writer so that it looks at its cancellation.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Forgets what waits; returns how many messages that were.</summary>
    public int Clear()
    {
        lock (_gate)
        {
            int count = _payload.Count;
            _payload.Clear();
            _control.Clear();
            _payloadBytes = _controlBytes = 0;
            return count;
        }
    }

    /// <summary>Messages that were taken for a stream which then broke, since this was last called.</summary>
    public int TakeLost() => Interlocked.Exchange(ref _lost, 0);

    /// <summary>
    /// Writes what comes until cancelled, drained after <see cref="CompleteAfterDrain"/>, or the stream breaks.
    /// </summary>
    /// <exception cref="StreamException">The stream broke.</exception>
    public async Task WriteAsync(IStream stream, CancellationToken cancellationToken)
    {
        int written = 0;
        lock (_gate)
        {
            _stream = stream;
            _isWriting = true;
        }

        try
        {
            while (true)
            {
                if (!TakeBatch(out bool hasEnded))
                {
                    if (hasEnded)
                    {
                        return;
                    }

                    await _wake.WaitAsync();
                    cancellationToken.ThrowIfCancellationRequested();
                    continue;
                }

                for (written = 0; written < _batch.Count; written++)
                {
                    if (!stream.TryWrite(_batch[written].Span))
                    {
                        await stream.WriteAsync(_batch[written], cancellationToken);
                    }
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _stream = null;
                _isWriting = false;
                PutBack(written);
            }

            _batch.Clear();
            _drained.TrySetResult();
        }
    }

    /// <summary>
    /// Takes what is written next: all control, then payload up to a batch. False when nothing waits.
    /// </summary>
    private bool TakeBatch(out bool hasEnded)
    {
        _batch.Clear();
        lock (_gate)
        {
            while (_control.TryDequeue(out ReadOnlyMemory<byte> frame))
            {
                _batch.Add(frame);
            }

            _controlBytes = 0;
            _batchControl = _batch.Count;
            int bytes = 0;
            while (bytes < BatchBytes && _payload.TryDequeue(out ReadOnlyMemory<byte> frame))
            {
                _batch.Add(frame);
                bytes += frame.Length;
                _payloadBytes -= frame.Length;
            }

            _isWriting = _batch.Count > 0;
            hasEnded = _isEnding && !_isWriting;
            return _isWriting;
        }
    }

    /// <summary>
    /// The stream broke in the midst of a batch: its control waits for the next stream, since nobody says it again; its
    /// messages are lost.
    /// </summary>
    private void PutBack(int written)
    {
        if (written >= _batch.Count)
        {
            return;
        }

        _lost += _batch.Count - Math.Max(written, _batchControl);
        ReadOnlyMemory<byte>[] younger = [.. _control];
        _control.Clear();
        for (int i = written; i < _batchControl; i++)
        {
            _control.Enqueue(_batch[i]);
            _controlBytes += _batch[i].Length;
        }

        Array.ForEach(younger, _control.Enqueue);
    }
}

using System.Buffers;
using System.IO.Pipelines;
using System.Numerics;
using System.Runtime.CompilerServices;
using Pmq.Core.Hosting;
using Pmq.Core.Runtime;

using Pmq.Libp2p.Noise;

namespace Pmq.Libp2p.Yamux;

/// <summary>
/// What the peer sent on a stream, between the reader loop, which appends, and the application, which reads. Pooled
/// arrays are held only for bytes that are not consumed; how many of them may be unexamined is the stream's window.
/// </summary>
internal sealed class YamuxInput : PipeReader
{
    private const int MinSegment = 4 * 1024;
    private const int MaxSegment = 64 * 1024;

    /// <summary>A tail with less room than this is not filled up by data that does not fit into it.</summary>
    private const int MinTail = 512;

    private readonly Lock _lock = new();
    private readonly AsyncSignal _signal = new();
    private readonly YamuxStream _stream;
    private Segment? _head;
    private Segment? _tail;

    // Counted from the start of the stream: consumed up to start, examined up to examined by the last read and up to
    // credited by any, received up to end.
    private long _start;
    private long _examined;
    private long _credited;
    private long _end;
    private bool _isReading;
    private bool _isWaiting;
    private bool _isCanceled;
    private bool _isCompleted;
    private bool _remoteClosed;
    private StreamFault? _fault;

    /// <summary>Creates the input of <paramref name="stream"/>.</summary>
    public YamuxInput(YamuxStream stream) => _stream = stream;

    /// <summary>Takes received bytes; true when a reader waits for them, who is woken by <see cref="Wake"/>.</summary>
    public bool Append(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_isCompleted || _fault is not null)
            {
                return false;
            }

            while (!bytes.IsEmpty)
            {
                int room = _tail?.Room ?? 0;
                if (room < Math.Min(bytes.Length, MinTail))
                {
                    room = AddSegment(bytes.Length);
                }

                int length = Math.Min(bytes.Length, room);
                _tail!.Append(bytes[..length]);
                _end += length;
                bytes = bytes[length..];
            }

            return _isWaiting;
        }
    }

    /// <summary>The peer has half-closed; true when a reader waits.</summary>
    public bool CloseRemote()
    {
        lock (_lock)
        {
            _remoteClosed = true;
            return _isWaiting;
        }
    }

    /// <summary>
    /// The stream ended out of order; true when a reader waits. What a peer sent before it half-closed can still be
    /// read.
    /// </summary>
    public bool Fail(StreamFault fault)
    {
        lock (_lock)
        {
            if (_fault is null && !_remoteClosed)
            {
                _fault = fault;
                ReleaseAll();
            }

            return _isWaiting;
        }
    }

    /// <summary>
    /// The stream is disposed: nothing can be read any more. A reader that is at work on another thread keeps the memory
    /// it was given and fails at its next read.
    /// </summary>
    public void Abandon()
    {
        lock (_lock)
        {
            _fault ??= StreamFault.ResetLocally;
            ReleaseAll();
        }

        _signal.Set();
    }

    /// <summary>Wakes the waiting reader, if there is one.</summary>
    public void Wake() => _signal.Set();

    /// <inheritdoc />
    public override bool TryRead(out ReadResult result)
    {
        lock (_lock)
        {
            return TryReadCore(out result);
        }
    }

    /// <inheritdoc />
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        lock (_lock)
        {
            if (TryReadCore(out ReadResult result))
            {
                return new ValueTask<ReadResult>(result);
            }

            _isWaiting = true;
        }

        return WaitAsync(cancellationToken);
    }

    /// <inheritdoc />
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc />
    /// <remarks>
    /// Credit is granted for what was examined, as a <see cref="Pipe"/> resumes its writer: who needs more before it
    /// can consume anything, as for a message larger than the window, must get it.
    /// </remarks>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        long credit;
        lock (_lock)
        {
            if (_isCompleted)
            {
                throw new InvalidOperationException("The reader is completed.");
            }

            _isReading = false;
            if (_head is null || _fault is not null)
            {
                ReleaseAll();
                return;
            }

            long to = IndexOf(consumed);
            long seen = IndexOf(examined);
            if (to < _start || to > seen || seen > _end)
            {
                throw new InvalidOperationException("The position is not one of the last read.");
            }

            credit = Math.Max(0, seen - _credited);
            _credited += credit;
            _examined = seen;
            Drop(to);
        }

        if (credit > 0)
        {
            _stream.OnConsumed(credit);
        }
    }

    /// <inheritdoc />
    public override void CancelPendingRead()
    {
        lock (_lock)
        {
            _isCanceled = true;
        }

        _signal.Set();
    }

    /// <inheritdoc />
    /// <remarks>
    /// What still comes is dropped and grants no credit; the peer learns of it when the stream is disposed.
    /// </remarks>
    public override void Complete(Exception? exception = null)
    {
        lock (_lock)
        {
            _isCompleted = true;
            ReleaseAll();
            _isReading = false;
        }
    }

    private bool TryReadCore(out ReadResult result)
    {
        if (_fault is { } fault)
        {
            throw YamuxStream.CreateException(fault);
        }

        if (_isCompleted)
        {
            throw new InvalidOperationException("The reader is completed.");
        }

        if (_isReading)
        {
            throw new InvalidOperationException("The last read was not ended by AdvanceTo.");
        }

        if (_end == _examined && !_remoteClosed && !_isCanceled)
        {
            result = default;
            return false;
        }

        ReadOnlySequence<byte> buffer = _head is null
            ? default
            : new ReadOnlySequence<byte>(_head, (int)(_start - _head.RunningIndex), _tail!, _tail!.Memory.Length);
        result = new ReadResult(buffer, _isCanceled, _remoteClosed);
        _isReading = true;
        _isWaiting = false;
        _isCanceled = false;
        return true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(CancellationToken cancellationToken)
    {
        _stream.Announce();
        using CancellationTokenRegistration registration =
            cancellationToken.UnsafeRegister(static signal => ((AsyncSignal)signal!).Set(), _signal);
        while (true)
        {
            await _signal.WaitAsync();
            lock (_lock)
            {
                if (TryReadCore(out ReadResult result))
                {
                    return result;
                }

                if (cancellationToken.IsCancellationRequested)
                {
                    _isWaiting = false;
                    throw new OperationCanceledException(cancellationToken);
                }
            }
        }
    }

    // A read that gave nothing has positions in no segment, though bytes may have come since.
    private long IndexOf(SequencePosition position) => position.GetObject() switch
    {
        Segment segment => segment.RunningIndex + position.GetInteger(),
        null => _start,
        _ => throw new InvalidOperationException("The position is not one of the last read."),
    };

    private int AddSegment(int wanted)
    {
        // Under load the unread bytes tell that larger segments pay.
        int size = (int)Math.Clamp(Math.Max(wanted, _end - _start), MinSegment, MaxSegment);
        var segment = new Segment(LinkBuffers.Rent((int)BitOperations.RoundUpToPowerOf2((uint)size)), _end);
        if (_tail is null)
        {
            _head = segment;
        }
        else
        {
            _tail.Link(segment);
        }

        _tail = segment;
        return segment.Room;
    }

    private void Drop(long to)
    {
        _start = to;
        while (_head is { } head && head.RunningIndex + head.Memory.Length <= to)
        {
            head.Return();
            _head = (Segment?)head.Next;
        }

        if (_head is null)
        {
            _tail = null;
        }
    }

    // Arrays that the application may be reading are left to the garbage collector.
    private void ReleaseAll()
    {
        if (!_isReading)
        {
            for (Segment? segment = _head; segment is not null; segment = (Segment?)segment.Next)
            {
                segment.Return();
            }
        }

        _head = _tail = null;
        _start = _examined = _end;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        private readonly byte[] _bytes;

        public Segment(byte[] bytes, long runningIndex)
        {
            _bytes = bytes;
            RunningIndex = runningIndex;
        }

        public int Room => _bytes.Length - Memory.Length;

        public void Append(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_bytes.AsSpan(Memory.Length));
            Memory = _bytes.AsMemory(0, Memory.Length + bytes.Length);
        }

        public void Link(Segment next) => Next = next;

        public void Return() => LinkBuffers.Return(_bytes);
    }
}

using System.Buffers;

namespace Pmq.Libp2p.Transport.Memory;

/// <summary>
/// One direction of an in-process connection: a bounded ring of bytes whose writer waits while it is full. One reader and
/// one writer; ending and aborting may come from any thread.
/// </summary>
internal sealed class MemoryPipe(int capacityBytes)
{
    private readonly Lock _gate = new();

    // Rented while bytes are in flight, so that an idle connection holds none.
    private byte[]? _ring;
    private int _head;
    private int _count;
    private bool _ended;
    private bool _aborted;
    private bool _discarding;
    private TaskCompletionSource? _readable;
    private TaskCompletionSource? _writable;

    /// <summary>Reads at least one byte; 0 at the end, or once bytes are there when <paramref name="buffer"/> is empty.</summary>
    /// <exception cref="IOException">The connection was aborted.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (_gate)
            {
                ThrowIfAborted();
                if (_discarding)
                {
                    throw new IOException("The in-process connection is closed.");
                }

                if (_count > 0)
                {
                    return Take(buffer.Span);
                }

                if (_ended)
                {
                    return 0;
                }

                _readable ??= NewSignal();
                wait = _readable.Task;
            }

            await wait.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Writes all of <paramref name="data"/>, waiting while the ring is full.</summary>
    /// <exception cref="IOException">The connection was aborted, or the writer has ended it.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (_gate)
            {
                ThrowIfAborted();
                if (_ended)
                {
                    throw new IOException("The in-process connection is closed.");
                }

                data = data[Put(data.Span)..];
                if (data.IsEmpty || _discarding)
                {
                    return;
                }

                _writable ??= NewSignal();
                wait = _writable.Task;
            }

            await wait.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The writer has ended: the reader gets what is left, then the end.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            Signal(ref _readable);
            Signal(ref _writable);
        }
    }

    /// <summary>The reader has ended: what is written from now on is dropped.</summary>
    public void Discard()
    {
        lock (_gate)
        {
            _discarding = true;
            _count = 0;
            ReturnRing();
            Signal(ref _readable);
            Signal(ref _writable);
        }
    }

    /// <summary>Drops what is left and makes both sides throw.</summary>
    public void Abort()
    {
        lock (_gate)
        {
            _aborted = true;
            _count = 0;
            ReturnRing();
            Signal(ref _readable);
            Signal(ref _writable);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Signal(ref TaskCompletionSource? signal)
    {
        signal?.TrySetResult();
        signal = null;
    }

    private void ThrowIfAborted()
    {
        if (_aborted)
        {
            throw new IOException("The in-process connection was aborted.");
        }
    }

    private int Take(Span<byte> destination)
    {
        int taken = Math.Min(destination.Length, _count);
        int first = Math.Min(taken, capacityBytes - _head);
        _ring.AsSpan(_head, first).CopyTo(destination);
        _ring.AsSpan(0, taken - first).CopyTo(destination[first..]);
        _head = (_head + taken) % capacityBytes;
        _count -= taken;
        if (_count == 0)
        {
            ReturnRing();
        }

        if (taken > 0)
        {
            Signal(ref _writable);
        }

        return taken;
    }

    private int Put(ReadOnlySpan<byte> source)
    {
        int put = Math.Min(source.Length, capacityBytes - _count);
        if (put == 0 || _discarding)
        {
            return 0;
        }

        _ring ??= ArrayPool<byte>.Shared.Rent(capacityBytes);
        int tail = (_head + _count) % capacityBytes;
        int first = Math.Min(put, capacityBytes - tail);
        source[..first].CopyTo(_ring.AsSpan(tail));
        source[first..put].CopyTo(_ring);
        _count += put;
        Signal(ref _readable);
        return put;
    }

    private void ReturnRing()
    {
        if (_ring is not null)
        {
            ArrayPool<byte>.Shared.Return(_ring);
            _ring = null;
            _head = 0;
        }
    }
}

namespace Pmq.Client.Runtime;

/// <summary>
/// Hands messages to a handler, so many at once, begun in the order of their coming. A handler that does not await runs
/// on a thread that takes one message after another; no more threads than processors do so.
/// </summary>
/// <param name="maxConcurrency">Handlers under way at once.</param>
/// <param name="maxQueued">Messages that wait; more make the adder wait.</param>
/// <param name="handle">Never throws.</param>
internal sealed class MessagePump(int maxConcurrency, int maxQueued, Func<AgentMessage, ValueTask> handle)
    : IThreadPoolWorkItem
{
    private readonly int _maxThreads = Math.Min(maxConcurrency, Environment.ProcessorCount);
    private readonly Lock _lock = new();
    private readonly Queue<AgentMessage> _queue = new();
    private readonly Signal _room = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _underWay;
    private int _threads;
    private bool _isAdderWaiting;
    private bool _isStopped;

    /// <summary>Handlers under way.</summary>
    public int UnderWay
    {
        get
        {
            lock (_lock)
            {
                return _underWay;
            }
        }
    }

    /// <summary>Adds a message, waiting for room; after <see cref="StopAsync"/> it is dropped. One adder.</summary>
    public ValueTask AddAsync(AgentMessage message, CancellationToken cancellationToken) =>
        TryAdd(message) ? ValueTask.CompletedTask : WaitAsync(message, cancellationToken);

    /// <summary>Drops what waits; ends when the handlers under way have.</summary>
    public Task StopAsync()
    {
        lock (_lock)
        {
            _isStopped = true;
            _queue.Clear();
            SettleIfIdle();
        }

        _room.Set();
        return _idle.Task;
    }

    /// <summary>Takes messages until none waits or enough are under way.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        bool hasEnded = false;
        while (TryTake(hasEnded) is { } message)
        {
            ValueTask handling = handle(message);
            hasEnded = handling.IsCompleted;
            if (!hasEnded)
            {
                // Counted in _underWay, for which StopAsync waits.
                _ = FinishAsync(handling);
            }
        }
    }

    private async ValueTask WaitAsync(AgentMessage message, CancellationToken cancellationToken)
    {
        do
        {
            await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        while (!TryAdd(message));
    }

    private bool TryAdd(AgentMessage message)
    {
        lock (_lock)
        {
            if (_isStopped)
            {
                return true;
            }

            if (_queue.Count >= maxQueued)
            {
                _isAdderWaiting = true;
                return false;
            }

            _queue.Enqueue(message);
            if (_threads >= _maxThreads || _underWay >= maxConcurrency)
            {
                return true;
            }

            _threads++;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    /// <summary>The next message for a thread; null sends it home.</summary>
    private AgentMessage? TryTake(bool hasEnded)
    {
        bool hasRoom = false;
        AgentMessage? message = null;
        lock (_lock)
        {
            _underWay -= hasEnded ? 1 : 0;
            if (_underWay < maxConcurrency && _queue.TryDequeue(out message))
            {
                _underWay++;

                // Half empty, so that the adder is woken once for many messages.
                hasRoom = _isAdderWaiting && _queue.Count <= maxQueued / 2;
                _isAdderWaiting &= !hasRoom;
            }
            else
            {
                _threads--;
                SettleIfIdle();
            }
        }

        if (hasRoom)
        {
            _room.Set();
        }

        return message;
    }

    private async Task FinishAsync(ValueTask handling)
    {
        await handling.ConfigureAwait(false);
        lock (_lock)
        {
            _underWay--;
            SettleIfIdle();
            if (_queue.Count == 0 || _threads >= _maxThreads)
            {
                return;
            }

            _threads++;
        }

        // Not on this thread: it belongs to whoever completed the handler.
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void SettleIfIdle()
    {
        if (_isStopped && _underWay == 0)
        {
            _idle.TrySetResult();
        }
    }
}

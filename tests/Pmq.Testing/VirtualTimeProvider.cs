namespace Pmq.Testing;

/// <summary>
/// Time that moves only when the test says so. Timers fire inside <see cref="Advance"/>, on its thread, ordered by due
/// time and then by the order in which they were armed, each at exactly its own instant.
/// </summary>
/// <remarks>
/// Thread-safe; callbacks run outside the lock and may arm timers, which fire in the same advance if they fall due in
/// it. A timer that is due at once fires in the next advance, be it of zero.
/// </remarks>
public sealed class VirtualTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<Arming, (long Due, long Order)> _queue = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiters = [];
    private readonly DateTimeOffset _start;
    private long _elapsed;
    private long _order;
    private int _armed;

    /// <summary>Starts at <paramref name="start"/>; by default at the start of the year 2030.</summary>
    public VirtualTimeProvider(DateTimeOffset? start = null) =>
        _start = start ?? new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Time since the start.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(Interlocked.Read(ref _elapsed));

    /// <summary>Timers that are armed now.</summary>
    public int ArmedTimerCount
    {
        get
        {
            lock (_lock)
            {
                return _armed;
            }
        }
    }

    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    public override long GetTimestamp() => Interlocked.Read(ref _elapsed);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves time forward by <paramref name="by"/> and fires what falls due, in order.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        long target = Interlocked.Read(ref _elapsed) + by.Ticks;
        while (TakeDue(target) is { } timer)
        {
            timer.Fire();
        }

        lock (_lock)
        {
            Interlocked.Exchange(ref _elapsed, Math.Max(target, _elapsed));
        }
    }

    /// <summary>
    /// Moves time to the next timer that is armed and fires it, with all that are due at that instant; false without
    /// one.
    /// </summary>
    public bool AdvanceToNextTimer()
    {
        long due;
        lock (_lock)
        {
            DropStale();
            if (!_queue.TryPeek(out _, out (long Due, long Order) priority))
            {
                return false;
            }

            due = priority.Due;
        }

        Advance(TimeSpan.FromTicks(Math.Max(0, due - Interlocked.Read(ref _elapsed))));
        return true;
    }

    /// <summary>
    /// Completes when at least <paramref name="count"/> timers are armed: the code under test has come to its wait.
    /// </summary>
    public Task WaitForTimersAsync(int count, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_armed >= count)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((count, reached));
            return reached.Task.WaitAsync(cancellationToken);
        }
    }

    private VirtualTimer? TakeDue(long target)
    {
        lock (_lock)
        {
            DropStale();
            if (!_queue.TryPeek(out Arming arming, out (long Due, long Order) priority) || priority.Due > target)
            {
                return null;
            }

            _queue.Dequeue();
            _armed--;
            Interlocked.Exchange(ref _elapsed, Math.Max(priority.Due, Interlocked.Read(ref _elapsed)));
            arming.Timer.Disarm();
            if (arming.Timer.Period > TimeSpan.Zero)
            {
                Arm(arming.Timer, priority.Due + arming.Timer.Period.Ticks);
            }

            return arming.Timer;
        }
    }

    private void DropStale()
    {
        while (_queue.TryPeek(out Arming arming, out _) && arming.Timer.Current != arming.Order)
        {
            _queue.Dequeue();
        }
    }

    private void Arm(VirtualTimer timer, long due)
    {
        timer.Current = ++_order;
        _queue.Enqueue(new Arming(timer, _order), (due, _order));
        _armed++;
        for (int i = _waiters.Count - 1; i >= 0; i--)
        {
            if (_armed >= _waiters[i].Count)
            {
                _waiters[i].Reached.SetResult();
                _waiters.RemoveAt(i);
            }
        }
    }

    private readonly record struct Arming(VirtualTimer Timer, long Order);

    private sealed class VirtualTimer(VirtualTimeProvider time, TimerCallback callback, object? state) : ITimer
    {
        private bool _disposed;

        /// <summary>The order number of the arming that is in force; 0 when the timer is not armed.</summary>
        public long Current { get; set; }

        public TimeSpan Period { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                if (_disposed)
                {
                    return false;
                }

                Stop();
                Period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    time.Arm(this, Interlocked.Read(ref time._elapsed) + dueTime.Ticks);
                }

                return true;
            }
        }

        public void Disarm() => Current = 0;

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (time._lock)
            {
                Stop();
                _disposed = true;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Stop()
        {
            if (Current != 0)
            {
                Current = 0;
                time._armed--;
            }
        }
    }
}

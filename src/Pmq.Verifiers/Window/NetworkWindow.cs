using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers.Window;

/// <summary>
/// The driver of one <see cref="SequenceWindow"/>: the lock, the clock, the timer, and the calls that wait for it.
/// </summary>
internal sealed class NetworkWindow : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SequenceWindow _core;
    private readonly TimeProvider _timeProvider;
    private readonly List<WindowEffect> _effects = [];
    private readonly Dictionary<WindowReport, TaskCompletionSource<WindowEffect>> _waiting = [];
    private ITimer? _timer;
    private long _timestamp;
    private DateTimeOffset _utc;
    private TimeSpan _elapsed;
    private bool _released;

    public NetworkWindow(
        string networkId, ConfigDigest digest, WindowOptions options, long? mark, TimeProvider timeProvider)
    {
        NetworkId = networkId;
        Digest = digest;
        _core = new SequenceWindow(options, mark);
        _timeProvider = timeProvider;
        _timestamp = timeProvider.GetTimestamp();
        _utc = timeProvider.GetUtcNow();
    }

    public string NetworkId { get; }

    public ConfigDigest Digest { get; }

    /// <summary>What became of the reports that name this network and digest.</summary>
    public ReasonCounts Counts { get; } = new();

    /// <summary>Takes over settings that have changed.</summary>
    public void Configure(WindowOptions options)
    {
        lock (_lock)
        {
            if (_core.Options != options)
            {
                _core.Options = options;
            }
        }
    }

    /// <summary>
    /// Decides a report that a quorum signed; while the window settles, when that ends. Cancelled, the report can come
    /// again.
    /// </summary>
    public ValueTask<WindowEffect> JudgeAsync(WindowReport report, CancellationToken cancellationToken)
    {
        TaskCompletionSource<WindowEffect> waiting;
        lock (_lock)
        {
            if (_released)
            {
                return ValueTask.FromResult(new WindowEffect(report, JudgementReason.Released, false, null));
            }

            _core.Handle(report, Tick(), _effects);
            WindowEffect? own = Complete(report);
            if (own is { } decided)
            {
                return ValueTask.FromResult(decided);
            }

            waiting = new TaskCompletionSource<WindowEffect>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(report, waiting);
            ArmTimer();
        }

        return new ValueTask<WindowEffect>(WaitAsync(report, waiting, cancellationToken));
    }

    /// <summary>Takes back an acceptance that was told to nobody: the report can come again.</summary>
    public void Withdraw(WindowReport report)
    {
        lock (_lock)
        {
            _core.Withdraw(report);
        }
    }

    /// <summary>What a display shows.</summary>
    public WindowSnapshot Snapshot()
    {
        lock (_lock)
        {
            return new WindowSnapshot
            {
                NetworkId = NetworkId,
                Digest = Digest,
                High = _core.High,
                InStep = _core.IsInStep(Tick()),
                Held = _core.HeldCount,
                Counts = Counts.Snapshot(),
                Equivocations =
                [
                    .. _core.Equivocations.Kept.Select(
                        proof => new Equivocation(NetworkId, Digest, proof.Sequence, proof.First, proof.Second)),
                ],
                EquivocationCount = _core.Equivocations.Count,
                EquivocationsDropped = _core.Equivocations.Dropped,
                EncodingsDropped = _core.Remembered.EncodingsDropped,
            };
        }
    }

    /// <summary>The numbers of the gauges: the highest sequence, in step or not, reports held.</summary>
    public (long? High, bool InStep, int Held) Gauges()
    {
        lock (_lock)
        {
            return (_core.High, _core.IsInStep(Tick()), _core.HeldCount);
        }
    }

    /// <summary>Lets go of the calls that wait; those that come later are let go at once.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _released = true;
            _core.Release(_effects);
            Complete(null);
            _timer?.Dispose();
        }
    }

    private async Task<WindowEffect> WaitAsync(
        WindowReport report, TaskCompletionSource<WindowEffect> waiting, CancellationToken cancellationToken)
    {
        CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var (window, report) = ((NetworkWindow, WindowReport))state!;
                window.Cancel(report, token);
            },
            (this, report));
        await using (registration.ConfigureAwait(false))
        {
            return await waiting.Task.ConfigureAwait(false);
        }
    }

    private void Cancel(WindowReport report, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_waiting.Remove(report, out TaskCompletionSource<WindowEffect>? waiting))
            {
                _core.Withdraw(report);
                waiting.SetCanceled(cancellationToken);
            }
        }
    }

    /// <summary>Hands out the effects; returns that of <paramref name="own"/>.</summary>
    private WindowEffect? Complete(WindowReport? own)
    {
        WindowEffect? result = null;
        foreach (WindowEffect effect in _effects)
        {
            if (ReferenceEquals(effect.Report, own))
            {
                result = effect;
            }
            else if (_waiting.Remove(effect.Report, out TaskCompletionSource<WindowEffect>? waiting))
            {
                waiting.SetResult(effect);
            }
        }

        _effects.Clear();
        return result;
    }

    /// <summary>
    /// The time since the start. A machine that slept counts its sleep in one clock only, so the one that went further
    /// counts: who wakes up after a while must not believe itself in step.
    /// </summary>
    private TimeSpan Tick()
    {
        long timestamp = _timeProvider.GetTimestamp();
        DateTimeOffset utc = _timeProvider.GetUtcNow();
        TimeSpan passed = _timeProvider.GetElapsedTime(_timestamp, timestamp);
        _elapsed += passed > utc - _utc ? passed : utc - _utc;
        _timestamp = timestamp;
        _utc = utc;
        return _elapsed;
    }

    private void ArmTimer()
    {
        if (_timer is null && _core.SettlesAt is { } due)
        {
            _timer = _timeProvider.CreateTimer(
                static state => ((NetworkWindow)state!).OnTimer(),
                this,
                due > _elapsed ? due - _elapsed : TimeSpan.Zero,
                Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            _core.Pass(Tick(), _effects);
            Complete(null);
            _timer?.Dispose();
            _timer = null;

            // A timer's clock may run a little before the timestamps.
            ArmTimer();
        }
    }
}

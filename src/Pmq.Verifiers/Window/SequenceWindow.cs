namespace Pmq.Verifiers.Window;

/// <summary>
/// The order of one network's reports under one digest: which sequence is next, which is too old or too new, and
/// whether we know that well enough to hold it against a peer. One owner, no clock: the time comes with each input and
/// counts from any origin.
/// </summary>
/// <remarks>
/// <para>Its inputs are reports that a quorum signed. Who holds no quorum's keys can still replay old ones and withhold
/// new ones; the README says what that can do.</para>
/// <para>Sequences are 0 to <see cref="long.MaxValue"/> and are only subtracted, the lower from the higher, so no
/// result overflows.</para>
/// <para><b>Limits</b>: <see cref="WindowOptions"/>.</para>
/// </remarks>
internal sealed class SequenceWindow
{
    private readonly SortedDictionary<long, WindowReport> _held = [];
    private readonly RememberedReports _remembered = new();
    private readonly RisingRuns _runs = new();
    private readonly long? _mark;
    private WindowOptions _options = new();
    private long _high;
    private bool _settled;
    private TimeSpan _now = TimeSpan.MinValue;
    private TimeSpan? _risingSince;
    private TimeSpan _lastRise;

    /// <summary>
    /// Begins at <paramref name="mark"/>, the highest sequence that may have been accepted before; without one it first
    /// watches.
    /// </summary>
    /// <exception cref="ArgumentException">The options do not fit; one line.</exception>
    public SequenceWindow(WindowOptions options, long? mark)
    {
        Options = options;
        _mark = mark;
        _high = mark ?? 0;
        _settled = mark is not null;
    }

    /// <summary>What is too old and too new; another value holds from the next input on.</summary>
    public WindowOptions Options
    {
        get => _options;
        set => _options = value.Validate() is [var fault, ..]
            ? throw new ArgumentException(fault.Message, nameof(value))
            : value;
    }

    /// <summary>The highest sequence that was accepted, here or before the mark; null while it settles.</summary>
    public long? High => _settled ? _high : null;

    /// <summary>When the reports that are held fall due; null when none ever were or the window has settled.</summary>
    public TimeSpan? SettlesAt { get; private set; }

    /// <summary>Reports held.</summary>
    public int HeldCount => _held.Count;

    /// <summary>Bytes of the reports held.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>What is remembered of the sequences not far behind.</summary>
    public RememberedReports Remembered => _remembered;

    /// <summary>Runs of reports ahead of the bound that are followed.</summary>
    public int RunCount => _runs.Count;

    /// <summary>The equivocations seen.</summary>
    public EquivocationLog Equivocations { get; } = new();

    /// <summary>
    /// Whether the highest sequence has been rising for <see cref="WindowOptions.InStepSpan"/> with no longer pause,
    /// and nothing since it began to rise has shown that the network is further on: no report ahead of the bound before
    /// it was in step, and no run of <see cref="WindowOptions.MoveCount"/> of them since.
    /// </summary>
    public bool IsInStep(TimeSpan now) =>
        _risingSince is { } since && _lastRise - since >= _options.InStepSpan && now - _lastRise <= _options.InStepSpan;

    /// <summary>A report came: decides it now, or holds it until <see cref="SettlesAt"/>.</summary>
    public void Handle(WindowReport report, TimeSpan now, List<WindowEffect> effects)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(report.Sequence, nameof(report));
        Pass(now, effects);
        if (_settled)
        {
            effects.Add(Judge(report));
            return;
        }

        Hold(report, effects);
        Pass(now, effects);
    }

    /// <summary>Time passed: decides what was held, in ascending order, once it is due.</summary>
    public void Pass(TimeSpan now, List<WindowEffect> effects)
    {
        _now = now > _now ? now : _now;
        if (!_settled && SettlesAt <= _now)
        {
            Settle(effects);
        }
    }

    /// <summary>
    /// Takes back a report that is held, or whose acceptance was told to nobody, so that it can come again; false when
    /// it is neither. Another report of its sequence is an equivocation all the same, unless it was only held.
    /// </summary>
    public bool Withdraw(WindowReport report)
    {
        if (_held.TryGetValue(report.Sequence, out WindowReport? held))
        {
            return ReferenceEquals(held, report) && Unhold(report);
        }

        return _remembered.TryFind(report.Sequence, out WindowReport? accepted)
            && accepted.Content == report.Content
            && _remembered.TakeBack(report.Sequence);
    }

    /// <summary>Lets go of all that is held.</summary>
    public void Release(List<WindowEffect> effects)
    {
        effects.AddRange(_held.Values.Select(report => Effect(report, JudgementReason.Released)));
        _held.Clear();
        HeldBytes = 0;
    }

    private void Hold(WindowReport report, List<WindowEffect> effects)
    {
        SettlesAt ??= _now + _options.SettlingSpan;
        _high = Math.Max(_high, report.Sequence);
        if (_held.TryGetValue(report.Sequence, out WindowReport? first))
        {
            effects.Add(Again(first, report, inStep: false));
            return;
        }

        _held.Add(report.Sequence, report);
        HeldBytes += report.Encoded.Length;

        // The highest says where to start, so it is the lowest that goes.
        while (_held.Count > _options.MaxHeld || (HeldBytes > _options.MaxHeldBytes && _held.Count > 1))
        {
            WindowReport lowest = _held.First().Value;
            Unhold(lowest);
            effects.Add(Effect(lowest, JudgementReason.NotHeld));
        }
    }

    private bool Unhold(WindowReport report)
    {
        HeldBytes -= report.Encoded.Length;
        return _held.Remove(report.Sequence);
    }

    private void Settle(List<WindowEffect> effects)
    {
        _settled = true;
        SettlesAt = null;
        foreach (WindowReport report in _held.Values)
        {
            effects.Add(Judge(report));
        }

        if (_held.ContainsKey(_high))
        {
            Rise();
        }

        _held.Clear();
        HeldBytes = 0;
    }

    private WindowEffect Judge(WindowReport report)
    {
        bool inStep = IsInStep(_now);
        long sequence = report.Sequence;
        if (_remembered.TryFind(sequence, out WindowReport? first))
        {
            bool isAccepted = first.Content == report.Content
                && _high - sequence < _options.SkipThreshold && _remembered.GiveAgain(sequence);
            return isAccepted ? Effect(report, JudgementReason.Accepted, inStep) : Again(first, report, inStep);
        }

        if (sequence > _high)
        {
            return sequence - _high > _options.FutureBound ? JudgeTooNew(report, inStep) : Accept(report, inStep);
        }

        long behind = _high - sequence;
        if (behind > _options.ValidityThreshold)
        {
            return Effect(report, JudgementReason.Stale, inStep);
        }

        if (behind < _options.SkipThreshold && !(sequence <= _mark) && !(sequence <= _remembered.ForgottenTo))
        {
            return Accept(report, inStep);
        }

        // Remembered though it is not accepted: another report of its sequence is an equivocation all the same.
        _remembered.Add(report, _options);
        return Effect(
            report, behind < _options.SkipThreshold ? JudgementReason.Seen : JudgementReason.Old, inStep);
    }

    private WindowEffect JudgeTooNew(WindowReport report, bool inStep)
    {
        if (inStep)
        {
            // What lay ahead before we were in step does not count against it, nor do single reports now and then.
            _runs.ForgetUntil(_now - _options.InStepSpan);
        }

        bool isRun = _runs.Add(report.Sequence, _now, _options) >= _options.MoveCount;
        if (inStep && !isRun)
        {
            return Effect(report, JudgementReason.TooNew, inStep);
        }

        // The network is further on than we are: what we accept meanwhile does not show that we keep up with it. In
        // step that is all a run does; the report that continues it then moves the window.
        _risingSince = null;
        return isRun && !inStep ? Accept(report, inStep) : Effect(report, JudgementReason.TooNew);
    }

    private WindowEffect Accept(WindowReport report, bool inStep)
    {
        _remembered.Add(report, _options);
        if (report.Sequence > _high)
        {
            _high = report.Sequence;
            _remembered.ForgetBehind(_high, _options.ValidityThreshold);
            _runs.ForgetReached(_high, _options.FutureBound);
            Rise();
        }

        return Effect(report, JudgementReason.Accepted, inStep);
    }

    private void Rise()
    {
        if (_risingSince is null || _now - _lastRise > _options.InStepSpan)
        {
            _risingSince = _now;
        }

        _lastRise = _now;
    }

    private WindowEffect Again(WindowReport first, WindowReport report, bool inStep) =>
        first.Content == report.Content
            ? Effect(report, JudgementReason.Seen, inStep)
            : new WindowEffect(
                report, JudgementReason.Equivocation, inStep, Equivocations.Add(first, report, _options));

    private static WindowEffect Effect(WindowReport report, JudgementReason reason, bool inStep = false) =>
        new(report, reason, inStep, null);
}

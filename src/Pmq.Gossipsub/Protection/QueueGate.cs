namespace Pmq.Gossipsub.Protection;

/// <summary>How full a topic's queue has been of late, and so whether it is guarded.</summary>
internal sealed class QueueGate
{
    private TimeSpan? _lastThrottle;

    /// <summary>Messages that came to be validated; decays.</summary>
    public double Validated { get; private set; }

    /// <summary>Messages that found the queue full; decays.</summary>
    public double Throttled { get; private set; }

    public void OnValidated() => Validated++;

    public void OnThrottled(TimeSpan now)
    {
        Throttled++;
        _lastThrottle = now;
    }

    /// <summary>
    /// Active iff now − lastThrottle ≤ Quiet ∧ throttle ≠ 0 ∧ (validate = 0 ∨ throttle / validate ≥ threshold).
    /// </summary>
    public bool IsActive(QueueProtectionOptions options, TimeSpan now) =>
        _lastThrottle is { } last && now - last <= options.Quiet && Throttled != 0
        && (Validated == 0 || Throttled / Validated >= options.Threshold);

    public void Decay(double factor, double zero)
    {
        Validated = SourceStats.Decayed(Validated, factor, zero);
        Throttled = SourceStats.Decayed(Throttled, factor, zero);
    }

    /// <summary>What filled the queue was our own fault: it says nothing of those who sent.</summary>
    public void Forget() => (Throttled, _lastThrottle) = (0, null);
}

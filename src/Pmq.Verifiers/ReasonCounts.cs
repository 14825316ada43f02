namespace Pmq.Verifiers;

/// <summary>How often each reason was given. Thread-safe.</summary>
internal sealed class ReasonCounts
{
    private readonly long[] _counts = new long[Enum.GetValues<JudgementReason>().Length];

    public void Add(JudgementReason reason) => Interlocked.Increment(ref _counts[(int)reason]);

    /// <summary>Those that were given at all.</summary>
    public IReadOnlyDictionary<JudgementReason, long> Snapshot() => Enum.GetValues<JudgementReason>()
        .Select(reason => (Reason: reason, Count: Interlocked.Read(ref _counts[(int)reason])))
        .Where(counted => counted.Count > 0)
        .ToDictionary(counted => counted.Reason, counted => counted.Count);
}

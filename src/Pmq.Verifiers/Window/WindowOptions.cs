namespace Pmq.Verifiers.Window;

/// <summary>
/// What a verifier takes for too old and too new, and how much it remembers for it; each limit holds for one network
/// and digest. All of it is the node's to set; <see cref="Validate"/> checks ranges and relations.
/// </summary>
public sealed record WindowOptions
{
    /// <summary>
    /// A report so many sequences behind the highest accepted one, or more, is ignored. 1 to
    /// <see cref="MaxRemembered"/>, since whatever may still be accepted has to be known when it comes again. Default
    /// 100 (arbitrary).
    /// </summary>
    public long SkipThreshold { get; init; } = 100;

    /// <summary>
    /// A report more than so many sequences behind the highest accepted one is rejected, in step. At least
    /// <see cref="SkipThreshold"/>; default 1000 (arbitrary). Two reports of one sequence are told apart as far back as
    /// this.
    /// </summary>
    public long ValidityThreshold { get; init; } = 1000;

    /// <summary>A report more than so many sequences ahead is too new. At least 1; default 1000 (arbitrary).</summary>
    public long FutureBound { get; init; } = 1000;

    /// <summary>
    /// T: a window is in step once its highest sequence has been rising for so long, with no pause of more than this. 1
    /// ms to 1 day; default 30 s (arbitrary). A network must not go on by <see cref="FutureBound"/> sequences in so
    /// short a time, and has to report more often than this for old and far-future reports to be rejected at all.
    /// </summary>
    public TimeSpan InStepSpan { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a window without a persisted mark only watches, from its first report on. 0 to 1 minute; default 1 s.
    /// Keep it below the agent's verdict timeout (5 s), or the held reports are ignored by the agent.
    /// </summary>
    public TimeSpan SettlingSpan { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// So many rising reports ahead of the bound move a window there that is not in step, and end being in step of one
    /// that is. 2 to 64; default 3.
    /// </summary>
    public int MoveCount { get; init; } = 3;

    /// <summary>
    /// Rising runs of reports ahead of the bound that are followed at once; the lowest goes. 2 to 1,024, so that a
    /// single report far above leaves room for the network's own; default 16 (arbitrary).
    /// </summary>
    public int MaxRuns { get; init; } = 16;

    /// <summary>
    /// Reports held while the window settles; beyond it the lowest is ignored. 1 to 65,536; default 128, half of what
    /// the SDK's verifier judges at once, so that the reports of one network do not hold up those of the others.
    /// </summary>
    public int MaxHeld { get; init; } = 128;

    /// <summary>
    /// Bytes of reports held while the window settles; beyond it the lowest are ignored, but one is always held. 1 to 1
    /// GiB; default 8 MiB (arbitrary).
    /// </summary>
    public long MaxHeldBytes { get; init; } = 8 << 20;

    /// <summary>
    /// Sequences whose signed content is remembered, 32 bytes each and their bookkeeping; beyond it the lowest go. 1 to
    /// 1,048,576; default 16,384 (arbitrary).
    /// </summary>
    public int MaxRemembered { get; init; } = 16_384;

    /// <summary>
    /// Bytes of encodings that are kept to prove an equivocation by; beyond it those of the lowest sequences go, and
    /// an equivocation of such a sequence is reported without its first half. 0 to 1 GiB; default 4 MiB (arbitrary).
    /// </summary>
    public long MaxRememberedBytes { get; init; } = 4 << 20;

    /// <summary>Equivocations kept; beyond it the oldest go. 1 to 65,536; default 64 (arbitrary).</summary>
    public int MaxEquivocations { get; init; } = 64;

    /// <summary>
    /// Bytes of the equivocations kept; beyond it the oldest go. 0 to 1 GiB; default 4 MiB (arbitrary).
    /// </summary>
    public long MaxEquivocationBytes { get; init; } = 4 << 20;

    /// <summary>What does not fit, each with its option; empty when all is right.</summary>
    public IReadOnlyList<WindowOptionFault> Validate()
    {
        List<WindowOptionFault> faults = [];
        Range(faults, nameof(SkipThreshold), SkipThreshold, 1, long.MaxValue);
        Range(faults, nameof(ValidityThreshold), ValidityThreshold, 1, long.MaxValue);
        Range(faults, nameof(FutureBound), FutureBound, 1, long.MaxValue);
        Range(faults, nameof(InStepSpan), InStepSpan, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        Range(faults, nameof(SettlingSpan), SettlingSpan, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Range(faults, nameof(MoveCount), MoveCount, 2, 64);
        Range(faults, nameof(MaxRuns), MaxRuns, 2, 1024);
        Range(faults, nameof(MaxHeld), MaxHeld, 1, 65_536);
        Range(faults, nameof(MaxHeldBytes), MaxHeldBytes, 1, 1 << 30);
        Range(faults, nameof(MaxRemembered), MaxRemembered, 1, 1 << 20);
        Range(faults, nameof(MaxRememberedBytes), MaxRememberedBytes, 0, 1 << 30);
        Range(faults, nameof(MaxEquivocations), MaxEquivocations, 1, 65_536);
        Range(faults, nameof(MaxEquivocationBytes), MaxEquivocationBytes, 0, 1 << 30);
        if (faults.Count == 0 && SkipThreshold > ValidityThreshold)
        {
            Relation(faults, nameof(SkipThreshold), SkipThreshold, nameof(ValidityThreshold), ValidityThreshold);
        }

        if (faults.Count == 0 && SkipThreshold > MaxRemembered)
        {
            Relation(faults, nameof(SkipThreshold), SkipThreshold, nameof(MaxRemembered), MaxRemembered);
        }

        return faults;
    }

    private static void Range<T>(List<WindowOptionFault> faults, string name, T value, T low, T high)
        where T : IComparable<T>
    {
        if (value.CompareTo(low) < 0 || value.CompareTo(high) > 0)
        {
            faults.Add(new WindowOptionFault(name, $"{name} is {value}; it is at least {low} and at most {high}"));
        }
    }

    private static void Relation(List<WindowOptionFault> faults, string name, long value, string limit, long most) =>
        faults.Add(new WindowOptionFault(name, $"{name} is {value}; it is at most {limit}, which is {most}"));
}

namespace Pmq.Verifiers.Window;

/// <summary>What a verifier takes for too old and too new. All of it is the node's to set.</summary>
public sealed record WindowOptions
{
    /// <summary>
    /// A report so many sequences behind the highest accepted one, or more, is ignored. Default 100 (arbitrary).
    /// </summary>
    public long SkipThreshold { get; init; } = 100;

    /// <summary>
    /// A report more than so many sequences behind the highest accepted one is rejected. Default 1000 (arbitrary).
    /// </summary>
    public long ValidityThreshold { get; init; } = 1000;

    /// <summary>A report more than so many sequences ahead is too new. Default 1000 (arbitrary).</summary>
    public long FutureBound { get; init; } = 1000;

    /// <summary>
    /// T: how long after an accepted report the window counts as in step. Default 30 s (arbitrary). A network must not
    /// go on by <see cref="FutureBound"/> sequences in so short a time.
    /// </summary>
    public TimeSpan InStepSpan { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a window without a persisted mark only watches. Default 1 s.</summary>
    public TimeSpan SettlingSpan { get; init; } = TimeSpan.FromSeconds(1);
}

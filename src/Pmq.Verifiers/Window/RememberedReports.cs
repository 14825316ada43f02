using System.Diagnostics.CodeAnalysis;

namespace Pmq.Verifiers.Window;

/// <summary>
/// What was signed of each sequence not far behind: bounded in number and in bytes of encodings, the lowest sequences
/// go first.
/// </summary>
internal sealed class RememberedReports
{
    private readonly Dictionary<long, WindowReport> _reports = [];
    private readonly SortedSet<long> _sequences = [];
    private readonly SortedSet<long> _withEncoding = [];
    private readonly HashSet<long> _takenBack = [];

    /// <summary>Sequences that are remembered.</summary>
    public int Count => _reports.Count;

    /// <summary>Bytes of the encodings that are kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>
    /// The highest sequence that was remembered and no longer is; null when there is none. It lies behind the skip
    /// threshold, unless that was raised since.
    /// </summary>
    public long? ForgottenTo { get; private set; }

    /// <summary>Encodings that went for want of room.</summary>
    public long EncodingsDropped { get; private set; }

    public bool TryFind(long sequence, [NotNullWhen(true)] out WindowReport? report) =>
        _reports.TryGetValue(sequence, out report);

    /// <summary>Remembers a report of a sequence that is not there yet.</summary>
    public void Add(WindowReport report, WindowOptions options)
    {
        _reports.Add(report.Sequence, report);
        _sequences.Add(report.Sequence);
        _withEncoding.Add(report.Sequence);
        Bytes += report.Encoded.Length;
        while (_reports.Count > options.MaxRemembered)
        {
            ForgetLowest();
        }

        while (Bytes > options.MaxRememberedBytes)
        {
            long lowest = _withEncoding.Min;
            WindowReport whole = _reports[lowest];
            DropEncoding(whole);
            _reports[lowest] = new WindowReport(lowest, whole.Content, default);
            EncodingsDropped++;
        }
    }

    /// <summary>Notes that the acceptance of a sequence that is there was told to nobody; false if that is noted.</summary>
    public bool TakeBack(long sequence) => _takenBack.Add(sequence);

    /// <summary>Whether its acceptance was taken back, which ends with that.</summary>
    public bool GiveAgain(long sequence) => _takenBack.Remove(sequence);

    /// <summary>Forgets what is more than <paramref name="span"/> behind <paramref name="high"/>.</summary>
    public void ForgetBehind(long high, long span)
    {
        while (_sequences.Count > 0 && high - _sequences.Min > span)
        {
            ForgetLowest();
        }
    }

    private void ForgetLowest()
    {
        long lowest = _sequences.Min;
        ForgottenTo = Math.Max(ForgottenTo ?? 0, lowest);
        _sequences.Remove(lowest);
        _takenBack.Remove(lowest);
        _reports.Remove(lowest, out WindowReport? report);
        DropEncoding(report!);
    }

    private void DropEncoding(WindowReport report)
    {
        _withEncoding.Remove(report.Sequence);
        Bytes -= report.Encoded.Length;
    }
}

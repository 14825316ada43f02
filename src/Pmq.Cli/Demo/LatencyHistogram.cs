namespace Pmq.Cli.Demo;

/// <summary>
/// Durations by buckets each 1 % wider than the one before it, from 1 µs to 1000 s: of bounded size, whatever comes.
/// </summary>
internal sealed class LatencyHistogram
{
    private const double Growth = 1.01;
    private const double MaxMicroseconds = 1e9;

    private static readonly double LogGrowth = Math.Log(Growth);
    private readonly long[] _counts = new long[(int)(Math.Log(MaxMicroseconds) / LogGrowth) + 2];

    /// <summary>Durations so far.</summary>
    public long Count { get; private set; }

    /// <summary>Counts a duration; what is beyond the ends counts as the end.</summary>
    public void Add(TimeSpan duration)
    {
        double microseconds = Math.Clamp(duration.TotalMicroseconds, 1, MaxMicroseconds);
        _counts[(int)Math.Round(Math.Log(microseconds) / LogGrowth)]++;
        Count++;
    }

    /// <summary>The duration that a share of all is not longer than, in milliseconds; null when there is none.</summary>
    /// <param name="share">From 0, exclusive, to 1.</param>
    public double? Milliseconds(double share)
    {
        long rank = (long)Math.Ceiling(share * Count);
        for (int bucket = 0; bucket < _counts.Length && Count > 0; bucket++)
        {
            rank -= _counts[bucket];
            if (rank <= 0)
            {
                return Math.Exp(bucket * LogGrowth) / 1000;
            }
        }

        return null;
    }
}

using System.Numerics;

namespace Pmq.Simulation.Measuring;

/// <summary>
/// Counts of durations in buckets of 1.6 % width and less, from 1 µs to 18 min; least and most are exact.
/// </summary>
public sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private const int Octaves = 25;

    private readonly int[] _counts = new int[(Octaves + 1) << SubBits];
    private long _sum;

    /// <summary>How many durations there are.</summary>
    public long Count { get; private set; }

    /// <summary>The longest; zero when there is none.</summary>
    public TimeSpan Max { get; private set; }

    /// <summary>The mean; zero when there is none.</summary>
    public TimeSpan Mean => Count == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(_sum / Count);

    /// <summary>Adds a duration.</summary>
    public void Add(TimeSpan duration)
    {
        Count++;
        _sum += duration.Ticks;
        Max = duration > Max ? duration : Max;
        _counts[IndexOf(duration)]++;
    }

    /// <summary>Adds those of another.</summary>
    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
        _sum += other._sum;
        Max = other.Max > Max ? other.Max : Max;
    }

    /// <summary>The least duration, to a bucket's width above, that this part of all do not exceed.</summary>
    /// <param name="part">0 to 1, as 0.99.</param>
    public TimeSpan Percentile(double part)
    {
        long rank = Math.Clamp((long)Math.Ceiling(part * Count), 1, Math.Max(1, Count));
        for (int i = 0; i < _counts.Length; i++)
        {
            rank -= _counts[i];
            if (rank <= 0)
            {
                TimeSpan upper = TimeSpan.FromMicroseconds(UpperOf(i));
                return upper < Max ? upper : Max;
            }
        }

        return TimeSpan.Zero;
    }

    /// <summary>How many are at most <paramref name="limit"/>, to a bucket's width.</summary>
    public long CountWithin(TimeSpan limit)
    {
        long count = 0;
        for (int i = 0, last = IndexOf(limit); i <= last; i++)
        {
            count += _counts[i];
        }

        return count;
    }

    private static int IndexOf(TimeSpan duration)
    {
        ulong micros = (ulong)Math.Max(0, duration.Ticks / TimeSpan.TicksPerMicrosecond);
        int octave = Math.Max(0, BitOperations.Log2(micros | 1) - SubBits);
        int index = (octave << SubBits) + (int)(micros >> octave);
        return Math.Min(index, ((Octaves + 1) << SubBits) - 1);
    }

    private static double UpperOf(int index)
    {
        int octave = Math.Max(0, (index >> SubBits) - 1);
        return (ulong)(index - (octave << SubBits) + 1) << octave;
    }
}

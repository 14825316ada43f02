namespace Pmq.Agent.Metrics;

/// <summary>One instrument with one set of labels. Thread-safe; recording takes no lock.</summary>
internal sealed class MetricSeries
{
    private readonly double[] _bounds;
    private readonly long[] _buckets;
    private double _value;
    private long _count;

    /// <param name="labels">As they are written, <c>topic="a",reason="b"</c>; empty for none.</param>
    /// <param name="tags">The same for comparing.</param>
    /// <param name="bounds">Upper bounds of a histogram's buckets, ascending; empty for other instruments.</param>
    public MetricSeries(string labels, KeyValuePair<string, object?>[] tags, double[] bounds)
    {
        Labels = labels;
        Tags = tags;
        _bounds = bounds;
        _buckets = new long[bounds.Length + 1];
    }

    /// <summary>The labels as they are written.</summary>
    public string Labels { get; }

    /// <summary>The labels.</summary>
    public KeyValuePair<string, object?>[] Tags { get; }

    /// <summary>The next series whose labels have the same hash.</summary>
    public MetricSeries? Next { get; set; }

    /// <summary>The sum of a counter or histogram, or the last value.</summary>
    public double Value => Volatile.Read(ref _value);

    /// <summary>Measurements of a histogram.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Adds to a counter.</summary>
    public void Add(double value)
    {
        double seen;
        do
        {
            seen = Volatile.Read(ref _value);
        }
        while (Interlocked.CompareExchange(ref _value, seen + value, seen) != seen);
    }

    /// <summary>Sets a gauge, or what an observable counter has reached.</summary>
    public void Set(double value) => Volatile.Write(ref _value, value);

    /// <summary>Counts a measurement of a histogram.</summary>
    public void Observe(double value)
    {
        int bucket = Array.BinarySearch(_bounds, value);
        Interlocked.Increment(ref _buckets[bucket < 0 ? ~bucket : bucket]);
        Interlocked.Increment(ref _count);
        Add(value);
    }

    /// <summary>Measurements up to each bound, cumulated; the last is all of them.</summary>
    public IEnumerable<(double Bound, long Count)> Buckets()
    {
        long total = 0;
        for (int i = 0; i < _buckets.Length; i++)
        {
            total += Interlocked.Read(ref _buckets[i]);
            yield return (i < _bounds.Length ? _bounds[i] : double.PositiveInfinity, total);
        }
    }
}

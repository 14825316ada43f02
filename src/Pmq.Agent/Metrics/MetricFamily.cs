using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Pmq.Agent.Metrics;

/// <summary>What a family counts, as Prometheus names it.</summary>
internal enum MetricKind
{
    /// <summary>Only grows.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>A distribution.</summary>
    Histogram,
}

/// <summary>One instrument with all its sets of labels, of which there is a bound.</summary>
internal sealed class MetricFamily
{
    /// <summary>
    /// Sets of labels of one instrument; what exceeds it is added up in one. Arbitrary, may be raised.
    /// </summary>
    public const int MaxSeries = 1000;

    private static readonly double[] Seconds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly double[] Sizes = [64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304];

    private readonly ConcurrentDictionary<int, MetricSeries> _series = new();
    private readonly Lock _gate = new();
    private readonly double[] _bounds;
    private readonly bool _isSet;
    private readonly MetricSeries _overflow;
    private int _count;

    /// <summary>Follows an instrument.</summary>
    public MetricFamily(Instrument instrument)
    {
        Type type = instrument.GetType().GetGenericTypeDefinition();
        _isSet = instrument.IsObservable || type == typeof(Gauge<>);
        Kind = type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter
            : type == typeof(Histogram<>) ? MetricKind.Histogram
            : MetricKind.Gauge;
        _bounds = Kind == MetricKind.Histogram ? Bounds(instrument) : [];
        _overflow = new MetricSeries("overflow=\"true\"", [], _bounds);
        Name = NameOf(instrument, Kind);
        Help = instrument.Description ?? instrument.Name;
    }

    /// <summary>As Prometheus names it: <c>pmq_gossipsub_messages_dropped_total</c>.</summary>
    public string Name { get; }

    /// <summary>What it means.</summary>
    public string Help { get; }

    /// <summary>What it counts.</summary>
    public MetricKind Kind { get; }

    /// <summary>The sets of labels in the order of their text.</summary>
    public IEnumerable<MetricSeries> Series()
    {
        var all = new List<MetricSeries>();
        foreach (MetricSeries first in _series.Values)
        {
            for (MetricSeries? series = first; series is not null; series = series.Next)
            {
                all.Add(series);
            }
        }

        all.Sort((left, right) => string.CompareOrdinal(left.Labels, right.Labels));
        return _count >= MaxSeries ? all.Append(_overflow) : all;
    }

    /// <summary>Records a measurement.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        MetricSeries series = Find(tags);
        if (Kind == MetricKind.Histogram)
        {
            series.Observe(value);
        }
        else if (_isSet)
        {
            series.Set(value);
        }
        else
        {
            series.Add(value);
        }
    }

    private static double[] Bounds(Instrument instrument)
    {
        IReadOnlyList<double>? advised = instrument switch
        {
            Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries,
            Histogram<long> whole => whole.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound).ToList(),
            Histogram<int> small => small.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound).ToList(),
            _ => null,
        };
        return advised is not null ? [.. advised] : instrument.Unit is "By" ? Sizes : Seconds;
    }

    private static string NameOf(Instrument instrument, MetricKind kind)
    {
        var name = new StringBuilder();
        foreach (char c in instrument.Name)
        {
            name.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        string unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        if (unit.Length > 0 && !name.ToString().EndsWith(unit, StringComparison.Ordinal))
        {
            name.Append(unit);
        }

        return kind == MetricKind.Counter ? name.Append("_total").ToString() : name.ToString();
    }

    private MetricSeries Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        int hash = Hash(tags);
        if (_series.TryGetValue(hash, out MetricSeries? first) && Match(first, tags) is { } known)
        {
            return known;
        }

        lock (_gate)
        {
            _series.TryGetValue(hash, out first);
            if (first is not null && Match(first, tags) is { } added)
            {
                return added;
            }

            if (_count >= MaxSeries)
            {
                return _overflow;
            }

            _count++;
            _series[hash] = new MetricSeries(Labels(tags), tags.ToArray(), _bounds) { Next = first };
            return _series[hash];
        }
    }

    private static MetricSeries? Match(MetricSeries? series, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        for (; series is not null; series = series.Next)
        {
            if (series.Tags.Length != tags.Length)
            {
                continue;
            }

            int i = 0;
            while (i < tags.Length && series.Tags[i].Key == tags[i].Key && Equals(series.Tags[i].Value, tags[i].Value))
            {
                i++;
            }

            if (i == tags.Length)
            {
                return series;
            }
        }

        return null;
    }

    private static int Hash(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = new HashCode();
        foreach ((string key, object? value) in tags)
        {
            hash.Add(key);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new StringBuilder();
        foreach ((string key, object? value) in tags)
        {
            labels.Append(labels.Length > 0 ? "," : "");
            foreach (char c in key)
            {
                labels.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
            }

            labels.Append("=\"");
            Escape(labels, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
            labels.Append('"');
        }

        return labels.ToString();
    }

    private static void Escape(StringBuilder labels, string value)
    {
        foreach (char c in value)
        {
            _ = c switch
            {
                '\\' => labels.Append("\\\\"),
                '"' => labels.Append("\\\""),
                '\n' => labels.Append("\\n"),
                _ => labels.Append(c),
            };
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Pmq.Agent.Metrics;

/// <summary>Follows the meters of one agent and writes them as Prometheus reads them (text format 0.0.4).</summary>
internal sealed class PrometheusMetrics : IDisposable
{
    /// <summary>The content type of the text.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly ConcurrentDictionary<Instrument, MetricFamily> _families = new();
    private readonly MeterListener _listener = new();
    private readonly IMeterFactory _factory;
    private readonly Lock _scraping = new();

    /// <summary>
    /// Follows what <paramref name="factory"/> makes, what the whole process shares, and the runtime.
    /// </summary>
    public PrometheusMetrics(IMeterFactory factory)
    {
        _factory = factory;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (IsOurs(instrument.Meter))
            {
                listener.EnableMeasurementEvents(
                    instrument, _families.GetOrAdd(instrument, key => new MetricFamily(key)));
            }
        };
        _listener.MeasurementsCompleted = (instrument, _) => _families.TryRemove(instrument, out MetricFamily? _);
        _listener.SetMeasurementEventCallback<long>((_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, family) => Record(family, (double)value, tags));
        _listener.Start();
    }

    /// <summary>All families as text.</summary>
    public string Write()
    {
        lock (_scraping)
        {
            _listener.RecordObservableInstruments();
        }

        var text = new StringBuilder();
        IEnumerable<IGrouping<string, MetricFamily>> byName = _families.Values
            .GroupBy(family => family.Name, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal);
        foreach (IGrouping<string, MetricFamily> group in byName)
        {
            WriteFamily(text, group.First());
        }

        return text.ToString();
    }

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();

    private bool IsOurs(Meter meter) =>
        ReferenceEquals(meter.Scope, _factory)
        || (meter.Scope is null
            && (meter.Name.StartsWith("pmq", StringComparison.OrdinalIgnoreCase) || meter.Name is "System.Runtime"));

    private static void Record(object? family, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        ((MetricFamily)family!).Record(value, tags);

    private static void WriteFamily(StringBuilder text, MetricFamily family)
    {
        string help = family.Help.Replace("\\", "\\\\", StringComparison.Ordinal).ReplaceLineEndings("\\n");
        text.Append("# HELP ").Append(family.Name).Append(' ').Append(help).Append('\n');
        text.Append("# TYPE ").Append(family.Name).Append(' ').Append(family.Kind.ToString().ToLowerInvariant()).Append(
            '\n');
        foreach (MetricSeries series in family.Series())
        {
            if (family.Kind != MetricKind.Histogram)
            {
                Line(text, family.Name, "", series.Labels, series.Value);
                continue;
            }

            foreach ((double bound, long count) in series.Buckets())
            {
                string separator = series.Labels.Length > 0 ? "," : "";
                Line(text, family.Name, "_bucket", $"{series.Labels}{separator}le=\"{Number(bound)}\"", count);
            }

            Line(text, family.Name, "_sum", series.Labels, series.Value);
            Line(text, family.Name, "_count", series.Labels, series.Count);
        }
    }

    private static void Line(StringBuilder text, string name, string suffix, string labels, double value)
    {
        text.Append(name).Append(suffix);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}

using System.Diagnostics.Metrics;
using Pmq.Agent.Metrics;

namespace Pmq.Agent.Tests;

public sealed class PrometheusMetricsTests : IDisposable
{
    private readonly AgentMeterFactory _factory = new();
    private readonly PrometheusMetrics _metrics;
    private readonly Meter _meter;

    public PrometheusMetricsTests()
    {
        _metrics = new PrometheusMetrics(_factory);
        _meter = _factory.Create("Pmq.Test");
    }

    [Fact]
    public void A_counter_has_help_type_and_one_line_for_each_set_of_labels()
    {
        Counter<long> counter = _meter.CreateCounter<long>("pmq.test.dropped", "{message}", "Messages dropped.");
        counter.Add(2, new KeyValuePair<string, object?>("reason", "full"), new("topic", "b"));
        counter.Add(3, new KeyValuePair<string, object?>("reason", "full"), new("topic", "a\"\\\n"));
        counter.Add(1, new KeyValuePair<string, object?>("reason", "full"), new("topic", "b"));

        Assert.Contains(
            """
            # HELP pmq_test_dropped_total Messages dropped.
            # TYPE pmq_test_dropped_total counter
            pmq_test_dropped_total{reason="full",topic="a\"\\\n"} 3
            pmq_test_dropped_total{reason="full",topic="b"} 3

            """,
            _metrics.Write(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_histogram_cumulates_its_buckets()
    {
        Histogram<double> histogram = _meter.CreateHistogram(
            "pmq.test.duration", "s", "Time.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2] });
        histogram.Record(0.5);
        histogram.Record(1);
        histogram.Record(1.5);
        histogram.Record(9);

        Assert.Contains(
            """
            # TYPE pmq_test_duration_seconds histogram
            pmq_test_duration_seconds_bucket{le="1"} 2
            pmq_test_duration_seconds_bucket{le="2"} 3
            pmq_test_duration_seconds_bucket{le="+Inf"} 4
            pmq_test_duration_seconds_sum 12
            pmq_test_duration_seconds_count 4

            """,
            _metrics.Write(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Gauges_show_the_present_value()
    {
        UpDownCounter<int> up = _meter.CreateUpDownCounter<int>("pmq.test.open");
        up.Add(3);
        up.Add(-1);
        _meter.CreateGauge<double>("pmq.test.level").Record(0.25);
        int observed = 7;
        _meter.CreateObservableGauge("pmq.test.queue", () => observed);
        _ = _metrics.Write();
        observed = 5;

        string text = _metrics.Write();

        Assert.Contains("# TYPE pmq_test_open gauge\npmq_test_open 2\n", text, StringComparison.Ordinal);
        Assert.Contains("pmq_test_level 0.25\n", text, StringComparison.Ordinal);
        Assert.Contains("pmq_test_queue 5\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Sets_of_labels_beyond_the_bound_are_added_up_in_one()
    {
        Counter<long> counter = _meter.CreateCounter<long>("pmq.test.flood");
        for (int i = 0; i < MetricFamily.MaxSeries + 50; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("topic", "t" + i));
        }

        string[] lines = _metrics.Write().Split('\n');

        Assert.Equal(MetricFamily.MaxSeries + 1, lines.Count(
            line => line.StartsWith("pmq_test_flood_total{", StringComparison.Ordinal)));
        Assert.Contains("pmq_test_flood_total{overflow=\"true\"} 50", lines);
    }

    [Fact]
    public void Another_agent_in_the_process_is_not_counted_here()
    {
        using var other = new AgentMeterFactory();
        other.Create("Pmq.Test").CreateCounter<long>("pmq.test.other").Add(1);

        Assert.DoesNotContain("pmq_test_other", _metrics.Write(), StringComparison.Ordinal);
        Assert.Same(_meter, _factory.Create("Pmq.Test"));
    }

    [Fact]
    public void Recording_does_not_allocate_once_a_set_of_labels_is_known()
    {
        Counter<long> counter = _meter.CreateCounter<long>("pmq.test.hot");
        object reason = "full";
        var tag = new KeyValuePair<string, object?>("reason", reason);
        counter.Add(1, tag);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            counter.Add(1, tag);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _factory.Dispose();
    }
}

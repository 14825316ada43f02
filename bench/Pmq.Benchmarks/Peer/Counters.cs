using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;

namespace Pmq.Benchmarks.Peer;

/// <summary>What has arrived at this process so far, and how late it was.</summary>
internal sealed class Counters : IDisposable
{
    private readonly MeterListener _meters = new();
    private readonly List<double> _latencies = [];
    private long _count;
    private long _bytes;

    public long Count => Interlocked.Read(ref _count);

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Whether the delay of each message is kept.</summary>
    public bool IsTimed { get; private set; }

    public void Add(long bytes)
    {
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _bytes, bytes);
    }

    /// <summary>Keeps the delay of a message that carries the time of its publication. One caller at a time.</summary>
    public void AddLatency(long publishedAt)
    {
        lock (_latencies)
        {
            _latencies.Add(Stopwatch.GetElapsedTime(publishedAt).TotalMilliseconds);
        }
    }

    /// <summary>What came within so many seconds from now on, with the delays when they are wanted.</summary>
    public async Task<JsonObject> MeasureAsync(double seconds, bool latency, CancellationToken cancellationToken)
    {
        IsTimed = latency;
        TakeLatencies();
        (long count, long bytes) = (Count, Bytes);
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(seconds), cancellationToken);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        double[] latencies = TakeLatencies();
        return new JsonObject
        {
            ["count"] = Count - count,
            ["bytes"] = Bytes - bytes,
            ["seconds"] = elapsed.TotalSeconds,
            ["cpuSeconds"] = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds,
            ["allocatedBytes"] = GC.GetTotalAllocatedBytes(precise: true) - allocated,
            ["p50"] = At(latencies, 0.5),
            ["p99"] = At(latencies, 0.99),
            ["max"] = At(latencies, 1),
        };
    }

    /// <summary>Counts the connections that others make from now on.</summary>
    public void CountInboundUpgrades()
    {
        _meters.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "pmq.swarm.upgrades")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            bool isInbound = false;
            bool isDone = false;
            foreach (var (name, tag) in tags)
            {
                isInbound |= name == "direction" && tag is "inbound";
                isDone |= name == "outcome" && tag is "None";
            }

            if (isInbound && isDone)
            {
                Interlocked.Add(ref _count, value);
            }
        });
        _meters.Start();
    }

    public void Dispose() => _meters.Dispose();

    private double[] TakeLatencies()
    {
        lock (_latencies)
        {
            double[] taken = [.. _latencies.Order()];
            _latencies.Clear();
            return taken;
        }
    }

    private static double At(double[] sorted, double part) =>
        sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * part))];
}

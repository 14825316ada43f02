using System.Diagnostics;
using System.Diagnostics.Metrics;

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
    public bool IsTimed { get; set; }

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

    /// <summary>The delays since the last call, sorted.</summary>
    public double[] TakeLatencies()
    {
        lock (_latencies)
        {
            double[] taken = [.. _latencies.Order()];
            _latencies.Clear();
            return taken;
        }
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
}

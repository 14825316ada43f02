using System.Diagnostics.Metrics;

namespace Pmq.Engine.Runtime;

/// <summary>
/// Measures and takes no exception from whoever listens to the instrument: listeners run on our thread, in the router's
/// turn and under the pipeline's lock. A measurement that a listener fails to take is that listener's loss.
/// </summary>
internal static class GuardedInstruments
{
    public static void AddGuarded(this Counter<long> counter, long by)
    {
        try
        {
            counter.Add(by);
        }
        catch (Exception)
        {
            // The listener's loss.
        }
    }

    public static void AddGuarded(this Counter<long> counter, long by, KeyValuePair<string, object?> tag)
    {
        try
        {
            counter.Add(by, tag);
        }
        catch (Exception)
        {
            // The listener's loss.
        }
    }

    public static void AddGuarded(
        this Counter<long> counter, long by, KeyValuePair<string, object?> first, KeyValuePair<string, object?> second)
    {
        try
        {
            counter.Add(by, first, second);
        }
        catch (Exception)
        {
            // The listener's loss.
        }
    }

    public static void AddGuarded(this UpDownCounter<long> counter, long by)
    {
        try
        {
            counter.Add(by);
        }
        catch (Exception)
        {
            // The listener's loss.
        }
    }

    public static void RecordGuarded(this Histogram<double> histogram, double value)
    {
        try
        {
            histogram.Record(value);
        }
        catch (Exception)
        {
            // The listener's loss.
        }
    }
}

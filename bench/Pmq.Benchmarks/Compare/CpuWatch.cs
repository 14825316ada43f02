using System.Globalization;

namespace Pmq.Benchmarks.Compare;

/// <summary>
/// How much of the machine processes other than the measured ones use, from <c>/proc</c>: a figure taken beside another
/// load says little. Time stolen by the host counts as foreign where the host tells it.
/// </summary>
internal sealed class CpuWatch
{
    private readonly int[] _ids;
    private readonly long _own;
    private readonly long _busy;
    private readonly long _total;

    public CpuWatch(IEnumerable<int> processIds)
    {
        _ids = [.. processIds, Environment.ProcessId];
        _own = _ids.Sum(TicksOf);
        (_busy, _total) = Machine();
    }

    /// <summary>The part of all processors that others have used since the start, 0 to 1.</summary>
    public double ForeignShare()
    {
        (long busy, long total) = Machine();
        long own = _ids.Sum(TicksOf) - _own;
        return total == _total ? 0 : Math.Max(0, busy - _busy - own) / (double)(total - _total);
    }


    // cpu user nice system idle iowait irq softirq steal …, in ticks
    private static (long Busy, long Total) Machine()
    {
        long[] ticks = [.. File.ReadLines("/proc/stat").First()
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9].Select(t => long.Parse(t, CultureInfo.InvariantCulture))];
        long idle = ticks[3] + ticks[4];
        return (ticks.Sum() - idle, ticks.Sum());
    }

    // Behind the name in brackets: state, ten numbers, utime, stime, in ticks
    private static long TicksOf(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}

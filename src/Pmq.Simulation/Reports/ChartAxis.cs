using System.Globalization;

namespace Pmq.Simulation.Reports;

/// <summary>Maps values to a height between 0 (bottom) and 1 (top), with ticks at round numbers.</summary>
internal sealed class ChartAxis
{
    private readonly double _low;
    private readonly double _high;
    private readonly bool _isLogarithmic;

    private ChartAxis(double low, double high, bool isLogarithmic, double[] ticks)
    {
        (_low, _high, _isLogarithmic, Ticks) = (low, high, isLogarithmic, ticks);
    }

    /// <summary>Where lines are drawn and numbers stand.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>From 0 to at least <paramref name="highest"/>, in steps of 1, 2 or 5.</summary>
    public static ChartAxis Linear(double highest, double most = double.PositiveInfinity)
    {
        double top = double.IsFinite(highest) && highest > 0 ? highest : 1;
        double step = RoundUp(top / 5);
        double end = Math.Min(most, Math.Ceiling((top / step) - 1e-9) * step);
        int count = (int)Math.Round(end / step);
        return new ChartAxis(0, end, false, [.. Enumerable.Range(0, count + 1).Select(i => i * step)]);
    }

    /// <summary>Logarithmic, over whole decades parted at 1, 2 and 5.</summary>
    public static ChartAxis Logarithmic(double lowest, double highest)
    {
        bool isEmpty = !(lowest > 0) || !double.IsFinite(highest);
        double low = RoundDown(isEmpty ? 10 : lowest);
        double high = Math.Max(RoundUp(isEmpty ? 1000 : highest), low * 10);
        List<double> ticks = [];
        for (double tick = low; tick <= high * 1.0001; tick = RoundUp(tick * 1.0001))
        {
            ticks.Add(tick);
        }

        return new ChartAxis(low, high, true, [.. ticks]);
    }

    /// <summary>Where a value stands, cut to the axis.</summary>
    public double HeightOf(double value)
    {
        double height = _isLogarithmic
            ? Math.Log(Math.Max(value, _low) / _low) / Math.Log(_high / _low)
            : (value - _low) / (_high - _low);
        return Math.Clamp(height, 0, 1);
    }

    /// <summary>A tick's number: 1500 reads 1.5k.</summary>
    public static string Label(double tick) => tick >= 1000
        ? (tick / 1000).ToString("0.##", CultureInfo.InvariantCulture) + "k"
        : tick.ToString("0.###", CultureInfo.InvariantCulture);

    // The next of 1, 2, 5 times a power of ten.
    private static double RoundUp(double value)
    {
        double decade = Math.Pow(10, Math.Floor(Math.Log10(value)));
        double part = value / decade;
        return decade * (part <= 1.0000001 ? 1 : part <= 2.0000001 ? 2 : part <= 5.0000001 ? 5 : 10);
    }

    private static double RoundDown(double value)
    {
        double decade = Math.Pow(10, Math.Floor(Math.Log10(value) + 1e-9));
        double part = value / decade;
        return decade * (part >= 4.9999999 ? 5 : part >= 1.9999999 ? 2 : 1);
    }
}

using System.Globalization;

namespace Pmq.Benchmarks.Compare;

/// <summary>The values of one figure over the runs of one contender.</summary>
internal sealed record Sample(double[] Values)
{
    public double Median { get; } = MedianOf(Values);

    public double Min => Values.Min();

    public double Max => Values.Max();

    /// <summary>The median with its spread, as <c>730 [711..752]</c>.</summary>
    public override string ToString() => $"{Format(Median)} [{Format(Min)}..{Format(Max)}]";

    /// <summary>The median with its spread, in the digits that the spread leaves meaningful.</summary>
    public static string Format(double value) => value switch
    {
        >= 1000 => value.ToString("N0", CultureInfo.InvariantCulture).Replace(',', ' '),
        >= 100 => value.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.ToString("F2", CultureInfo.InvariantCulture),
    };

    private static double MedianOf(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

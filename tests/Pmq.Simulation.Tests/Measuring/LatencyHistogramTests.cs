using Pmq.Core.Runtime;
using Pmq.Simulation.Measuring;

namespace Pmq.Simulation.Tests.Measuring;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void A_percentile_is_that_of_the_sorted_durations_to_two_parts_in_a_hundred()
    {
        SeededChance chance = new(3);
        LatencyHistogram histogram = new();
        List<TimeSpan> all = [];
        for (int i = 0; i < 20_000; i++)
        {
            TimeSpan duration = TimeSpan.FromMicroseconds(Math.Pow(10, 1 + (chance.NextDouble() * 6)));
            histogram.Add(duration);
            all.Add(duration);
        }

        all.Sort();
        foreach (double part in (double[])[0.01, 0.5, 0.9, 0.99, 0.999, 1])
        {
            TimeSpan exact = all[(int)Math.Ceiling(part * all.Count) - 1];
            Assert.InRange(histogram.Percentile(part).TotalMicroseconds, exact.TotalMicroseconds * 0.999, (exact.TotalMicroseconds * 1.02) + 1);
        }

        Assert.Equal(all[^1], histogram.Max);
        Assert.Equal(20_000, histogram.CountWithin(TimeSpan.FromSeconds(100)));
    }

    [Fact]
    public void Adding_two_is_adding_their_durations()
    {
        LatencyHistogram first = new();
        LatencyHistogram second = new();
        first.Add(TimeSpan.FromMilliseconds(10));
        second.Add(TimeSpan.FromMilliseconds(30));
        first.Add(second);

        Assert.Equal(2, first.Count);
        Assert.Equal(TimeSpan.FromMilliseconds(20), first.Mean);
        Assert.Equal(TimeSpan.FromMilliseconds(30), first.Max);
    }

    [Fact]
    public void An_empty_one_has_zeros()
    {
        LatencyHistogram empty = new();

        Assert.Equal(TimeSpan.Zero, empty.Percentile(0.99));
        Assert.Equal(TimeSpan.Zero, empty.Mean);
    }
}

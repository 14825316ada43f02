using Pmq.Cli.Demo;

namespace Pmq.Cli.Tests.Demo;

/// <summary>The shares of latencies, to 1 %.</summary>
public sealed class LatencyHistogramTests
{
    [Fact]
    public void Without_a_duration_there_is_none() => Assert.Null(new LatencyHistogram().Milliseconds(0.5));

    [Theory]
    [InlineData(0.5, 500)]
    [InlineData(0.99, 990)]
    [InlineData(1, 1000)]
    public void A_share_is_told_within_one_percent(double share, double milliseconds)
    {
        var histogram = new LatencyHistogram();
        for (int i = 1; i <= 1000; i++)
        {
            histogram.Add(TimeSpan.FromMilliseconds(i));
        }

        double told = histogram.Milliseconds(share)!.Value;

        Assert.InRange(told, milliseconds * 0.99, milliseconds * 1.01);
    }

    [Theory]
    [InlineData(0, 0.001)]
    [InlineData(-5, 0.001)]
    [InlineData(long.MaxValue, 1_000_000)]
    public void What_is_beyond_the_ends_counts_as_the_end(long ticks, double milliseconds)
    {
        var histogram = new LatencyHistogram();

        histogram.Add(TimeSpan.FromTicks(ticks));

        Assert.InRange(histogram.Milliseconds(1)!.Value, milliseconds * 0.99, milliseconds * 1.01);
    }
}

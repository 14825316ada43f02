using Pmq.Agent.Configuration;
using Pmq.Cli.Demo;

namespace Pmq.Cli.Tests.Demo;

/// <summary>The options of the demo: their defaults, their ranges, and the line that refuses what is outside.</summary>
public sealed class DemoOptionsTests
{
    [Fact]
    public void What_is_not_given_is_the_default()
    {
        DemoOptions options = DemoOptions.Parse(null, null, null, null, null, freshSeed: 7);

        Assert.Equal(new DemoOptions { Seed = 7 }, options);
        Assert.Equal(3, options.Networks);
        Assert.Equal(4, options.Nodes);
        Assert.Equal(100, options.Rounds);
        Assert.Equal(1, options.MaxFaulty);
    }

    [Fact]
    public void What_is_given_is_taken()
    {
        DemoOptions options = DemoOptions.Parse("2", "31", "10000", "18446744073709551615", "1.5s", freshSeed: 7);

        Assert.Equal(
            new DemoOptions
            {
                Networks = 2,
                Nodes = 31,
                Rounds = 10_000,
                Seed = ulong.MaxValue,
                Interval = TimeSpan.FromSeconds(1.5),
            },
            options);
        Assert.Equal(10, options.MaxFaulty);
    }

    [Theory]
    [InlineData("1", null, null, null, null, "--networks 1: must be a whole number from 2 to 8")]
    [InlineData("9", null, null, null, null, "--networks 9: must be a whole number from 2 to 8")]
    [InlineData(null, "3", null, null, null, "--nodes 3: must be a whole number from 4 to 31")]
    [InlineData(null, "four", null, null, null, "--nodes four: must be a whole number from 4 to 31")]
    [InlineData(null, null, "0", null, null, "--rounds 0: must be a whole number from 1 to 10000")]
    [InlineData(null, null, "1e3", null, null, "--rounds 1e3: must be a whole number from 1 to 10000")]
    [InlineData(null, null, null, "-1", null, "--seed -1: must be a whole number from 0 to 18446744073709551615")]
    [InlineData(null, null, null, null, "soon", "--interval soon: must be a duration from 0s to 2s, as 100ms")]
    [InlineData(null, null, null, null, "3s", "--interval 3s: must be a duration from 0s to 2s, as 100ms")]
    [InlineData("8", "31", null, null, null, "--networks 8 --nodes 31: must be at most 64 nodes in all, not 248")]
    public void What_is_outside_its_range_is_refused_in_one_line(
        string? networks, string? nodes, string? rounds, string? seed, string? interval, string line)
    {
        var refused = Assert.Throws<ConfigurationException>(
            () => DemoOptions.Parse(networks, nodes, rounds, seed, interval, freshSeed: 7));

        Assert.Equal(line, refused.Message);
    }
}

using Pmq.Simulation.Reports;
using Pmq.Simulation.Scenarios;

namespace Pmq.Simulation.Tests;

public sealed class StormTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_weather_breaks_a_rule_and_after_it_everything_arrives(ulong seed)
    {
        ScenarioReport report = Run(seed);

        Assert.True(
            report.HasPassed,
            report.Command + ": " + string.Join("; ", report.Checks.Where(c => !c.HasPassed).Select(c => c.Measured)));
        Assert.True(report.Published > 2000);
    }

    [Fact]
    public void The_same_weather_twice_is_the_same_run() => Assert.Equal(Run(11).TraceHash, Run(11).TraceHash);

    private static ScenarioReport Run(ulong seed) =>
        ScenarioCatalogue.Find("storm")!.Run(new ScenarioRequest { Nodes = 20, Seed = seed });
}

namespace Pmq.Simulation.Tests;

public sealed class StormTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void No_weather_breaks_a_rule_and_after_it_everything_arrives(ulong seed) => AssertCalm(seed);

    [Fact]
    public void The_same_weather_twice_is_the_same_run() =>
        Assert.Equal(new Storm(11).Run().TraceHash, new Storm(11).Run().TraceHash);

    internal static void AssertCalm(ulong seed)
    {
        World world = new Storm(seed).Run();
        Assert.True(
            world.Checkers.ViolationCount == 0,
            $"storm {seed}: {world.Checkers.ViolationCount} violations, the first: "
            + string.Join("; ", world.Checkers.Violations.Take(3)));
    }
}

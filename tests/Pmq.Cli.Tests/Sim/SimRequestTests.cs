using Pmq.Agent.Configuration;
using Pmq.Cli.Sim;
using Pmq.Simulation.Scenarios;

namespace Pmq.Cli.Tests.Sim;

/// <summary>What <c>pmq sim</c> takes from its flags, and the line that refuses what is out of range.</summary>
public sealed class SimRequestTests
{
    [Fact]
    public void A_name_stands_for_one_scenario_and_all_for_all()
    {
        Assert.Equal("baseline", Assert.Single(SimRequest.Find("baseline")).Name);
        Assert.Equal(ScenarioCatalogue.All, SimRequest.Find("all"));
    }

    [Fact]
    public void A_name_that_there_is_not_is_refused_with_those_that_there_are()
    {
        var e = Assert.Throws<ConfigurationException>(() => SimRequest.Find("basline"));

        Assert.StartsWith("--scenario basline: must be all, list, or one of baseline, eclipse-one,", e.Message);
    }

    [Theory]
    [InlineData("19")]
    [InlineData("21 ")]
    [InlineData("-1")]
    [InlineData("x")]
    public void A_number_out_of_its_range_is_refused(string text)
    {
        var e = Assert.Throws<ConfigurationException>(() => SimRequest.Number("--nodes", text, 20, 100, 50));

        Assert.Equal($"--nodes {text}: must be a whole number from 20 to 100", e.Message);
    }

    [Fact]
    public void What_is_not_given_is_the_default()
    {
        Assert.Equal(50, SimRequest.Number("--nodes", null, 20, 100, 50));
        Assert.Equal(7UL, SimRequest.Seed(null, 3, 7));
        Assert.Null(SimRequest.Time("--measure", null));
    }

    [Fact]
    public void A_seed_leaves_room_for_those_that_follow()
    {
        Assert.Equal(ulong.MaxValue - 1, SimRequest.Seed("18446744073709551614", 2, 0));
        Assert.Throws<ConfigurationException>(() => SimRequest.Seed("18446744073709551615", 2, 0));
    }

    [Theory]
    [InlineData("999ms")]
    [InlineData("61m")]
    [InlineData("10")]
    public void A_time_out_of_its_range_is_refused(string text)
    {
        var e = Assert.Throws<ConfigurationException>(() => SimRequest.Time("--warm-up", text));

        Assert.Equal($"--warm-up {text}: must be a duration from 1s to 1h, as 60s", e.Message);
    }

    [Fact]
    public void Each_scenario_runs_with_each_seed_and_a_control_without_the_defence_that_it_is_about()
    {
        var request = new SimRequest
        {
            Scenarios = [SimRequest.Find("queue-flood")[0], SimRequest.Find("topic-masking")[0]],
            First = new ScenarioRequest { Seed = 5 },
            Count = 2,
            IsControl = true,
        };

        Assert.Equal(
            [
                ("queue-flood", 5, Defences.QueueProtection),
                ("queue-flood", 6, Defences.QueueProtection),
                ("topic-masking", 5, Defences.TopicGate),
                ("topic-masking", 6, Defences.TopicGate),
            ],
            request.Runs.Select(run => (run.Scenario.Name, (int)run.Request.Seed, run.Request.Off)));
        Assert.False(request.IsSingle);
    }
}

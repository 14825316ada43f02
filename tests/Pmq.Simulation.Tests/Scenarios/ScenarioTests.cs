using Pmq.Simulation.Reports;
using Pmq.Simulation.Scenarios;

namespace Pmq.Simulation.Tests.Scenarios;

/// <summary>
/// Every scenario, small and with a fixed seed: what must hold holds, and without the defence that it is about it
/// visibly does not.
/// </summary>
public sealed class ScenarioTests
{
    /// <summary>The names of all.</summary>
    public static TheoryData<string> Names => [.. ScenarioCatalogue.All.Select(scenario => scenario.Name)];

    /// <summary>The names of those that are about a defence that can be switched off.</summary>
    public static TheoryData<string> Controls =>
        [.. ScenarioCatalogue.All.Where(scenario => scenario.Control != Defences.None).Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_must_hold_in_a_scenario_holds(string name)
    {
        ScenarioReport report = Run(name, Defences.None);

        Assert.True(report.HasPassed, string.Join('\n', ReportText.Lines(report)));
        Assert.True(report.Checks.Count > 1, "A scenario states what must hold.");
    }

    [Theory]
    [MemberData(nameof(Controls))]
    public void Without_its_defence_a_scenario_visibly_goes_wrong(string name)
    {
        ScenarioReport report = Run(name, ScenarioCatalogue.Find(name)!.Control);

        Assert.True(report.HasPassed, string.Join('\n', ReportText.Lines(report)));
        Assert.Contains(report.Checks, check => check.Name == "visibly-fails");
    }

    [Fact]
    public void One_seed_gives_one_run_and_another_seed_another()
    {
        ulong first = Run("eclipse-network", Defences.None, seed: 3).TraceHash;

        Assert.Equal(first, Run("eclipse-network", Defences.None, seed: 3).TraceHash);
        Assert.NotEqual(first, Run("eclipse-network", Defences.None, seed: 4).TraceHash);
    }

    [Fact]
    public void A_report_tells_the_command_that_does_the_same_again()
    {
        Scenario scenario = ScenarioCatalogue.Find("baseline")!;
        ScenarioReport report = scenario.Run(new ScenarioRequest
        {
            Nodes = 20,
            Sybils = 0,
            Seed = 9,
            WarmUp = TimeSpan.FromSeconds(3),
            Measured = TimeSpan.FromSeconds(2),
            Off = Defences.Scoring | Defences.TopicGate,
        });

        Assert.Equal(
            "pmq sim --scenario baseline --nodes 20 --sybils 0 --seed 9 --warm-up 3s --measure 2s --no-scoring --no-gate",
            report.Command);
    }

    [Fact]
    public void A_run_tells_how_far_it_is_and_ends_when_it_is_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        List<double> parts = [];

        Assert.Throws<OperationCanceledException>(() => ScenarioCatalogue.Find("baseline")!.Run(
            new ScenarioRequest { Nodes = 20 },
            part =>
            {
                parts.Add(part);
                if (parts.Count == 20)
                {
                    cancellation.Cancel();
                }
            },
            cancellation.Token));

        Assert.Equal(parts.Order(), parts);
        Assert.InRange(parts[^1], 0.001, 0.1);
    }

    [Fact]
    public void Names_are_unique_words_of_lower_case()
    {
        Assert.All(ScenarioCatalogue.All, scenario => Assert.Matches("^[a-z]+(-[a-z]+)*$", scenario.Name));
        Assert.Equal(
            ScenarioCatalogue.All.Count, ScenarioCatalogue.All.Select(scenario => scenario.Name).Distinct().Count());
    }

    private static ScenarioReport Run(string name, Defences off, ulong seed = 1) =>
        ScenarioCatalogue.Find(name)!.Run(
            new ScenarioRequest
            {
                Nodes = 40,
                Seed = seed,

                // Scores tell old peers from new ones only after a while.
                WarmUp = TimeSpan.FromSeconds(name == "eclipse-network" ? 15 : 8),
                Measured = TimeSpan.FromSeconds(name switch
                {
                    "partition" or "replay" or "ihave-spam" => 18,
                    _ => 9,
                }),
                Off = off,
            },
            cancellationToken: TestContext.Current.CancellationToken);
}

using System.Globalization;
using Pmq.Agent.Configuration;
using Pmq.Core.Text;
using Pmq.Simulation.Scenarios;

namespace Pmq.Cli.Sim;

/// <summary>What <c>pmq sim</c> is asked for.</summary>
internal sealed record SimRequest
{
    /// <summary>The most seeds of one call.</summary>
    public const int MaxCount = 100_000;

    private static readonly TimeSpan MaxTime = TimeSpan.FromHours(1);

    /// <summary>The scenarios, in the order of the catalogue.</summary>
    public required IReadOnlyList<Scenario> Scenarios { get; init; }

    /// <summary>The first seed and all else that each run takes.</summary>
    public required ScenarioRequest First { get; init; }

    /// <summary>Seeds of each scenario.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Whether the defence that each scenario is about is switched off.</summary>
    public bool IsControl { get; init; }

    /// <summary>Runs at one time.</summary>
    public int Parallel { get; init; } = 1;

    /// <summary>Whether each run is made twice, to see that one seed gives one trace.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>Where the chart goes; null for none.</summary>
    public string? Svg { get; init; }

    /// <summary>Every run, in the order of scenarios, then seeds.</summary>
    public IEnumerable<(Scenario Scenario, ScenarioRequest Request)> Runs =>
        from scenario in Scenarios
        from i in Enumerable.Range(0, Count)
        select (scenario, First with
        {
            Seed = First.Seed + (ulong)i,
            Off = First.Off | (IsControl ? scenario.Control : Defences.None),
        });

    /// <summary>Whether there is but one run.</summary>
    public bool IsSingle => Scenarios.Count * Count == 1;

    /// <summary>The scenarios that a name stands for: one, or all.</summary>
    /// <exception cref="ConfigurationException">There is none of that name; one line.</exception>
    public static IReadOnlyList<Scenario> Find(string name) => name == "all"
        ? ScenarioCatalogue.All
        : ScenarioCatalogue.Find(name) is { } scenario
            ? [scenario]
            : throw new ConfigurationException(
                $"--scenario {name}: must be all, list, or one of "
                + string.Join(", ", ScenarioCatalogue.All.Select(one => one.Name)));

    /// <summary>A whole number of a flag; <paramref name="otherwise"/> if it was not given.</summary>
    /// <exception cref="ConfigurationException">It is out of its range; one line.</exception>
    public static int Number(string flag, string? text, int min, int max, int otherwise) => text is null
        ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= min && value <= max
            ? value
            : throw new ConfigurationException($"{flag} {text}: must be a whole number from {min} to {max}");

    /// <summary>A seed; <paramref name="otherwise"/> if none was given.</summary>
    /// <exception cref="ConfigurationException">It is no seed; one line.</exception>
    public static ulong Seed(string? text, int count, ulong otherwise)
    {
        ulong max = ulong.MaxValue - (ulong)count + 1;
        return text is null
            ? otherwise
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) && seed <= max
                ? seed
                : throw new ConfigurationException($"--seed {text}: must be a whole number from 0 to {max}");
    }

    /// <summary>A simulated time; null if none was given.</summary>
    /// <exception cref="ConfigurationException">It is out of its range; one line.</exception>
    public static TimeSpan? Time(string flag, string? text) => text is null
        ? null
        : GoDuration.TryParse(text, out TimeSpan time) && time >= TimeSpan.FromSeconds(1) && time <= MaxTime
            ? time
            : throw new ConfigurationException($"{flag} {text}: must be a duration from 1s to 1h, as 60s");
}

using System.Text.RegularExpressions;

namespace Pmq.Architecture.Tests;

/// <summary>
/// THREATS.md names for each threat a setting, a metric, and what fails without the defence: none of them may be a name
/// of nothing.
/// </summary>
public sealed partial class ThreatTests
{
    private const string NotYet = "not yet";
    private const string AlwaysOn = "always on";
    private const string Scenario = "pmq sim --scenario ";

    private static readonly Threat[] Threats = [.. ReadThreats()];

    [Fact]
    public void Every_threat_has_a_defence_a_setting_a_metric_and_a_proof_or_says_not_yet()
    {
        Assert.True(Threats.Length > 20, $"THREATS.md has {Threats.Length} rows");
        Assert.Equal(Threats.Length, Threats.Select(t => t.Name).Distinct().Count());
        string[] faults =
        [
            .. Threats.Where(t => !t.IsNotYet)
                .Where(t => t.Defence.Length < 20 || !(t.Settings.Length > 0 || t.IsAlwaysOn) || t.Metrics.Length == 0 || t.Proofs.Length == 0)
                .Select(t => t.Name),
        ];
        Assert.True(faults.Length == 0, "THREATS.md, incomplete: " + string.Join("; ", faults));
    }

    [Fact]
    public void Every_setting_is_a_key_of_the_configuration_or_an_option()
    {
        string keys = File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md"));
        HashSet<string> options =
        [
            .. Repository.Files("src", "*.cs").SelectMany(f => Property().Matches(File.ReadAllText(f)))
                .Select(m => m.Groups[1].Value),
        ];
        Fail("settings", t => t.Settings, s => options.Contains(s) || keys.Contains($"\n| `{s}` |", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_metric_is_an_instrument()
    {
        string source = string.Concat(Repository.Files("src", "*.cs").Select(File.ReadAllText));
        Fail("metrics", t => t.Metrics, m => source.Contains($"\"{m}\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_proof_is_a_test_or_a_scenario()
    {
        string[] tests = [.. Repository.Files("tests", "*.cs").SelectMany(f => Test().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value)];
        string scenarios = string.Concat(
            Repository.Files("src", "*.cs").Where(f => Repository.Relative(f).Contains("/Scenarios/", StringComparison.Ordinal))
                .Select(File.ReadAllText));
        Assert.NotEmpty(scenarios);
        Fail("proofs", t => t.Proofs, proof => proof.StartsWith(Scenario, StringComparison.Ordinal)
            ? scenarios.Contains($"\"{proof[Scenario.Length..]}\"", StringComparison.Ordinal)
            : tests.Contains(proof));
    }

    private static void Fail(string what, Func<Threat, string[]> names, Func<string, bool> exists)
    {
        string[] missing =
            [.. Threats.SelectMany(t => names(t).Where(n => !exists(n)).Select(n => $"{t.Name}: {n}"))];
        Assert.True(missing.Length == 0, $"THREATS.md, {what} that do not exist: {string.Join("; ", missing)}");
    }

    // | threat | defence | setting | shown by | fails without it |
    private static IEnumerable<Threat> ReadThreats()
    {
        bool isTable = false;
        foreach (string line in File.ReadLines(Path.Combine(Repository.Root, "THREATS.md")))
        {
            string[] cells = [.. line.Split('|').Select(c => c.Trim())];
            bool isRow = cells.Length == 7;
            if (isRow && isTable && !cells[1].StartsWith("---", StringComparison.Ordinal))
            {
                yield return new Threat(cells[1], cells[2], Names(cells[3]), Names(cells[4]), Names(cells[5]), cells[3] == AlwaysOn, cells[5] == NotYet);
            }

            isTable = isRow && (isTable || cells[1] == "threat");
        }
    }

    private static string[] Names(string cell) => [.. Quoted().Matches(cell).Select(m => m.Groups[1].Value)];

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"public (?:required )?[\w<>?,\[\] ]+ (\w+) *\{ get; init;")]
    private static partial Regex Property();

    [GeneratedRegex(@"public (?:async Task|Task|void) (\w+)\(")]
    private static partial Regex Test();

    private sealed record Threat(
        string Name, string Defence, string[] Settings, string[] Metrics, string[] Proofs, bool IsAlwaysOn, bool IsNotYet);
}

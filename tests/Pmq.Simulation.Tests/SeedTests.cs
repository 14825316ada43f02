using System.Globalization;
using Pmq.Simulation.Reports;
using Pmq.Simulation.Scenarios;
using Pmq.Testing;

namespace Pmq.Simulation.Tests;

/// <summary>The runs of <c>tests/seeds.txt</c>, which once found a bug.</summary>
public sealed class SeedTests
{
    [Fact]
    public void Runs_that_once_found_a_bug_find_none()
    {
        string[][] rows = [.. Rows()];
        Assert.NotEmpty(rows);
        foreach (string[] row in rows)
        {
            ulong seed = ulong.Parse(row[1], CultureInfo.InvariantCulture);
            Scenario? scenario = ScenarioCatalogue.Find(row[0]);
            Assert.True(scenario is not null, $"tests/seeds.txt: there is no scenario {row[0]}");
            ScenarioReport report = scenario.Run(new ScenarioRequest
            {
                Seed = seed,
                Nodes = row.Length > 2 ? int.Parse(row[2], CultureInfo.InvariantCulture) : 50,
                Sybils = row.Length > 3 ? int.Parse(row[3], CultureInfo.InvariantCulture) : null,
            });
            Assert.True(report.HasPassed, $"{report.Command}: {string.Join(", ", report.Failures)}");
        }
    }

    private static IEnumerable<string[]> Rows()
    {
        foreach (string line in File.ReadLines(Repository.Path("tests", "seeds.txt")))
        {
            string[] row = line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (row.Length > 0)
            {
                Assert.True(row.Length is >= 2 and <= 4, $"tests/seeds.txt: \"{line}\" has not two to four fields");
                yield return row;
            }
        }
    }
}

using System.Text.RegularExpressions;

namespace Pmq.Gossipsub.Tests.Conformance;

/// <summary>The tables of README.md that say which test shows which behaviour.</summary>
internal static partial class ConformanceMap
{
    private const string Title = "## Where each behaviour is tested";

    /// <summary>What is wrong with the map, line by line; empty when nothing is.</summary>
    /// <param name="readme">The text that holds the map.</param>
    /// <param name="tests">The names of all tests.</param>
    public static List<string> Faults(string readme, IReadOnlySet<string> tests)
    {
        List<string> faults = [];
        HashSet<string> sources = [];
        int rows = 0;
        string section = "";
        foreach (string line in readme[readme.IndexOf(Title, StringComparison.Ordinal)..].Split('\n'))
        {
            if (line.StartsWith("### ", StringComparison.Ordinal))
            {
                section = line[4..];
            }
            else if (line.StartsWith("| ", StringComparison.Ordinal)
                && !line.StartsWith("| source ", StringComparison.Ordinal))
            {
                rows++;
                CheckRow(section, line.Trim('|', ' ').Split(" | "), sources, tests, faults);
            }
        }

        if (rows == 0)
        {
            faults.Add("There are no rows.");
        }

        return faults;
    }

    /// <summary>The names of the test methods in a source file.</summary>
    public static IEnumerable<string> TestsIn(string source) =>
        TestMethod().Matches(source).Select(match => match.Groups["name"].Value);

    private static void CheckRow(
        string section,
        string[] cells,
        HashSet<string> sources,
        IReadOnlySet<string> tests,
        List<string> faults)
    {
        string source = cells[0];
        if (!sources.Add(source))
        {
            faults.Add($"{source} stands twice.");
        }

        if (cells.Any(string.IsNullOrWhiteSpace) || cells.Length != (section == "Does not apply" ? 2 : 3))
        {
            faults.Add($"{source} has an empty cell or another number of cells than its table.");
        }
        else if (section == "Open")
        {
            faults.Add($"{source} is open.");
        }

        string[] names = [.. Quoted().Matches(cells[^1]).Select(match => match.Groups["name"].Value)];
        if (names.Length == 0 && section is not ("Open" or "Does not apply"))
        {
            faults.Add($"{source} names no test.");
        }

        // Other words of the code are quoted too; a test's name is a sentence.
        faults.AddRange(names
            .Where(name => name.Contains('_', StringComparison.Ordinal) && !tests.Contains(name))
            .Select(name => $"{source}: there is no test {name}."));
    }

    [GeneratedRegex(
        @"\[\w*(Fact|Theory)\b.*?public (async )?(void|\w*Task) (?<name>\w+)\(",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex TestMethod();

    [GeneratedRegex("`(?<name>[^`]+)`", RegexOptions.ExplicitCapture)]
    private static partial Regex Quoted();
}

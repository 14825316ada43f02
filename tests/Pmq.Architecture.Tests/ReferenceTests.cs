using System.Xml.Linq;

namespace Pmq.Architecture.Tests;

/// <summary>
/// References point downwards only, so that each part can be understood, tested and replaced without those above.
/// </summary>
public sealed class ReferenceTests
{
    // A project and what it may reference. A new project gets its row here before its first code.
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Pmq.Core"] = [],
        ["Pmq.Libp2p"] = ["Pmq.Core"],
        ["Pmq.Trust"] = ["Pmq.Core"],
        ["Pmq.KadDht"] = ["Pmq.Core"],
        ["Pmq.Forensics"] = ["Pmq.Core"],
        ["Pmq.Gossipsub"] = ["Pmq.Core", "Pmq.Trust"],
        ["Pmq.Engine"] = ["Pmq.Core", "Pmq.Libp2p", "Pmq.Trust", "Pmq.KadDht", "Pmq.Forensics", "Pmq.Gossipsub"],
        ["Pmq.Messaging"] =
            ["Pmq.Core", "Pmq.Libp2p", "Pmq.Trust", "Pmq.KadDht", "Pmq.Forensics", "Pmq.Gossipsub", "Pmq.Engine"],
        ["Pmq.Grpc"] = [],
        ["Pmq.Protocol"] = ["Pmq.Grpc"],
        ["Pmq.Agent"] = ["Pmq.Engine", "Pmq.Messaging", "Pmq.Protocol", "Pmq.Grpc"],
        ["Pmq.Client"] = ["Pmq.Protocol", "Pmq.Grpc"],
        ["Pmq.Verifiers"] = ["Pmq.Core", "Pmq.Client"],
        ["Pmq.Simulation"] = ["Pmq.Core", "Pmq.Trust", "Pmq.Gossipsub", "Pmq.KadDht"],
        ["Pmq.Cli"] = ["Pmq.Agent", "Pmq.Client", "Pmq.Verifiers", "Pmq.Simulation"],
    };

    private static readonly string[] Pure = ["Pmq.Gossipsub", "Pmq.KadDht", "Pmq.Trust"];

    [Fact]
    public void Every_project_has_a_row_and_references_nothing_else()
    {
        Assert.NotEmpty(Repository.Projects);
        var violations = new List<string>();
        foreach ((string project, XDocument file) in Repository.Projects)
        {
            if (!Allowed.TryGetValue(project, out string[]? allowed))
            {
                violations.Add($"{project} has no row in this test");
                continue;
            }

            violations.AddRange(References(file).Except(allowed).Select(r => $"{project} must not reference {r}"));
        }

        Assert.True(violations.Count == 0, string.Join("; ", violations));
    }

    [Fact]
    public void The_rows_themselves_have_no_circle()
    {
        foreach (string project in Allowed.Keys)
        {
            Assert.DoesNotContain(project, Below(project));
        }

        Assert.DoesNotContain("Pmq.Engine", Below("Pmq.Client"));
        Assert.DoesNotContain("Pmq.Engine", Below("Pmq.Verifiers"));
        Assert.DoesNotContain("Pmq.Client", Below("Pmq.Agent"));
    }

    [Fact]
    public void Pure_projects_are_held_to_it_by_the_banned_symbols()
    {
        foreach (string project in Pure)
        {
            if (Repository.Projects.TryGetValue(project, out XDocument? file))
            {
                Assert.Contains(
                    file.Descendants("AdditionalFiles"),
                    item => item.Attribute("Include")?.Value.EndsWith("eng/BannedSymbols.Pure.txt", StringComparison.Ordinal) == true);
                Assert.Empty(file.Descendants("FrameworkReference"));
            }
        }
    }

    [Fact]
    public void Test_helpers_stay_out_of_the_product() =>
        Assert.All(Repository.Projects, p => Assert.DoesNotContain(References(p.Value), r => r.Contains("Test", StringComparison.Ordinal)));

    [Fact]
    public void Every_test_project_tests_a_project_or_the_whole()
    {
        string[] whole = ["Pmq.Architecture.Tests", "Pmq.EndToEnd.Tests", "Pmq.Interop.Tests"];
        foreach (string file in Repository.Files("tests", "*.Tests.csproj"))
        {
            string name = Path.GetFileNameWithoutExtension(file);
            Assert.True(
                whole.Contains(name) || Repository.Projects.ContainsKey(name[..^".Tests".Length]),
                $"{Repository.Relative(file)} tests no project of src");
        }
    }

    private static IEnumerable<string> References(XDocument project) =>
        project.Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));

    private static HashSet<string> Below(string project)
    {
        var found = new HashSet<string>();
        var open = new Stack<string>(Allowed[project]);
        while (open.TryPop(out string? next))
        {
            if (found.Add(next))
            {
                foreach (string deeper in Allowed[next])
                {
                    open.Push(deeper);
                }
            }
        }

        return found;
    }
}

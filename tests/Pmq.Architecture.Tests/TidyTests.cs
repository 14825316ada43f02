using System.Xml.Linq;

namespace Pmq.Architecture.Tests;

/// <summary>The house rules that a compiler does not check.</summary>
public sealed class TidyTests
{
    private const int MaxLines = 500;

    [Fact]
    public void No_source_file_is_longer_than_500_lines()
    {
        string[] tooLong =
        [
            .. Repository.Files("src", "*.cs")
                .Select(f => (File: Repository.Relative(f), Lines: File.ReadLines(f).Count()))
                .Where(f => f.Lines > MaxLines)
                .Select(f => $"{f.File} has {f.Lines} lines"),
        ];
        Assert.True(tooLong.Length == 0, string.Join("; ", tooLong));
    }

    [Fact]
    public void No_test_waits_by_sleeping()
    {
        // Waiting without an end for a cancellation is no sleep, and a helper may be a slow link; hence the projects of
        // tests only. Split, so that this file does not find itself.
        string[] sleeps = ["Thread" + ".Sleep", "Task" + ".Delay("];
        string[] found =
        [
            .. Repository.Files("tests", "*.cs")
                .Where(f => Repository.Relative(f).Contains(".Tests/", StringComparison.Ordinal))
                .SelectMany(f => File.ReadLines(f).Select((line, i) => (Place: $"{Repository.Relative(f)}:{i + 1}", Line: line)))
                .Where(l => sleeps.Any(s => l.Line.Contains(s, StringComparison.Ordinal)))
                .Where(l => !l.Line.Contains("Timeout.Infinite", StringComparison.Ordinal))
                .Select(l => l.Place),
        ];
        Assert.True(found.Length == 0, "Await the event itself: " + string.Join(", ", found));
    }

    [Fact]
    public void Every_package_has_its_reason()
    {
        string[] explained =
        [
            .. File.ReadLines(Path.Combine(Repository.Root, "docs", "dependencies.md"))
                .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
                .SelectMany(line => line.Split('|')[1].Split(','))
                .Select(name => name.Trim()),
        ];
        var versions = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"));
        string[] packages =
        [
            .. versions.Descendants("ItemGroup")
                .Where(group => group.Attribute("Label")?.Value.StartsWith("Transitive", StringComparison.Ordinal) != true)
                .SelectMany(group => group.Elements("PackageVersion"))
                .Select(package => package.Attribute("Include")!.Value),
        ];
        Assert.NotEmpty(packages);
        string[] missing = [.. packages.Except(explained)];
        Assert.True(missing.Length == 0, "docs/dependencies.md has no row for " + string.Join(", ", missing));
    }

    [Fact]
    public void Versions_stand_in_one_place()
    {
        string[] found =
        [
            .. new[] { "src", "tests" }.SelectMany(folder => Repository.Files(folder, "*.csproj"))
                .Where(f => XDocument.Load(f).Descendants("PackageReference").Any(p => p.Attribute("Version") is not null))
                .Select(Repository.Relative),
        ];
        Assert.True(found.Length == 0, "Versions belong in Directory.Packages.props: " + string.Join(", ", found));
    }
}

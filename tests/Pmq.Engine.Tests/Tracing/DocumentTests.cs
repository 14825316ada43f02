using System.Text.RegularExpressions;
using Pmq.Engine.Tracing;
using Pmq.Gossipsub.Tracing;
using Pmq.Testing;

namespace Pmq.Engine.Tests.Tracing;

/// <summary>docs/scores.md names every event, and no metric that does not exist.</summary>
public sealed class DocumentTests
{
    private static readonly string Page =
        File.ReadAllText(Path.Combine(Repository.Root, "docs", "scores.md"));

    [Fact]
    public void Every_event_is_described()
    {
        foreach (TraceKind kind in Enum.GetValues<TraceKind>())
        {
            Assert.Contains($"`{TraceText.NameOf(kind)}`", Page, StringComparison.Ordinal);
            Assert.True(TraceText.TryParse(TraceText.NameOf(kind)!, out TraceKind parsed));
            Assert.Equal(kind, parsed);
        }
    }

    [Fact]
    public void Every_metric_that_is_named_exists()
    {
        string source = string.Concat(Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "src", "Pmq.Engine"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .Select(File.ReadAllText));
        string[] names = [.. Regex.Matches(Page, @"`(pmq\.[a-z_.]+)[`{]").Select(match => match.Groups[1].Value).Distinct()];

        Assert.True(names.Length > 8);
        Assert.All(names, name => Assert.Contains($"\"{name}\"", source, StringComparison.Ordinal));
    }
}

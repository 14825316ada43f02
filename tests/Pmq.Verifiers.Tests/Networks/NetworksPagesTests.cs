using System.Text.RegularExpressions;
using Pmq.Testing;
using Pmq.Verifiers.Networks;

namespace Pmq.Verifiers.Tests.Networks;

/// <summary>The pages of docs say what the code does.</summary>
public sealed class NetworksPagesTests
{
    [Fact]
    public void The_table_of_keys_is_that_of_the_reader() => Assert.True(
        Page("networks.md").Contains("\n\n" + NetworksKey.Table(), StringComparison.Ordinal),
        "the table of docs/networks.md should be:\n" + NetworksKey.Table());

    [Fact]
    public void The_table_of_reasons_names_each_with_its_verdict()
    {
        string page = Page("networks.md");
        foreach (JudgementReason reason in Enum.GetValues<JudgementReason>())
        {
            string verdict = JudgementVerdicts.Of(reason, inStep: false).ToString().ToLowerInvariant();
            string inStep = JudgementVerdicts.Of(reason, inStep: true).ToString().ToLowerInvariant();
            string said = inStep == verdict ? verdict : $"{inStep} in step, else {verdict}";
            string name = char.ToLowerInvariant(reason.ToString()[0]) + reason.ToString()[1..];
            Assert.Contains($"\n| `{name}` | {said} | ", page, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("networks.md", 1)]
    [InlineData("overlays.md", 2)]
    [InlineData("thresholds.md", 1)]
    public void Each_example_is_read(string page, int count)
    {
        MatchCollection examples = Regex.Matches(Page(page), "```yaml\n(.*?)```", RegexOptions.Singleline);

        Assert.Equal(count, examples.Count);
        foreach (Match example in examples)
        {
            Assert.NotEmpty(NetworksReader.Read(page, NetworksReaderTests.Bytes(example.Groups[1].Value)).Networks);
        }
    }

    [Fact]
    public void The_limits_of_the_page_are_those_of_the_reader()
    {
        string page = Regex.Replace(Page("networks.md"), "\\s+", " ");

        Assert.Equal(16 * 1024 * 1024, NetworksFile.MaxFileBytes);
        Assert.Equal(300_000, Pmq.Verifiers.Networks.Syntax.FileSyntax.MaxNodes);
        Assert.Equal(16, Pmq.Verifiers.Networks.Syntax.FileSyntax.MaxDepth);
        Assert.Contains("has at most 16 MiB, 300,000 values and 16 levels", page, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(2), new NetworksFileOptions { Path = "" }.PollInterval);
        Assert.Contains("is read every two seconds", page, StringComparison.Ordinal);
    }

    private static string Page(string name) => File.ReadAllText(Repository.Path("docs", name));
}

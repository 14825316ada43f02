using Pmq.Testing;

namespace Pmq.Gossipsub.Tests.Conformance;

public sealed class ConformanceMapTests
{
    private const string Head =
        "# x\n## Where each behaviour is tested\n### A\n| source | behaviour | tests |\n|---|---|---|\n";

    [Fact]
    public void Every_behaviour_has_a_test_that_exists()
    {
        string tests = Repository.Path("tests");
        HashSet<string> names =
        [
            .. Directory.EnumerateFiles(tests, "*.cs", SearchOption.AllDirectories)
                .Where(file => !file.Contains("node_modules", StringComparison.Ordinal))
                .SelectMany(file => ConformanceMap.TestsIn(File.ReadAllText(file))),
        ];

        string readme = File.ReadAllText(Path.Combine(tests, "Pmq.Gossipsub.Tests", "README.md"));

        Assert.Empty(ConformanceMap.Faults(readme, names));
    }

    [Theory]
    [InlineData("| a | b | `A_test` |\n", null)]
    [InlineData("| a | b | `A_test`, `No_test` |\n", "a: there is no test No_test.")]
    [InlineData("| a | b | none |\n", "a names no test.")]
    [InlineData("| a | b |  |\n", "a has an empty cell or another number of cells than its table.")]
    [InlineData("| a | b | `A_test` |\n| a | c | `A_test` |\n", "a stands twice.")]
    [InlineData("| a | b | `A_test` |\n### Open\n| c | d | Some_test |\n", "c is open.")]
    [InlineData("| a | b | `A_test` |\n### Does not apply\n| c | because |\n", null)]
    [InlineData("", "There are no rows.")]
    public void What_is_wrong_with_a_map_is_named(string rows, string? fault)
    {
        List<string> faults = ConformanceMap.Faults(Head + rows, new HashSet<string> { "A_test" });

        Assert.Equal(fault, faults.FirstOrDefault());
    }

    [Fact]
    public void Tests_are_found_by_their_attribute()
    {
        const string Source = """
            [Fact]
            public void First() { }
            public void No_test() { }
            [Theory]
            [InlineData(1)]
            public async Task Second(int a) { }
            """;

        Assert.Equal(["First", "Second"], ConformanceMap.TestsIn(Source));
    }
}

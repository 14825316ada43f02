using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Pmq.Testing.Processes;

namespace Pmq.EndToEnd.Tests;

/// <summary><c>pmq demo</c> as a user runs it: nothing is lost, nothing bad passes, and nothing is left behind.</summary>
public sealed class DemoTests
{
    private const int Agents = 13;

    private static readonly string[] Keys =
    [
        "event", "networks", "nodes", "published", "expectedDeliveries", "delivered", "duplicates", "lost",
        "badPublished", "badDelivered", "verdicts", "p50Ms", "p99Ms",
    ];

    private static readonly string[] Kinds =
        ["forgedSignature", "subQuorum", "staleSequence", "unknownNetwork", "farFutureSequence"];

    [Theory]
    [InlineData]
    [InlineData("--processes")]
    public async Task Three_networks_exchange_reports_and_refuse_bad_ones(params string[] mode)
    {
        await using ChildProcess demo = PmqCommand.Start(["demo", "--rounds", "20", "--seed", "42", "--json", .. mode]);

        int code = await demo.WaitForExitAsync(TimeSpan.FromMinutes(3));

        Assert.True(code == 0, $"{string.Join('\n', demo.Output.Lines)}\n{string.Join('\n', demo.Errors.Lines)}");
        using JsonDocument line = JsonDocument.Parse(Assert.Single(demo.Output.Lines));
        JsonElement result = line.RootElement;
        Assert.Equal(Keys, result.EnumerateObject().Select(property => property.Name));
        Assert.Equal("demo", result.GetProperty("event").GetString());
        Assert.Equal(3, Number(result, "networks"));
        Assert.Equal(12, Number(result, "nodes"));
        Assert.Equal(3 * 4 * 20, Number(result, "published"));
        Assert.Equal(3 * 20 * 2 * 4, Number(result, "expectedDeliveries"));
        Assert.Equal(3 * 20 * 2 * 4, Number(result, "delivered"));
        Assert.Equal(0, Number(result, "duplicates"));
        Assert.Equal(0, Number(result, "lost"));
        Assert.Equal(3 * 5 * 2, Number(result, "badPublished"));
        Assert.Equal(0, Number(result, "badDelivered"));
        Assert.InRange(result.GetProperty("p50Ms").GetDouble(), 0.01, result.GetProperty("p99Ms").GetDouble());
        CheckVerdicts(result.GetProperty("verdicts"), result.GetProperty("p99Ms").GetDouble());
        Assert.Contains(demo.Errors.Lines, text => text.Contains("seed 42", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_terminal_and_json_it_ends_with_a_summary()
    {
        (int code, IReadOnlyList<string> output, IReadOnlyList<string> errors) = await PmqCommand.RunAsync(
            "demo", "--networks", "2", "--nodes", "5", "--rounds", "3", "--interval", "0s", "--seed", "7");

        Assert.True(code == 0, string.Join('\n', errors));
        Assert.Equal(2, output.Count);
        Assert.StartsWith(
            "2 networks of 5 nodes, 3 rounds, seed 7: 30 of 30 deliveries, 0 duplicates, 0 lost, p50 ",
            output[0],
            StringComparison.Ordinal);
        Assert.StartsWith("10 bad reports, 0 of them delivered; verdicts: forged signature ", output[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pmq: --networks 1: must be a whole number from 2 to 8", "--networks", "1")]
    [InlineData("pmq: --rounds ten: must be a whole number from 1 to 10000", "--rounds", "ten", "--json")]
    [InlineData("pmq: --interval 1h: must be a duration from 0s to 2s, as 100ms", "--interval", "1h")]
    [InlineData("pmq: --peers: no such option or argument; see pmq demo --help", "--peers")]
    public async Task An_option_that_is_wrong_is_refused_in_one_line(string line, params string[] arguments)
    {
        (int code, IReadOnlyList<string> output, IReadOnlyList<string> errors) =
            await PmqCommand.RunAsync(["demo", .. arguments]);

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Equal(line, Assert.Single(errors));
    }

    [Fact]
    public async Task Ctrl_C_in_mid_run_leaves_no_process_and_no_file()
    {
        using var temporary = new TemporaryFolder();
        await using ChildProcess demo = await StartAsync(temporary);
        List<int> agents = ChildrenOf(demo.Id);
        Assert.Equal(Agents, agents.Count);

        demo.Interrupt();

        Assert.Equal(1, await demo.WaitForExitAsync());
        Assert.Equal("pmq: stopped while exchanging reports", demo.Errors.Lines[^1]);
        Assert.StartsWith("{\"event\":\"demo\",", Assert.Single(demo.Output.Lines), StringComparison.Ordinal);
        Assert.DoesNotContain(agents, IsRunning);
        Assert.Empty(Directory.EnumerateFileSystemEntries(temporary.Path));
    }

    [Fact]
    public async Task An_agent_that_dies_is_named_and_the_others_are_ended()
    {
        using var temporary = new TemporaryFolder();
        await using ChildProcess demo = await StartAsync(temporary);
        List<int> agents = ChildrenOf(demo.Id);

        using (var victim = Process.GetProcessById(agents[0]))
        {
            victim.Kill();
        }

        Assert.Equal(1, await demo.WaitForExitAsync());
        Assert.Matches(
            "^pmq: [a-z]+(-[0-9])?: its agent ended with exit code 137, while exchanging reports$", demo.Errors.Lines[^1]);
        Assert.Single(demo.Output.Lines);
        Assert.DoesNotContain(agents, IsRunning);
    }

    [Fact]
    public async Task Agents_end_with_a_demo_that_is_killed()
    {
        using var temporary = new TemporaryFolder();
        await using ChildProcess demo = await StartAsync(temporary);
        List<int> agents = ChildrenOf(demo.Id);
        Assert.Equal(Agents, agents.Count);

        demo.Kill();

        await Eventually.HoldsAsync(() => Task.FromResult(!agents.Exists(IsRunning)));
    }

    /// <summary>Starts a run with agents of their own that would take minutes, and waits until it is in the middle.</summary>
    private static async Task<ChildProcess> StartAsync(TemporaryFolder temporary)
    {
        ChildProcess demo = PmqCommand.Start(
            new Dictionary<string, string?> { ["TMPDIR"] = temporary.Path },
            ["demo", "--processes", "--rounds", "10000", "--json"]);
        await demo.Errors.TakeAsync(
            line => line.StartsWith("pmq: exchanging reports", StringComparison.Ordinal), TimeSpan.FromMinutes(2));
        return demo;
    }

    private static void CheckVerdicts(JsonElement verdicts, double p99)
    {
        Assert.Equal(Kinds, verdicts.EnumerateObject().Select(property => property.Name));
        foreach (JsonProperty kind in verdicts.EnumerateObject())
        {
            Assert.Equal(["reject", "ignore"], kind.Value.EnumerateObject().Select(property => property.Name));
            Assert.True(Number(kind.Value, "reject") + Number(kind.Value, "ignore") > 0, kind.Name);
        }

        // Whoever passes these on is to blame; a network that nobody knows may be one that the keyring lacks yet.
        // A machine that stood still for seconds has left its windows out of step, where sequences are only ignored.
        bool hasKeptStep = p99 < 1000;
        foreach (string kind in Kinds.Where(kind => kind != "unknownNetwork")
            .Where(kind => hasKeptStep || !kind.EndsWith("Sequence", StringComparison.Ordinal)))
        {
            Assert.True(Number(verdicts.GetProperty(kind), "reject") > 0, kind);
        }

        Assert.Equal(0, Number(verdicts.GetProperty("unknownNetwork"), "reject"));
    }

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();

    private static List<int> ChildrenOf(int parent)
    {
        var children = new List<int>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && ParentOf(id) == parent)
            {
                children.Add(id);
            }
        }

        return children;
    }

    private static bool IsRunning(int process) => ParentOf(process) is not null;

    /// <summary>
    /// The fourth field of stat, counted from the end of the name, which may hold anything; null when the process has
    /// ended, though nobody may have asked for its exit code yet.
    /// </summary>
    private static int? ParentOf(int process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : int.Parse(fields[1], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

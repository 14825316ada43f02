using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Pmq.Testing.Processes;

namespace Pmq.EndToEnd.Tests;

/// <summary>The samples in C#, each by its one command, as they were built with the tests.</summary>
public sealed partial class SampleTests
{
    /// <summary>What a loaded machine may take; a sample that runs into it has failed.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task The_peer_in_a_process_delivers_what_a_quorum_signed_and_rejects_the_forged()
    {
        await using ChildProcess sample = Start("InProcess", null);

        int code = await sample.WaitForExitAsync(Limit);

        Assert.True(code == 0, $"{code}: {sample.Errors.Tail()}");
        Assert.Empty(sample.Errors.Lines);
        Assert.Equal(
            ["Bob got #1: ETH/USD 3141.59", "Bob got #2: ETH/USD 3142.65"],
            sample.Output.Lines.Where(line => line.StartsWith("Bob got", StringComparison.Ordinal)).Order());
        Assert.Equal(
            ["Bob says Accept to #1: Accepted", "Bob says Accept to #2: Accepted", "Bob says Reject to #2: BadSignature"],
            sample.Output.Lines.Where(line => line.StartsWith("Bob says", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task Two_networks_get_every_report_of_each_other_once()
    {
        const int Rounds = 4;
        using var folder = new TemporaryFolder();
        await using ChildProcess sample = Start("Don", folder, "--rounds", $"{Rounds}", "--interval", "0.5");

        int code = await sample.WaitForExitAsync(Limit);

        Assert.True(code == 0, $"{code}: {sample.Output.Tail()}\n{sample.Errors.Tail()}");
        Assert.Equal("32 reports received, 32 expected", sample.Output.Lines[^1]);
        string[] received = [.. sample.Output.Lines.Where(line => Received().IsMatch(line))];
        Assert.Equal(received.Distinct().Count(), received.Length);
        IEnumerable<string> expected =
            from node in Enumerable.Range(0, 4)
            from round in Enumerable.Range(1, Rounds)
            from pair in new[] { $"alpha/{node} got beta #{round}", $"beta/{node} got alpha #{round}" }
            select pair;
        Assert.Empty(expected.Except(received.Select(line => Received().Match(line).Value)));
        Assert.Contains("beta/2 got alpha #1 ETH/USD 3141.59", received);
        AssertNothingIsLeft(folder);
    }

    [Fact]
    public async Task The_launcher_ends_all_that_it_started_when_it_is_asked_to()
    {
        using var folder = new TemporaryFolder();
        await using ChildProcess sample = Start("Don", folder, "--rounds", "0", "--interval", "0.5");
        await sample.Output.TakeAsync(line => Received().IsMatch(line), Limit);

        sample.Terminate();

        Assert.Equal(0, await sample.WaitForExitAsync(Limit));
        Assert.Contains("interrupted", sample.Output.Lines);
        AssertNothingIsLeft(folder);
    }

    [Fact]
    public async Task The_launcher_fails_and_ends_the_rest_when_a_node_dies()
    {
        using var folder = new TemporaryFolder();
        await using ChildProcess sample = Start("Don", folder, "--rounds", "0");
        int node = 0;
        await Eventually.HoldsAsync(
            () =>
            {
                node = Processes(folder).FirstOrDefault(
                    process => process.CommandLine.Contains("alpha-1.key", StringComparison.Ordinal)).Id;
                return Task.FromResult(node != 0);
            },
            Limit);

        Process.GetProcessById(node).Kill();

        Assert.Equal(1, await sample.WaitForExitAsync(Limit));
        Assert.Contains("alpha/1 has ended", sample.Output.Lines);
        AssertNothingIsLeft(folder);
    }

    private static ChildProcess Start(string name, TemporaryFolder? folder, params string[] arguments)
    {
        // bin/NAME/debug beside bin/Pmq.EndToEnd.Tests/debug
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        string file = Path.Combine(own.Parent!.Parent!.FullName, name, own.Name, name);
        var environment = new Dictionary<string, string?> { ["P2PMQ_CONFIG"] = null, ["GRPC_PORT"] = null };
        if (folder is not null)
        {
            environment["TMPDIR"] = folder.Path;
        }

        return ChildProcess.Start(file, arguments, environment: environment);
    }

    /// <summary>No process and no folder of the launcher; a killed process leaves the runtime's own pipes.</summary>
    private static void AssertNothingIsLeft(TemporaryFolder folder)
    {
        Assert.Empty(Directory.EnumerateDirectories(folder.Path));
        Assert.Empty(Processes(folder));
    }

    /// <summary>Those that were told a file of the folder.</summary>
    private static IEnumerable<(int Id, string CommandLine)> Processes(TemporaryFolder folder)
    {
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out int id)
                && CommandLine(directory) is var line
                && line.Contains(folder.Path, StringComparison.Ordinal))
            {
                yield return (id, line);
            }
        }
    }

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or is not ours.
            return "";
        }
    }

    [GeneratedRegex(@"^(alpha|beta)/\d got (alpha|beta) #\d+")]
    private static partial Regex Received();
}

using System.Text.Json;
using Pmq.Testing.Processes;

namespace Pmq.EndToEnd.Tests;

/// <summary>The sample of a BLS network, as its reader runs it.</summary>
public sealed class BlsSampleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Its_own_tests_pass()
    {
        NpmProject project = BlsSample.Project();

        await using ChildProcess tests = ChildProcess.Start(
            "npm", ["test", "--", "--test-reporter=tap"], project.Directory);

        int code = await tests.WaitForExitAsync();
        Assert.True(code == 0, $"npm test ended with {code}:\n{tests.Output.Tail(200)}\n{tests.Errors.Tail()}");
        Assert.Contains("# fail 0", tests.Output.Lines);
        Assert.DoesNotContain("# pass 0", tests.Output.Lines);
    }

    [Fact]
    public async Task A_network_in_CSharp_and_one_in_JavaScript_consume_each_others_reports_and_nothing_forged()
    {
        const int Rounds = 6;
        NpmProject project = BlsSample.Project();
        var environment = new Dictionary<string, string?>
        {
            ["TMPDIR"] = _folder.Path,
            ["P2PMQ_CONFIG"] = null,
            ["GRPC_PORT"] = null,
        };

        await using ChildProcess run = project.StartScript(
            "run.mjs",
            ["--rounds", $"{Rounds}", "--json", "--pmq", PmqCommand.Executable, "--don", BlsSample.Don],
            environment: environment);
        int code = await run.WaitForExitAsync(TimeSpan.FromSeconds(150));

        Assert.True(code == 0, $"it ended with {code}:\n{run.Output.Tail()}\n{run.Errors.Tail()}");
        JsonElement summary = JsonDocument.Parse(Assert.Single(run.Output.Lines)).RootElement;
        Assert.Equal("bls", summary.GetProperty("event").GetString());
        foreach ((string name, int expected) in new[]
        {
            ("blsConsumed", 4 * Rounds), ("ocr2Consumed", 4 * Rounds),
            ("forged", Rounds), ("kindsForged", Rounds), ("kindsRefused", Rounds), ("forgedAccepted", 0), ("trueRefused", 0),
        })
        {
            Assert.Equal((name, expected), (name, summary.GetProperty(name).GetInt32()));
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
        Assert.Empty(ProcessesThatName(_folder.Path));
    }

    /// <summary>The command lines of what still runs with a file of that folder: each process of the run has one.</summary>
    private static IEnumerable<string> ProcessesThatName(string folder)
    {
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(
            path => int.TryParse(Path.GetFileName(path), out _)))
        {
            string commandLine;
            try
            {
                commandLine = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
            }
            catch (IOException)
            {
                // It has ended meanwhile.
                continue;
            }

            if (commandLine.Contains(folder, StringComparison.Ordinal))
            {
                yield return commandLine;
            }
        }
    }
}

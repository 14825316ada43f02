using System.Text.RegularExpressions;
using Pmq.Testing;
using Pmq.Testing.Processes;

namespace Pmq.EndToEnd.Tests;

/// <summary>The JavaScript verifier of the documentation, taken from the page and run as its reader would.</summary>
public sealed partial class VerifierJsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Its_verdicts_hold_and_it_comes_back_when_the_agent_restarts()
    {
        NpmProject packages = BlsSample.Project();
        File.CreateSymbolicLink(
            Path.Combine(_folder.Path, "node_modules"), Path.Combine(packages.Directory, "node_modules"));
        File.Copy(
            Repository.Path("src", "Pmq.Protocol", "proto", "pmq.proto"), Path.Combine(_folder.Path, "pmq.proto"));
        string script = _folder.Write("verifier.mjs", Sample());
        string socket = "unix:" + Path.Combine(_folder.Path, "agent.sock");

        await using AgentProcess author = await AgentProcess.StartAsync("--topic", "prices");
        await using ChildProcess verifier = ChildProcess.Start(packages.Node(), [script, socket, "prices"]);
        await using (AgentProcess first = await StartAsync(socket, author))
        {
            await JudgesAsync(author, first, verifier, "3141.59");
        }

        await using AgentProcess second = await StartAsync(socket, author);
        await JudgesAsync(author, second, verifier, "2718.28");
    }

    private static Task<AgentProcess> StartAsync(string socket, AgentProcess author) =>
        AgentProcess.StartAsync("--topic", "prices", "--grpc", socket, "--peer", author.Address);

    private static async Task JudgesAsync(AgentProcess author, AgentProcess judging, ChildProcess verifier, string price)
    {
        await verifier.Output.TakeAsync(line => line == "attached");
        await using ChildProcess listener = PmqCommand.Start("listen", "--agent", judging.Grpc, "--topic", "prices");
        await listener.Errors.TakeAsync(line => line.Contains("listening", StringComparison.Ordinal));
        await Eventually.HoldsAsync(async () => (await author.Client().ListPeersAsync(default)).Any(
            peer => peer.PeerId == judging.PeerId && peer.MeshTopics.Contains("prices")));
        foreach (string text in new[] { $"ETH/USD {price}0", $"BTC/USD {price}", $"ETH/USD {price}" })
        {
            await author.PublishAsync("prices", text);
        }

        // An agent that was restarted is told of what its partner published just before, and judges that, too.
        await listener.Output.TakeAsync(line =>
        {
            Assert.DoesNotContain($"{price}0", line, StringComparison.Ordinal);
            Assert.DoesNotContain("BTC", line, StringComparison.Ordinal);
            return line.EndsWith($"ETH/USD {price}", StringComparison.Ordinal);
        });
        foreach (string outcome in new[] { "Rejected", "Ignored", "Accepted" })
        {
            string counted = $"pmq_validation_outcomes_total{{outcome=\"{outcome}\"}}";
            await Eventually.HoldsAsync(async () => await judging.MetricAsync(counted) >= 1);
        }
    }

    /// <summary>The code of the page's block of that name.</summary>
    private static string Sample()
    {
        string page = File.ReadAllText(Repository.Path("docs", "verifiers-js.md"));
        Match block = Block().Match(page);
        Assert.True(block.Success, "docs: there is no block <!-- sample: verifier-js -->");
        return block.Groups[1].Value;
    }

    [GeneratedRegex(@"<!-- sample: verifier-js -->\n```js\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}

using System.Net;
using Pmq.Testing;
using Pmq.Testing.Processes;

namespace Pmq.EndToEnd.Tests;

/// <summary>How an agent starts, says that it is ready, and ends.</summary>
public sealed class AgentLifeTests
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task The_ready_line_is_the_one_line_of_output_and_has_its_exact_form()
    {
        await using AgentProcess agent = await AgentProcess.StartAsync();

        Assert.Matches(
            "^\\{\"event\":\"ready\",\"peerId\":\"12D3KooW[1-9A-HJ-NP-Za-km-z]{44}\","
            + "\"listen\":\\[\"/ip4/127\\.0\\.0\\.1/tcp/\\d+/p2p/12D3KooW[1-9A-HJ-NP-Za-km-z]{44}\"\\],"
            + "\"grpc\":\"127\\.0\\.0\\.1:\\d+\",\"http\":\"127\\.0\\.0\\.1:\\d+\"\\}$",
            agent.ReadyLine);
        agent.Process.Terminate();
        Assert.Equal(0, await agent.Process.WaitForExitAsync());
        Assert.Single(agent.Process.Output.Lines);
    }

    [Fact]
    public async Task SIGTERM_ends_it_within_two_seconds_whatever_is_attached()
    {
        await using AgentProcess alice = await AgentProcess.StartAsync("--topic", "demo");
        await using AgentProcess bob = await AgentProcess.StartAsync("--topic", "demo", "--peer", alice.Address);
        await using ChildProcess verifier = PmqCommand.Start("verify", "--accept", "--agent", bob.Grpc);
        await using ChildProcess listener = PmqCommand.Start("listen", "--agent", bob.Grpc);
        await verifier.Errors.TakeAsync(_ => true);
        await listener.Errors.TakeAsync(_ => true);
        await alice.MeshedAsync("demo", 1);

        await EndsInTimeAsync(bob);

        // Both told of it, and try again; the peer sees it gone.
        await verifier.Errors.TakeAsync(line => line.EndsWith("; trying again", StringComparison.Ordinal));
        await listener.Errors.TakeAsync(line => line.EndsWith("; trying again", StringComparison.Ordinal));
        await Eventually.HoldsAsync(async () => (await alice.Client().ListPeersAsync(default)).Count == 0);
        verifier.Terminate();
        listener.Terminate();
        Assert.Equal(0, await verifier.WaitForExitAsync());
        Assert.Equal(0, await listener.WaitForExitAsync());
    }

    [Theory]
    [InlineData("go-default.yaml", "/tcp/5101")]
    [InlineData("go-default.json", "/tcp/5101")]
    [InlineData("go-bootstrapper.yaml", "/tcp/5001")]
    public async Task It_runs_with_the_files_of_the_Go_agent(string name, string port)
    {
        // The port alone is changed, so that two runs on one machine do not meet.
        using var folder = new TemporaryFolder();
        string source = Repository.Path("tests", "Pmq.Agent.Tests", "Configuration", "Data", name);
        string text = await File.ReadAllTextAsync(source);
        string config = folder.Write(name, text.Replace(port, "/tcp/0", StringComparison.Ordinal));
        var environment = new Dictionary<string, string?> { ["P2PMQ_CONFIG"] = config, ["GRPC_PORT"] = "0" };
        await using ChildProcess agent = PmqCommand.Start(environment, ["agent", "--http", "127.0.0.1:0"]);

        string ready = await agent.Output.TakeAsync(_ => true);

        Assert.StartsWith("{\"event\":\"ready\",", ready, StringComparison.Ordinal);
        Assert.DoesNotContain("0.0.0.0", ready, StringComparison.Ordinal);
        Assert.Contains("\"grpc\":\"127.0.0.1:", ready, StringComparison.Ordinal);
        await agent.Errors.TakeAsync(
            line => line.Contains("discovery.serviceTag = p2pmq/kad: read, but", StringComparison.Ordinal));
        await agent.Errors.TakeAsync(line => line.EndsWith(
            "Validation: required (default). Messages wait for a verifier, also where a configuration of the Go agent has "
            + "no msgValidator",
            StringComparison.Ordinal));
        long asked = TimeProvider.System.GetTimestamp();
        agent.Terminate();
        Assert.Equal(0, await agent.WaitForExitAsync());
        Assert.InRange(TimeProvider.System.GetElapsedTime(asked), TimeSpan.Zero, StopLimit);
    }

    [Fact]
    public async Task It_serves_health_and_metrics_and_names_its_cryptography()
    {
        await using AgentProcess agent = await AgentProcess.StartAsync("--topic", "demo");
        using var http = new HttpClient { BaseAddress = new Uri($"http://{agent.Http}") };

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/healthz", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/readyz", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("/", UriKind.Relative))).StatusCode);
        HttpResponseMessage metrics = await http.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", metrics.Content.Headers.ContentType!.ToString());
        string text = await metrics.Content.ReadAsStringAsync();
        Assert.Contains("# TYPE pmq_gossipsub_mesh_peer_count gauge", text, StringComparison.Ordinal);
        await agent.Process.Errors.TakeAsync(line => line.Contains("Cryptography: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_unix_socket_is_open_to_its_owner_alone_and_one_that_was_left_behind_is_replaced()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "pmq.sock");
        await using (AgentProcess killed = await AgentProcess.StartAsync("--grpc", "unix:" + path))
        {
            killed.Process.Kill();
            await killed.Process.Exited;
        }

        Assert.True(File.Exists(path));
        await using AgentProcess agent = await AgentProcess.StartAsync("--grpc", "unix:" + path);

        Assert.Equal("unix:" + path, agent.Grpc);
#pragma warning disable CA1416 // The mode of a file is what is tested; Windows is not among the systems.
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
#pragma warning restore CA1416
        Assert.Empty(await PmqCommand.SucceedAsync("peers", "--agent", agent.Grpc));
    }

    [Fact]
    public async Task The_identity_is_that_of_the_key_file()
    {
        using var folder = new TemporaryFolder();
        string key = Path.Combine(folder.Path, "key");
        string peer = Assert.Single(await PmqCommand.SucceedAsync("keygen", "--out", key));

        await using AgentProcess agent = await AgentProcess.StartAsync("--key", key);

        Assert.Equal(peer, agent.PeerId);
    }

    [Fact]
    public async Task Config_show_prints_values_with_their_origins()
    {
        using var folder = new TemporaryFolder();
        string config = folder.Write("pmq.yaml", "pubsub:\n  overlay:\n    d: 4\n");

        IReadOnlyList<string> lines = await PmqCommand.SucceedAsync(
            "config", "show", "--json", "--config", config, "--topic", "a", "b");

        Assert.Contains(
            "{\"event\":\"setting\",\"key\":\"pubsub.overlay.d\",\"value\":4,\"origin\":\"" + config + ":3\"}", lines);
        Assert.Contains(
            "{\"event\":\"setting\",\"key\":\"pubsub.overlay.dlo\",\"value\":4,\"origin\":\"default\"}", lines);
        Assert.Contains(
            "{\"event\":\"setting\",\"key\":\"topics\",\"value\":[\"a\",\"b\"],\"origin\":\"flag --topic\"}", lines);
    }

    private static async Task EndsInTimeAsync(AgentProcess agent)
    {
        long asked = TimeProvider.System.GetTimestamp();
        agent.Process.Terminate();
        Assert.Equal(0, await agent.Process.WaitForExitAsync());
        Assert.InRange(TimeProvider.System.GetElapsedTime(asked), TimeSpan.Zero, StopLimit);
    }
}

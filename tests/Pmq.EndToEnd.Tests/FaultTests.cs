using System.Net;
using System.Net.Sockets;

namespace Pmq.EndToEnd.Tests;

/// <summary>
/// What goes wrong is said in one line that names flag or key and value, with an exit code and no stack trace.
/// </summary>
public sealed class FaultTests
{
    [Fact]
    public async Task An_unknown_key_is_named()
    {
        using var folder = new TemporaryFolder();
        string config = folder.Write("pmq.yaml", "pubsub:\n  overlay:\n    hearbeatInterval: 1s\n");

        await FailsAsync(
            $"pmq: {config}:3: unknown key pubsub.overlay.hearbeatInterval; did you mean pubsub.overlay.heartbeatInterval?",
            "agent", "--config", config);
    }

    [Fact]
    public async Task A_relation_that_the_file_breaks_is_named()
    {
        using var folder = new TemporaryFolder();
        string config = folder.Write("pmq.json", "{\"pubsub\": {\"overlay\": {\n\"d\": 4,\n\"dlo\": 6}}}");

        await FailsAsync(
            $"pmq: {config}:3: pubsub.overlay.dlo = 6: must be at most pubsub.overlay.d, which is 4 ({config}:2)",
            "agent", "--config", config);
    }

    [Fact]
    public async Task A_mistake_in_the_networks_file_is_named()
    {
        using var folder = new TemporaryFolder();
        string networks = folder.Write("networks.yaml", "networks:\n  - id: a\n    overlay: [a]\n");

        await FailsAsync(
            $"pmq: {networks}:3: unknown key networks[0].overlay; did you mean networks[0].overlays?",
            "verify", "--networks", networks);
    }

    [Fact]
    public async Task A_taken_port_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        string[] free = ["agent", "--listen", "/ip4/127.0.0.1/tcp/0"];

        await FailsAsync(
            $"pmq: --grpc 127.0.0.1:{port}: cannot be listened on: the port is taken; port 0 picks a free one",
            [.. free, "--http", "off", "--grpc", $"127.0.0.1:{port}"]);
        await FailsAsync(
            $"pmq: --http 127.0.0.1:{port}: cannot be listened on: the port is taken; port 0 picks a free one",
            [.. free, "--http", $"127.0.0.1:{port}", "--grpc", "127.0.0.1:0"]);
        string line = await FailsAsync(
            null, "agent", "--listen", $"/ip4/127.0.0.1/tcp/{port}", "--http", "off", "--grpc", "127.0.0.1:0");
        Assert.StartsWith(
            $"pmq: --listen: cannot listen on /ip4/127.0.0.1/tcp/{port}: ", line, StringComparison.Ordinal);
        Assert.Contains("taken", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_that_cannot_be_made_is_named()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("file", "");
        string[] agent = ["agent", "--listen", "/ip4/127.0.0.1/tcp/0", "--http", "off", "--grpc"];

        await FailsAsync(
            "pmq: --grpc unix:/nowhere/pmq.sock: cannot be listened on: no such directory",
            [.. agent, "unix:/nowhere/pmq.sock"]);
        string line = await FailsAsync(null, [.. agent, "unix:" + file]);
        Assert.StartsWith($"pmq: --grpc unix:{file}: cannot be listened on: ", line, StringComparison.Ordinal);
        Assert.EndsWith("is not a socket", line, StringComparison.Ordinal);
        line = await FailsAsync(null, [.. agent, "unix:" + folder.Path]);
        Assert.EndsWith("is not a socket", line, StringComparison.Ordinal);
        await using AgentProcess holder = await AgentProcess.StartAsync("--grpc", $"unix:{folder.Path}/a.sock");
        line = await FailsAsync(null, [.. agent, $"unix:{folder.Path}/a.sock"]);
        Assert.EndsWith("another process listens there", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_file_that_cannot_be_read_is_named()
    {
        using var folder = new TemporaryFolder();
        string empty = folder.Write("key", "");

        await FailsAsync(
            "pmq: --key /nowhere/key: cannot be read: no such file; pmq keygen makes a key file", "agent", "--key", "/nowhere/key");
        await FailsAsync(
            $"pmq: --key {empty}: holds no libp2p private key in base64; pmq keygen makes one", "agent", "--key", empty);
    }

    [Theory]
    [InlineData("--listen", "/ip4/127.0.0.1/tcp/x")]
    [InlineData("--listen", "127.0.0.1:4001")]
    [InlineData("--peer", "/ip4/127.0.0.1/tcp/4001")]
    [InlineData("--bootstrap", "nonsense")]
    public async Task A_bad_multiaddr_is_named(string flag, string value)
    {
        string line = await FailsAsync(null, "agent", flag, value);

        Assert.StartsWith($"pmq: {flag} {value}: must be a multiaddr as /ip4/", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_cannot_be_reached_is_named()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        string address = closed.LocalEndpoint.ToString()!;
        closed.Stop();
        string expected = $"pmq: --agent: the agent at {address} cannot be reached: Connection refused";

        await FailsAsync(expected, "publish", "--topic", "t", "--text", "x", "--agent", address);
        await FailsAsync(expected, "listen", "--topic", "t", "--agent", address);
        await FailsAsync(expected, "listen", "--agent", address);
        await FailsAsync(expected, "verify", "--accept", "--agent", address);
        await FailsAsync(expected, "peers", "--agent", address, "--json");
        await FailsAsync(
            "pmq: --agent: the agent at unix:/nowhere/pmq.sock cannot be reached: there is no such socket",
            "peers", "--agent", "unix:/nowhere/pmq.sock");
    }

    [Fact]
    public async Task Empty_data_is_refused()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("empty", "");

        await FailsAsync(
            "pmq: --text: the data is empty; a message has at least one byte", "publish", "--topic", "t", "--text", "");
        await FailsAsync(
            $"pmq: --file {file}: the data is empty; a message has at least one byte", "publish", "--topic", "t", "--file", file);
        await FailsAsync("pmq: -: the data is empty; a message has at least one byte", "publish", "--topic", "t", "-");
    }

    [Fact]
    public async Task GRPC_beyond_loopback_without_protection_is_refused() => await FailsAsync(
        "pmq: --grpc 0.0.0.0:0: beyond loopback gRPC needs --grpc-token FILE, or --grpc-tls-cert, --grpc-tls-key and "
            + "--grpc-tls-ca, or --grpc-insecure",
        "agent", "--grpc", "0.0.0.0:0");

    [Fact]
    public async Task What_the_agent_refuses_is_said_in_one_line()
    {
        await using AgentProcess agent = await AgentProcess.StartAsync();
        using var folder = new TemporaryFolder();
        string large = folder.Write("large", new string('x', (1024 * 1024) + 1));

        string line = await FailsAsync(null, "publish", "--topic", "t", "--file", large, "--agent", agent.Grpc);
        Assert.Contains("maxMessageSize", line, StringComparison.Ordinal);
        string larger = folder.Write("larger", new string('x', 3 * 1024 * 1024));
        line = await FailsAsync(null, "publish", "--topic", "t", "--file", larger, "--agent", agent.Grpc);
        Assert.Contains("pubsub.maxMessageSize = 1048576", line, StringComparison.Ordinal);
        await FailsAsync(null, "publish", "--topic", "", "--text", "x", "--agent", agent.Grpc);
        await FailsAsync(null, "subscribe", "--topic", "", "--agent", agent.Grpc);
    }

    [Fact]
    public async Task A_token_that_is_missing_is_asked_for_by_its_flag()
    {
        using var folder = new TemporaryFolder();
        string token = folder.Write("token", "0123456789abcdef");
        await using AgentProcess agent = await AgentProcess.StartAsync("--grpc-token", token);

        string line = await FailsAsync(null, "peers", "--agent", agent.Grpc);

        Assert.StartsWith($"pmq: --token: the agent at {agent.Grpc} refuses the call: ", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pmq: give a command; see pmq --help")]
    [InlineData("pmq: demmo: no such command; see pmq --help", "demmo")]
    [InlineData("pmq: --frob: no such option or argument; see pmq agent --help", "agent", "--frob")]
    [InlineData(
        "pmq: give one of --accept, --ignore, --reject and --networks FILE", "verify", "--accept", "--reject")]
    [InlineData(
        "pmq: give one of --accept, --ignore, --reject and --networks FILE", "verify", "--accept", "--networks", "f")]
    [InlineData("pmq: give one of --accept, --ignore, --reject and --networks FILE", "verify")]
    [InlineData("pmq: --state d: goes with --networks FILE", "verify", "--accept", "--state", "d")]
    [InlineData("pmq: /nowhere/f: cannot be read: no such file", "verify", "--networks", "/nowhere/f")]
    [InlineData(
        "pmq: --stateless: not with --networks: the order of a network's reports cannot be split over verifiers",
        "verify", "--networks", "/nowhere/f", "--stateless")]
    [InlineData("pmq: --count 0: must be at least 1", "listen", "--count", "0")]
    [InlineData("pmq: --agent nonsense: must be HOST:PORT or unix:PATH", "peers", "--agent", "nonsense")]
    [InlineData("pmq: give the message by one of --text TEXT, --file FILE or -", "publish", "--topic", "t")]
    public async Task A_wrong_command_line_is_named(string expected, params string[] arguments) =>
        await FailsAsync(expected, arguments);

    [Theory]
    [InlineData("agent")]
    [InlineData("keygen")]
    [InlineData("publish")]
    [InlineData("subscribe")]
    [InlineData("unsubscribe")]
    [InlineData("listen")]
    [InlineData("verify")]
    [InlineData("peers")]
    [InlineData("config show")]
    public async Task Every_command_has_help_and_JSON(string command)
    {
        IReadOnlyList<string> help = await PmqCommand.SucceedAsync([.. command.Split(' '), "--help"]);

        Assert.Contains(help, line => line.Contains("--json", StringComparison.Ordinal));
    }

    private static async Task<string> FailsAsync(string? expected, params string[] arguments)
    {
        (int code, IReadOnlyList<string> output, IReadOnlyList<string> errors) = await PmqCommand.RunAsync(arguments);

        Assert.NotEqual(0, code);
        Assert.Empty(output);
        Assert.DoesNotContain(errors, line => line.Contains("   at ", StringComparison.Ordinal));
        string line = Assert.Single(errors, line => line.StartsWith("pmq: ", StringComparison.Ordinal));
        Assert.Equal(line, errors[^1]);
        if (expected is not null)
        {
            Assert.Equal(expected, line);
        }

        return line;
    }
}

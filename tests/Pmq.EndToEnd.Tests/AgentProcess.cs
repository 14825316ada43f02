using System.Text;
using System.Text.Json;
using Pmq.Client;
using Pmq.Testing.Processes;

namespace Pmq.EndToEnd.Tests;

/// <summary>An agent as a process, on ports that the system picks unless the test says otherwise.</summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    private PmqClient? _client;

    private AgentProcess(ChildProcess process, string readyLine)
    {
        Process = process;
        ReadyLine = readyLine;
        using JsonDocument ready = JsonDocument.Parse(readyLine);
        PeerId = ready.RootElement.GetProperty("peerId").GetString()!;
        Addresses = [.. ready.RootElement.GetProperty("listen").EnumerateArray().Select(
            address => address.GetString()!)];
        Grpc = ready.RootElement.GetProperty("grpc").GetString()!;
        Http = ready.RootElement.GetProperty("http").GetString();
    }

    public ChildProcess Process { get; }

    public string ReadyLine { get; }

    public string PeerId { get; }

    public IReadOnlyList<string> Addresses { get; }

    public string Address => Addresses[0];

    public string Grpc { get; }

    public string? Http { get; }

    /// <summary>Starts an agent and waits until it is ready.</summary>
    public static Task<AgentProcess> StartAsync(params string[] arguments) => StartAsync(null, arguments);

    public static async Task<AgentProcess> StartAsync(
        IReadOnlyDictionary<string, string?>? environment, string[] arguments)
    {
        List<string> all = ["agent", .. arguments];
        AddUnlessGiven(all, "--listen", "/ip4/127.0.0.1/tcp/0");
        AddUnlessGiven(all, "--http", "127.0.0.1:0");
        if (environment?.ContainsKey("GRPC_PORT") != true)
        {
            AddUnlessGiven(all, "--grpc", "127.0.0.1:0");
        }

        ChildProcess process = PmqCommand.Start(environment, [.. all]);
        try
        {
            return new AgentProcess(process, await process.Output.TakeAsync(_ => true));
        }
        catch
        {
            string errors = process.Errors.Tail();
            await process.DisposeAsync();
            Assert.Fail($"the agent did not become ready: {errors}");
            throw;
        }
    }

    /// <summary>The test's own client: one, since an agent takes only so many connections.</summary>
    public PmqClient Client() => _client ??= new PmqClient(new PmqClientOptions { Address = Grpc });

    /// <summary>Publishes, and gives back the id.</summary>
    public async Task<string> PublishAsync(string topic, string text) =>
        (await Client().PublishAsync(topic, Encoding.UTF8.GetBytes(text), CancellationToken.None)).MessageId;

    /// <summary>Ends when so many peers are in the mesh of the topic.</summary>
    public async Task MeshedAsync(string topic, int count, TimeSpan? limit = null)
    {
        PmqClient client = Client();
        await Eventually.HoldsAsync(
            async () => (await client.ListPeersAsync(default)).Count(peer => peer.MeshTopics.Contains(topic)) >= count,
            limit);
    }

    /// <summary>A sample of /metrics; 0 while it is not there.</summary>
    public async Task<double> MetricAsync(string sample)
    {
        using var http = new HttpClient();
        string text = await http.GetStringAsync(new Uri($"http://{Http}/metrics"));
        string? line = text.Split('\n').FirstOrDefault(l => l.StartsWith(sample + " ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(
            line[(sample.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await Process.DisposeAsync();
    }

    private static void AddUnlessGiven(List<string> arguments, string flag, string value)
    {
        if (!arguments.Contains(flag))
        {
            arguments.AddRange([flag, value]);
        }
    }
}

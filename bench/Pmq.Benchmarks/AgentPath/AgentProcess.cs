using System.Text.Json;
using Pmq.Client;
using Pmq.Testing;
using Pmq.Testing.Processes;

namespace Pmq.Benchmarks.AgentPath;

/// <summary>An agent: <c>pmq agent</c>, the executable that users run.</summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    private readonly string _http;

    private AgentProcess(ChildProcess process, JsonElement ready)
    {
        Process = process;
        Address = ready.GetProperty("listen")[0].GetString()!;
        Grpc = ready.GetProperty("grpc").GetString()!;
        _http = ready.GetProperty("http").GetString()!;
    }

    public ChildProcess Process { get; }

    public string Address { get; }

    public string Grpc { get; }

    public static async Task<AgentProcess> StartAsync(string topic, string? peer)
    {
        string[] arguments =
        [
            "agent", "--listen", "/ip4/127.0.0.1/tcp/0", "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", "--topic", topic,
            .. peer is null ? Array.Empty<string>() : ["--peer", peer],
        ];
        ChildProcess process = ChildProcess.Start(
            Repository.Path("artifacts", "bin", "Pmq.Cli", "release", "pmq"), arguments);
        string ready = await process.Output.TakeAsync(_ => true);
        return new AgentProcess(process, JsonDocument.Parse(ready).RootElement);
    }

    /// <summary>Waits until the other agent is in the mesh.</summary>
    public async Task MeshedAsync(string topic)
    {
        using var client = new PmqClient(new PmqClientOptions { Address = Grpc });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(await client.ListPeersAsync(limit.Token)).Any(peer => peer.MeshTopics.Contains(topic)))
        {
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>What the agent says it dropped, and how examinations ended; for a run that has lost something.</summary>
    public async Task<string> LossesAsync()
    {
        using var http = new HttpClient();
        string metrics = await http.GetStringAsync(new Uri($"http://{_http}/metrics"));
        return string.Join("; ", metrics.Split('\n').Where(line =>
            (line.Contains("dropped", StringComparison.Ordinal) || line.Contains("outcomes", StringComparison.Ordinal))
            && line[0] != '#' && !line.EndsWith(" 0", StringComparison.Ordinal)));
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}

namespace Pmq.EndToEnd.Tests.GrpcJs;

/// <summary>
/// Two connected agents as processes and one js node that talks to both. Each test has topics of its own, and its
/// verifiers serve these alone.
/// </summary>
public sealed class JsTwoAgents : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private AgentProcess? _alice;
    private AgentProcess? _bob;
    private JsNode? _node;
    private JsClient? _atAlice;
    private JsClient? _atBob;

    internal AgentProcess Alice => _alice!;

    internal AgentProcess Bob => _bob!;

    internal JsNode Node => _node!;

    internal JsClient AtAlice => _atAlice!;

    internal JsClient AtBob => _atBob!;

    public async ValueTask InitializeAsync()
    {
        // On a loaded machine a message may be held longer than the five seconds of the default.
        string config = _folder.Write("pmq.yaml", "userAgent: js\npubsub:\n  msgValidator:\n    timeout: 60s\n");
        _node = await JsNode.StartAsync();
        _alice = await AgentProcess.StartAsync("--config", config);
        _bob = await AgentProcess.StartAsync("--config", config, "--peer", _alice.Address);
        _atAlice = await _node.ConnectAsync(_alice.Grpc);
        _atBob = await _node.ConnectAsync(_bob.Grpc);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable? part in new IAsyncDisposable?[] { _node, _bob, _alice })
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }

        _folder.Dispose();
    }

    /// <summary>Subscribes both agents through the node; when this returns, what Alice publishes reaches Bob.</summary>
    internal async Task JoinAsync(string topic)
    {
        await AtBob.SubscribeAsync(topic);
        await AtAlice.SubscribeAsync(topic);
        await Alice.MeshedAsync(topic, 1);
    }
}

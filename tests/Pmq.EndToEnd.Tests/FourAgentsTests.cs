using System.Collections.Concurrent;
using System.Text;
using Pmq.Client;

namespace Pmq.EndToEnd.Tests;

/// <summary>A crash of one of four agents, each with its own verifier and listener.</summary>
public sealed class FourAgentsTests
{
    private const string Topic = "demo";
    private const int Messages = 20;

    [Fact]
    public async Task The_crash_of_one_of_four_agents_is_survived_and_it_comes_back()
    {
        using var folder = new TemporaryFolder();
        string key = Path.Combine(folder.Path, "key");
        await PmqCommand.SucceedAsync("keygen", "--out", key);
        var agents = new List<AgentProcess>();
        var nodes = new List<Node>();
        try
        {
            for (int i = 0; i < 4; i++)
            {
                string[] peers = [.. agents.SelectMany(agent => new[] { "--peer", agent.Address })];
                agents.Add(await AgentProcess.StartAsync(
                    ["--topic", Topic, .. peers, .. i == 3 ? new[] { "--key", key } : []]));
                nodes.Add(await Node.AttachAsync(agents[i]));
            }

            foreach (AgentProcess agent in agents)
            {
                await agent.MeshedAsync(Topic, 3);
            }

            AgentProcess crashed = agents[3];
            crashed.Process.Kill();
            await crashed.Process.Exited;
            await nodes[3].DisposeAsync();

            HashSet<string> published = await PublishAsync(agents.Take(3));
            foreach (Node node in nodes.Take(3))
            {
                await node.HasAllAsync(published);
            }

            foreach (AgentProcess agent in agents.Take(3))
            {
                PmqClient client = agent.Client();
                await Eventually.HoldsAsync(
                    async () => (await client.ListPeersAsync(default)).All(peer => peer.PeerId != crashed.PeerId),
                    TimeSpan.FromSeconds(15));
            }

            agents[3] = await AgentProcess.StartAsync(
            [
                "--topic", Topic, "--key", key, "--grpc", crashed.Grpc, "--listen", WithoutPeer(crashed.Address),
                .. agents.Take(3).SelectMany(agent => new[] { "--peer", agent.Address }),
            ]);
            await crashed.DisposeAsync();
            long ready = TimeProvider.System.GetTimestamp();
            nodes[3] = await Node.AttachAsync(agents[3]);
            await agents[3].MeshedAsync(Topic, 1);
            string here = await agents[3].PublishAsync(Topic, "from the one that is back");
            string there = await agents[0].PublishAsync(Topic, "to the one that is back");
            foreach (Node node in nodes)
            {
                await node.HasAllAsync([here, there]);
            }

            Assert.Equal(crashed.PeerId, agents[3].PeerId);
            Assert.InRange(TimeProvider.System.GetElapsedTime(ready), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        }
        finally
        {
            foreach (Node node in nodes)
            {
                await node.DisposeAsync();
            }

            foreach (AgentProcess agent in agents)
            {
                await agent.DisposeAsync();
            }
        }
    }

    private static async Task<HashSet<string>> PublishAsync(IEnumerable<AgentProcess> agents)
    {
        var published = new HashSet<string>();
        foreach (AgentProcess agent in agents)
        {
            for (int i = 0; i < Messages; i++)
            {
                published.Add(await agent.PublishAsync(Topic, $"{agent.PeerId} {i}"));
            }
        }

        Assert.Equal(3 * Messages, published.Count);
        return published;
    }

    private static string WithoutPeer(string address) => address[..address.IndexOf("/p2p/", StringComparison.Ordinal)];

    /// <summary>A verifier that accepts and a listener that keeps, both of one agent.</summary>
    private sealed class Node : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping = new();
        private readonly ConcurrentDictionary<string, string> _delivered = new();
        private readonly SemaphoreSlim _attached = new(0);
        private readonly PmqClient _client;
        private Task _running = Task.CompletedTask;

        private Node(AgentProcess agent) => _client = new PmqClient(new PmqClientOptions { Address = agent.Grpc });

        public static async Task<Node> AttachAsync(AgentProcess agent)
        {
            var node = new Node(agent);
            node._running = Task.WhenAll(node.VerifyAsync(), node.ListenAsync());
            await node._attached.WaitAsync(Eventually.Generous);
            await node._attached.WaitAsync(Eventually.Generous);
            return node;
        }

        public Task HasAllAsync(IEnumerable<string> ids) =>
            Eventually.HoldsAsync(() => Task.FromResult(ids.All(_delivered.ContainsKey)));

        public async ValueTask DisposeAsync()
        {
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            await _stopping.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
            _client.Dispose();
        }

        private Task VerifyAsync() => new Verifier(
            _client,
            new VerifierOptions { OnConnected = () => _attached.Release() },
            _ => AgentVerdict.Accept).RunAsync(_stopping.Token);

        private async Task ListenAsync()
        {
            var settings = new ListenSettings { OnConnected = () => _attached.Release() };
            await foreach (AgentMessage message in _client.ListenAsync(settings, _stopping.Token))
            {
                _delivered.TryAdd(message.MessageId, Encoding.UTF8.GetString(message.Data.Span));
            }
        }
    }
}

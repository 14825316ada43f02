using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Pmq.Client;

namespace Pmq.EndToEnd.Tests;

/// <summary>The SDK against agents that die and connections that break.</summary>
public sealed class ClientTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(2));

    public void Dispose()
    {
        _folder.Dispose();
        _limit.Dispose();
    }

    [Fact]
    public async Task Every_publication_ends_with_its_id_though_the_agent_is_killed_in_the_middle()
    {
        string socket = "unix:" + Path.Combine(_folder.Path, "agent.sock");
        using var client = new PmqClient(socket);
        await using var producer = new Producer(client, new ProducerOptions { MaxInFlight = 64 });
        Task<Publication>[] publishing;
        await using (AgentProcess first = await AgentProcess.StartAsync("--grpc", socket))
        {
            publishing =
            [
                .. Enumerable.Range(0, 5000).Select(i => producer.PublishAsync("prices", Data(i), _limit.Token).AsTask()),
            ];
            await publishing[300];
            first.Process.Kill();
        }

        Assert.Contains(publishing, task => !task.IsCompleted);
        await using AgentProcess second = await AgentProcess.StartAsync("--grpc", socket);
        Publication[] publications = await Task.WhenAll(publishing).WaitAsync(_limit.Token);

        Assert.Equal(
            Enumerable.Range(0, 5000).Select(i => Convert.ToHexStringLower(SHA256.HashData(Data(i)).AsSpan(0, 20))),
            publications.Select(publication => publication.MessageId));
    }

    [Fact]
    public async Task Every_message_is_judged_once_and_delivered_once_though_the_verifiers_connection_breaks()
    {
        const int Count = 600;
        string patient = _folder.Write("agent.yaml", "pubsub:\n  msgValidator:\n    timeout: 1m\n");
        await using AgentProcess author = await AgentProcess.StartAsync("--topic", "prices");
        await using AgentProcess node = await AgentProcess.StartAsync(
            "--config", patient, "--topic", "prices", "--peer", author.Address);
        await using var relay = new Relay(node.Grpc);
        using var stopping = new CancellationTokenSource();
        var judged = new ConcurrentDictionary<string, int>();
        int calls = 0;
        using var verifying = new PmqClient(relay.Address);
        Task verifier = new Verifier(verifying, new VerifierOptions { Topics = ["prices"] }, async (message, _) =>
        {
            await Task.Yield();
            judged.AddOrUpdate(message.MessageId, 1, (_, before) => before + 1);
            if (Interlocked.Increment(ref calls) % 150 == 0)
            {
                relay.Cut();
            }

            return AgentVerdict.Accept;
        }).RunAsync(stopping.Token);
        var delivered = new ConcurrentQueue<string>();
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new ProcessorOptions { Topics = ["prices"], OnConnected = () => listening.TrySetResult() };
        Task processor = new Processor(node.Client(), options, message =>
        {
            delivered.Enqueue(message.MessageId);
            if (delivered.Count == Count)
            {
                all.SetResult();
            }
        }).RunAsync(stopping.Token);
        await listening.Task.WaitAsync(_limit.Token);
        await author.MeshedAsync("prices", 1);

        await using var producer = new Producer(author.Client());
        Publication[] published = await Task.WhenAll(
            Enumerable.Range(0, Count).Select(i => producer.PublishAsync("prices", Data(i), _limit.Token).AsTask()));
        await all.Task.WaitAsync(_limit.Token);

        Assert.Equal(published.Select(p => p.MessageId).Order(), delivered.Order());
        Assert.Equal(Count, judged.Count);
        Assert.All(judged, pair => Assert.Equal(1, pair.Value));
        await stopping.CancelAsync();
        await verifier.WaitAsync(_limit.Token);
        await processor.WaitAsync(_limit.Token);
    }

    private static byte[] Data(int i) => Encoding.UTF8.GetBytes($"ETH/USD {i}");
}

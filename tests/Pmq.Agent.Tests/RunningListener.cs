using System.Threading.Channels;
using Pmq.Client;

namespace Pmq.Agent.Tests;

/// <summary>A listener that keeps what comes, until it is disposed.</summary>
internal sealed class RunningListener : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<AgentMessage> _messages = Channel.CreateUnbounded<AgentMessage>();
    private readonly Task _running;

    public RunningListener(PmqClient client, params string[] topics) => _running = RunAsync(client, topics);

    public Task Attached => Task.WhenAny(_attached.Task, _running).Unwrap().WaitAsync(Waits.Generous);

    public ValueTask<AgentMessage> NextAsync(CancellationToken cancellationToken) =>
        _messages.Reader.ReadAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync(PmqClient client, string[] topics)
    {
        var settings = new ListenSettings { Topics = topics, OnConnected = () => _attached.TrySetResult() };
        try
        {
            await foreach (AgentMessage message in client.ListenAsync(settings, _stopping.Token))
            {
                await _messages.Writer.WriteAsync(message);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}

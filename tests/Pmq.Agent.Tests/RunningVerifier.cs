using Pmq.Client;

namespace Pmq.Agent.Tests;

/// <summary>A verifier that runs until it is disposed.</summary>
internal sealed class RunningVerifier : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _judged = [];
    private readonly Task _running;

    public RunningVerifier(PmqClient client, string topic, AgentVerdict verdict)
        : this(client, topic, _ => verdict)
    {
    }

    public RunningVerifier(PmqClient client, string topic, Func<AgentMessage, AgentVerdict> verdict) =>
        _running = client.VerifyAsync(
            new VerifySettings { Topics = [topic], OnConnected = () => _attached.TrySetResult() },
            (message, _) =>
            {
                lock (_judged)
                {
                    _judged.Add(message.MessageId);
                }

                return ValueTask.FromResult(verdict(message));
            },
            _stopping.Token);

    public Task Attached => Task.WhenAny(_attached.Task, _running).Unwrap().WaitAsync(Waits.Generous);

    public IReadOnlyList<string> Judged
    {
        get
        {
            lock (_judged)
            {
                return [.. _judged];
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        _stopping.Dispose();
    }
}

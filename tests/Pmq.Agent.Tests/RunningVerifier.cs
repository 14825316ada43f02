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
        _running = new Verifier(
            client,
            new VerifierOptions
            {
                Topics = [topic],
                MaxConcurrency = 1,
                OnConnected = () => _attached.TrySetResult(),
            },
            message =>
            {
                lock (_judged)
                {
                    _judged.Add(message.MessageId);
                }

                return verdict(message);
            }).RunAsync(_stopping.Token);

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
        await _running;
        _stopping.Dispose();
    }
}

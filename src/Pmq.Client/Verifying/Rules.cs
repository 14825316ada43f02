using System.Collections.Concurrent;

namespace Pmq.Client.Verifying;

/// <summary>
/// Asks the node's rules within their time. Tokens are used again, so that a message that is judged at once costs none.
/// </summary>
/// <param name="verify">The rules.</param>
/// <param name="timeout">How long they may take for one message.</param>
/// <param name="time">The clock of the timeout.</param>
/// <param name="stopping">Cancels every token.</param>
internal sealed class Rules(
    Func<AgentMessage, CancellationToken, ValueTask<AgentVerdict>> verify,
    TimeSpan timeout,
    TimeProvider time,
    CancellationToken stopping) : IDisposable
{
    private readonly ConcurrentStack<Limit> _free = new();

    /// <summary>Asks for a verdict; its limit is to be released when the rules have returned.</summary>
    public Judging Start(AgentMessage message)
    {
        if (!_free.TryPop(out Limit? limit))
        {
            limit = new Limit(time, stopping);
        }

        limit.Source.CancelAfter(timeout);
        try
        {
            return new Judging(verify(message, limit.Source.Token), limit);
        }
        catch (Exception fault)
        {
            return new Judging(ValueTask.FromException<AgentVerdict>(fault), limit);
        }
    }

    /// <summary>The rules have returned.</summary>
    public void Release(Limit limit)
    {
        if (limit.Source.TryReset())
        {
            _free.Push(limit);
        }
        else
        {
            limit.Dispose();
        }
    }

    public void Dispose()
    {
        while (_free.TryPop(out Limit? limit))
        {
            limit.Dispose();
        }
    }

    /// <summary>A token source that is cancelled with the run; reused.</summary>
    internal sealed class Limit : IDisposable
    {
        private readonly CancellationTokenRegistration _stopping;

        public Limit(TimeProvider time, CancellationToken stopping)
        {
            Source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
            _stopping = stopping.UnsafeRegister(
                static source => ((CancellationTokenSource)source!).Cancel(), Source);
        }

        public CancellationTokenSource Source { get; }

        public void Dispose()
        {
            _stopping.Dispose();
            Source.Dispose();
        }
    }

    /// <summary>The rules at work on one message.</summary>
    internal readonly record struct Judging(ValueTask<AgentVerdict> Verdict, Limit Limit);
}

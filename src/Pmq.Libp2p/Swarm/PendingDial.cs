using System.Diagnostics.CodeAnalysis;

namespace Pmq.Libp2p.Swarm;

/// <summary>A dial that is under way, and whoever waits for it.</summary>
[SuppressMessage(
    "Design",
    "CA1001:Types that own disposable fields should be disposable",
    Justification = "The source has no timer, and whoever leaves last may cancel it after the dial has ended.")]
internal sealed class PendingDial
{
    private readonly CancellationTokenSource _abandoned = new();
    private readonly TaskCompletionSource<SwarmConnection> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Those who wait; guarded by the dialer's lock.</summary>
    public int Waiters { get; set; }

    /// <summary>The connection, or a <see cref="Pmq.Core.Hosting.DialException"/>.</summary>
    public Task<SwarmConnection> Result => _result.Task;

    /// <summary>Signalled when nobody waits any more, or a connection came from the other side.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>Gives up what is under way.</summary>
    public void Abandon() => _abandoned.Cancel();

    /// <summary>Gives everybody who waits their connection.</summary>
    public void Succeed(SwarmConnection connection) => _result.TrySetResult(connection);

    /// <summary>Tells everybody who waits why there is none.</summary>
    public void Fail(Exception error)
    {
        _result.TrySetException(error);

        // All who waited may be gone.
        _ = _result.Task.Exception;
    }
}

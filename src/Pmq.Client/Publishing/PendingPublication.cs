namespace Pmq.Client.Publishing;

/// <summary>
/// A publication whose caller waits. It is completed, and its data read, under a lock of its own: the caller may use
/// its memory again as soon as it has its answer.
/// </summary>
internal sealed class PendingPublication(string topic, ReadOnlyMemory<byte> data, long started)
    : TaskCompletionSource<Publication>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public string Topic => topic;

    public ReadOnlyMemory<byte> Data => data;

    /// <summary>Timestamp of the call.</summary>
    public long Started => started;

    public CancellationTokenRegistration Cancellation { get; set; }

    public bool IsDone => Task.IsCompleted;

    /// <summary>Whether it was sent on the present stream. Guarded by the queue's lock.</summary>
    public bool IsSent { get; set; }

    public bool TryComplete(Publication publication)
    {
        lock (this)
        {
            if (!TrySetResult(publication))
            {
                return false;
            }
        }

        Cancellation.Unregister();
        return true;
    }

    public bool TryFail(Exception fault)
    {
        lock (this)
        {
            if (!TrySetException(fault))
            {
                return false;
            }
        }

        Cancellation.Unregister();
        return true;
    }

    public bool TryCancel(CancellationToken cancellationToken)
    {
        lock (this)
        {
            return TrySetCanceled(cancellationToken);
        }
    }
}

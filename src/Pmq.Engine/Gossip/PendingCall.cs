namespace Pmq.Engine.Gossip;

/// <summary>Somebody who waits for the router's owner.</summary>
internal interface IWaitingCaller
{
    /// <summary>It will not come to it: the router has ended.</summary>
    void Fail(Exception reason);
}

/// <summary>A call of the façade that waits for the router's owner.</summary>
internal interface IPendingCall : IWaitingCaller
{
    /// <summary>Runs on the router.</summary>
    void Run(TimeSpan now);
}

/// <summary>A call that returns something. Its continuation runs on the thread pool.</summary>
internal sealed class PendingCall<T>(Func<TimeSpan, T> call)
    : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously), IPendingCall
{
    public void Run(TimeSpan now)
    {
        try
        {
            TrySetResult(call(now));
        }
        catch (Exception fault)
        {
            TrySetException(fault);
            throw;
        }
    }

    public void Fail(Exception reason) => TrySetException(reason);
}

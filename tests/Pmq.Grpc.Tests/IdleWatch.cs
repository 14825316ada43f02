using Microsoft.AspNetCore.Http;

namespace Pmq.Grpc.Tests;

/// <summary>Counts the requests under way on a server.</summary>
internal sealed class IdleWatch
{
    private readonly Lock _lock = new();
    private readonly List<TaskCompletionSource<int>> _waiters = [];
    private int _active;

    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        lock (_lock)
        {
            _active++;
        }

        try
        {
            await next(http);
        }
        finally
        {
            lock (_lock)
            {
                _active--;
                Settle();
            }
        }
    }

    /// <summary>Zero, as soon as it is.</summary>
    public Task<int> WhenIdleAsync()
    {
        var waiter = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiters.Add(waiter);
            Settle();
        }

        return waiter.Task;
    }

    private void Settle()
    {
        if (_active == 0)
        {
            _waiters.ForEach(waiter => waiter.TrySetResult(0));
            _waiters.Clear();
        }
    }
}

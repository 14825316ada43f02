namespace Pmq.Libp2p.Swarm;

/// <summary>
/// Tasks that one owner has started and waits for at its end. How many run at once is bounded by whatever the owner
/// starts them for. Thread-safe.
/// </summary>
internal sealed class OwnedTasks
{
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>Tasks that have not ended.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _running.Count;
            }
        }
    }

    /// <summary>Starts <paramref name="body"/>, which must not throw, on the thread pool.</summary>
    public void Run(Func<Task> body)
    {
        Task task = Task.Run(body);
        lock (_gate)
        {
            _running.Add(task);
        }

        task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Completes when everything that was started, also meanwhile, has ended; faulted if one of them threw.</summary>
    public async Task WhenEmptyAsync()
    {
        while (true)
        {
            Task[] running;
            lock (_gate)
            {
                running = [.. _running];
            }

            if (running.Length == 0)
            {
                return;
            }

            await Task.WhenAll(running);
        }
    }

    private void Forget(Task task)
    {
        lock (_gate)
        {
            _running.Remove(task);
        }
    }
}

namespace Pmq.Testing.Processes;

/// <summary>The lines of one output of a process, in order. A line that was awaited is taken once.</summary>
public sealed class LineLog
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<bool> _taken = [];
    private readonly string _name;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ended;

    internal LineLog(string name) => _name = name;

    /// <summary>Every line so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Takes the first line, past or future, that satisfies <paramref name="condition"/>.</summary>
    /// <param name="condition">What is waited for.</param>
    /// <param name="timeout">Default 60 s: long enough to mean that it will not come.</param>
    /// <exception cref="TimeoutException">It did not come in time, or the process ended without it; the message has the last lines.</exception>
    public async Task<string> TakeAsync(Func<string, bool> condition, TimeSpan? timeout = null)
    {
        using var deadline = new CancellationTokenSource(timeout ?? TimeSpan.FromSeconds(60));
        for (int from = 0; ;)
        {
            Task changed;
            bool ended;
            lock (_gate)
            {
                for (; from < _lines.Count; from++)
                {
                    if (!_taken[from] && condition(_lines[from]))
                    {
                        _taken[from] = true;
                        return _lines[from];
                    }
                }

                changed = _changed.Task;
                ended = _ended;
            }

            if (ended)
            {
                throw new TimeoutException($"{_name} ended without the awaited line.\n{Tail()}");
            }

            try
            {
                await changed.WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{_name} did not print the awaited line in time.\n{Tail()}");
            }
        }
    }

    /// <summary>The last lines, for the message of a failure.</summary>
    public string Tail(int count = 30)
    {
        lock (_gate)
        {
            return string.Join('\n', _lines.TakeLast(count).Select(l => l.Length > 2000 ? l[..2000] + "…" : l));
        }
    }

    internal void Add(string line)
    {
        lock (_gate)
        {
            _lines.Add(line);
            _taken.Add(false);
        }

        Pulse();
    }

    internal void End()
    {
        lock (_gate)
        {
            _ended = true;
        }

        Pulse();
    }

    private void Pulse()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}

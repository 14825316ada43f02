using System.Collections.Concurrent;
using System.Text.Json;
using Pmq.Testing.Processes;

namespace Pmq.Testing.Peers;

/// <summary>
/// A process that is scripted by one JSON object a line: requests <c>{id, op, …}</c> to its standard input, answers
/// <c>{id, ok, …}</c> and events <c>{event, …}</c> on its standard output.
/// </summary>
public sealed class ScriptedPeer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _calls = new();
    private readonly LineLog _events = new("a peer's events");
    private readonly ChildProcess _process;
    private readonly Task _exit;
    private int _nextCall;

    /// <summary>Starts the process.</summary>
    /// <param name="start">Starts it with the given filter of its standard output.</param>
    public ScriptedPeer(Func<Func<string, bool>, ChildProcess> start)
    {
        _process = start(Take);
        _exit = FailCallsAtExitAsync();
    }

    /// <summary>The process, to kill it.</summary>
    public ChildProcess Process => _process;

    /// <summary>Runs an op and returns its answer.</summary>
    /// <param name="op">Its name.</param>
    /// <param name="arguments">Its arguments, as an anonymous object; byte arrays travel as base64.</param>
    /// <param name="timeout">Default 60 s.</param>
    /// <exception cref="ScriptedPeerException">It answered with an error.</exception>
    /// <exception cref="TimeoutException">It did not answer, or ended.</exception>
    public async Task<JsonElement> CallAsync(string op, object? arguments = null, TimeSpan? timeout = null)
    {
        int id = Interlocked.Increment(ref _nextCall);
        var request = JsonSerializer.SerializeToNode(arguments ?? new object())!.AsObject();
        request["id"] = id;
        request["op"] = op;
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls[id] = answer;
        try
        {
            await _process.WriteLineAsync(request.ToJsonString());
            return await answer.Task.WaitAsync(timeout ?? Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The peer did not answer {op}.\n{_events.Tail()}\n{_process.Errors.Tail()}");
        }
        finally
        {
            _calls.TryRemove(id, out _);
        }
    }

    /// <summary>Takes the first event of that name, past or future, that satisfies <paramref name="matches"/>.</summary>
    /// <exception cref="TimeoutException">It did not come; default of the limit 60 s.</exception>
    public async Task<JsonElement> EventAsync(
        string name, Func<JsonElement, bool>? matches = null, TimeSpan? timeout = null)
    {
        string start = $"{{\"event\":\"{name}\"";
        try
        {
            return Parse(await _events.TakeAsync(
                l => l.StartsWith(start, StringComparison.Ordinal) && (matches is null || matches(Parse(l))),
                timeout ?? Patience));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"No event {name}. {e.Message}\n{_process.Errors.Tail()}");
        }
    }

    /// <summary>All events of that name so far, whether taken or not.</summary>
    public IReadOnlyList<JsonElement> EventsSoFar(string name) =>
        [.. _events.Lines.Select(Parse).Where(e => e.GetProperty("event").GetString() == name)];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _exit;
    }

    private static JsonElement Parse(string line) => JsonDocument.Parse(line).RootElement;

    private bool Take(string line)
    {
        JsonElement message;
        try
        {
            message = Parse(line);
        }
        catch (JsonException)
        {
            return false;
        }

        if (!message.TryGetProperty("id", out var id))
        {
            _events.Add(line);
            return true;
        }

        if (_calls.TryRemove(id.GetInt32(), out var call))
        {
            if (message.GetProperty("ok").GetBoolean())
            {
                call.SetResult(message);
            }
            else
            {
                call.SetException(new ScriptedPeerException(
                    message.GetProperty("error").GetString()!, message.GetProperty("message").GetString()!));
            }
        }

        return true;
    }

    private async Task FailCallsAtExitAsync()
    {
        await _process.Exited;

        _events.End();
        foreach (var call in _calls.Values)
        {
            call.TrySetException(new TimeoutException("The peer ended."));
        }
    }
}

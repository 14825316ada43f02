using Microsoft.Extensions.Logging;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Engine.Runtime;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;

namespace Pmq.Engine.Gossip;

/// <summary>
/// Checks signatures on loops of its own. Topics take turns, and on each topic the peers, so that a flood delays nobody
/// else; results leave in the order in which one peer's messages on one topic came. What waits is bounded by the router, which admits it.
/// </summary>
internal sealed class SignatureWorkers : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Topic, GossipPeer? From), Line> _lines = [];
    private readonly FairQueue<Item> _unchecked = new();
    private readonly SemaphoreSlim _available = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly int _workerCount;
    private readonly Action<GossipMessage, SignatureVerdict?> _onChecked;
    private readonly Action _drive;
    private readonly ILogger _logger;
    private Task[] _workers = [];

    /// <summary>Makes the workers; <see cref="Start"/> starts them.</summary>
    /// <param name="workerCount">How many loops.</param>
    /// <param name="onChecked">Takes each result, under the lock: it only queues. Null is a fault of ours.</param>
    /// <param name="drive">Called outside the lock after results came.</param>
    /// <param name="logger">Logs.</param>
    public SignatureWorkers(
        int workerCount, Action<GossipMessage, SignatureVerdict?> onChecked, Action drive, ILogger logger)
    {
        _workerCount = workerCount;
        _onChecked = onChecked;
        _drive = drive;
        _logger = logger;
    }

    public void Start() => _workers = [.. Enumerable.Range(0, _workerCount).Select(_ => Task.Run(RunAsync))];

    public void Enqueue(GossipMessage message)
    {
        lock (_gate)
        {
            Line line = LineOf(message);
            var item = new Item(message, line);
            line.All.Enqueue(item);
            _unchecked.Enqueue(message.Topic, message.ReceivedFrom, item, Turns.Of(message.Frame.Length));
        }

        _available.Release();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_workers);
        _stopping.Dispose();
        _available.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _available.WaitAsync(_stopping.Token);
                Item item = Take();
                SignatureVerdict? verdict = Check(item.Message);
                Finish(item, verdict);
                _drive();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The end of the loop.
        }
    }

    private Line LineOf(GossipMessage message)
    {
        (string, GossipPeer?) key = (message.Topic, message.ReceivedFrom);
        if (!_lines.TryGetValue(key, out Line? line))
        {
            line = new Line(key);
            _lines.Add(key, line);
        }

        return line;
    }

    private Item Take()
    {
        lock (_gate)
        {
            return _unchecked.TryDequeue(out Item item)
                ? item
                : throw new InvariantException("A signature worker was woken for nothing.");
        }
    }

    private SignatureVerdict? Check(GossipMessage message)
    {
        try
        {
            return MessageVerifier.Verify(message);
        }
        catch (Exception fault)
        {
            Log.SignatureCheckFailed(_logger, fault);
            return null;
        }
    }

    private void Finish(Item item, SignatureVerdict? verdict)
    {
        Line line = item.Line;
        lock (_gate)
        {
            item.Verdict = verdict;
            item.IsChecked = true;
            while (line.All.TryPeek(out Item? first) && first.IsChecked)
            {
                line.All.Dequeue();
                _onChecked(first.Message, first.Verdict);
            }

            if (line.All.Count == 0)
            {
                _lines.Remove(line.Key);
            }
        }
    }

    /// <summary>What one peer handed over on one topic and has not left yet, in order of arrival.</summary>
    private sealed class Line((string Topic, GossipPeer? From) key)
    {
        public (string Topic, GossipPeer? From) Key { get; } = key;

        public Queue<Item> All { get; } = new();
    }

    private sealed class Item(GossipMessage message, Line line)
    {
        public GossipMessage Message { get; } = message;

        public Line Line { get; } = line;

        public SignatureVerdict? Verdict { get; set; }

        public bool IsChecked { get; set; }
    }
}

using Microsoft.Extensions.Logging;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Messages;

namespace Pmq.Engine.Gossip;

/// <summary>
/// Checks signatures on loops of its own, a message of each topic in turn, so that a flooded topic delays no other;
/// results leave in the order in which a topic's messages came. What waits is bounded by the router, which admits it.
/// </summary>
internal sealed class SignatureWorkers : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TopicLine> _topics = new(StringComparer.Ordinal);
    private readonly Queue<TopicLine> _ready = new();
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
            if (!_topics.TryGetValue(message.Topic, out TopicLine? line))
            {
                line = new TopicLine(message.Topic);
                _topics.Add(message.Topic, line);
            }

            var item = new Item(message);
            line.All.Enqueue(item);
            line.Unchecked.Enqueue(item);
            if (line.Unchecked.Count == 1)
            {
                _ready.Enqueue(line);
            }
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
                (TopicLine line, Item item) = Take();
                SignatureVerdict? verdict = Check(item.Message);
                Finish(line, item, verdict);
                _drive();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The end of the loop.
        }
    }

    private (TopicLine Line, Item Item) Take()
    {
        lock (_gate)
        {
            TopicLine line = _ready.Dequeue();
            Item item = line.Unchecked.Dequeue();
            if (line.Unchecked.Count > 0)
            {
                _ready.Enqueue(line);
            }

            return (line, item);
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

    private void Finish(TopicLine line, Item item, SignatureVerdict? verdict)
    {
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
                _topics.Remove(line.Topic);
            }
        }
    }

    private sealed class TopicLine(string topic)
    {
        public string Topic { get; } = topic;

        /// <summary>What has not left yet, in order of arrival.</summary>
        public Queue<Item> All { get; } = new();

        /// <summary>What no worker has taken.</summary>
        public Queue<Item> Unchecked { get; } = new();
    }

    private sealed class Item(GossipMessage message)
    {
        public GossipMessage Message { get; } = message;

        public SignatureVerdict? Verdict { get; set; }

        public bool IsChecked { get; set; }
    }
}

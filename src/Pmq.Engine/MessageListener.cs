using System.Threading.Channels;
using Pmq.Engine.Runtime;

namespace Pmq.Engine;

/// <summary>Accepted messages as they come. Dispose to stop.</summary>
public sealed class MessageListener : IAsyncDisposable
{
    private readonly HashSet<string>? _topics;
    private readonly Channel<ReceivedMessage> _queue;
    private readonly Action<MessageListener> _leave;
    private readonly Action<ListenerDrop> _onDropped;
    private readonly bool _isLimited;
    private TokenBucket _bucket;
    private long _dropped;

    internal MessageListener(
        ListenOptions options, TimeSpan now, Action<MessageListener> leave, Action<ListenerDrop> onDropped)
    {
        _topics = options.Topics.Count == 0 ? null : new HashSet<string>(options.Topics, StringComparer.Ordinal);
        _isLimited = options.MaxRate > 0;
        _bucket = new TokenBucket(options.MaxRate, now);
        _leave = leave;
        _onDropped = onDropped;
        _queue = Channel.CreateBounded<ReceivedMessage>(
            new BoundedChannelOptions(options.QueueSize)
            {
                FullMode = BoundedChannelFullMode.DropOldest,
                SingleReader = true,
                SingleWriter = true,
            },
            _ => CountDrop(ListenerDrop.QueueFull));
    }

    /// <summary>Messages that this listener did not get: rate limit or full queue.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Messages that wait to be read.</summary>
    internal int QueuedCount => _queue.Reader.Count;

    /// <summary>
    /// The messages, in order of acceptance; ends when the peer or the listener is disposed. One reader.
    /// </summary>
    public IAsyncEnumerable<ReceivedMessage> ReadAllAsync(CancellationToken cancellationToken) =>
        _queue.Reader.ReadAllAsync(cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _leave(this);
        Complete();
        return ValueTask.CompletedTask;
    }

    internal bool Wants(string topic) => _topics is null || _topics.Contains(topic);

    /// <summary>Called by the router's owner only.</summary>
    internal void Offer(ReceivedMessage message, TimeSpan now)
    {
        if (_isLimited && !_bucket.TryTake(now))
        {
            CountDrop(ListenerDrop.Rate);
            return;
        }

        _queue.Writer.TryWrite(message);
    }

    /// <summary>Ends the enumeration once what is queued was read.</summary>
    internal void Complete() => _queue.Writer.TryComplete();

    private void CountDrop(ListenerDrop reason)
    {
        Interlocked.Increment(ref _dropped);
        _onDropped(reason);
    }
}

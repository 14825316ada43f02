namespace Pmq.Engine.Gossip;

/// <summary>Who listens. Changed under a lock, read by the router's owner without one.</summary>
internal sealed class ListenerRegistry(EngineMetrics metrics)
{
    private readonly Lock _gate = new();
    private volatile MessageListener[] _listeners = [];
    private bool _isComplete;

    public MessageListener Add(ListenOptions options, TimeSpan now)
    {
        var listener = new MessageListener(options, now, Remove, metrics.CountListenerDrop);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isComplete, typeof(PmqPeer));
            _listeners = [.. _listeners, listener];
        }

        return listener;
    }

    public bool IsWanted(string topic)
    {
        foreach (MessageListener listener in _listeners)
        {
            if (listener.Wants(topic))
            {
                return true;
            }
        }

        return false;
    }

    public void Deliver(ReceivedMessage message, TimeSpan now)
    {
        foreach (MessageListener listener in _listeners)
        {
            if (listener.Wants(message.Topic))
            {
                listener.Offer(message, now);
            }
        }
    }

    /// <summary>Messages that wait for their listeners.</summary>
    public long QueuedCount => _listeners.Sum(listener => (long)listener.QueuedCount);

    public int Count => _listeners.Length;

    /// <summary>Ends every listener's enumeration.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
        }

        foreach (MessageListener listener in _listeners)
        {
            listener.Complete();
        }
    }

    private void Remove(MessageListener listener)
    {
        lock (_gate)
        {
            _listeners = [.. _listeners.Where(other => other != listener)];
        }
    }
}

namespace Pmq.Simulation.Links;

/// <summary>Frames of one class that wait for a peer, in order.</summary>
internal sealed class OutboundLane
{
    private readonly Queue<(Frame Frame, long Since)> _frames = new();
    private readonly HashSet<int> _messages = [];

    public long Bytes { get; private set; }

    /// <summary>Since when the first one waits; for ever when there is none.</summary>
    public long Since => _frames.TryPeek(out (Frame, long Since) first) ? first.Since : long.MaxValue;

    public bool Contains(int messageNumber) => _messages.Contains(messageNumber);

    public void Add(Frame frame, long now)
    {
        _frames.Enqueue((frame, now));
        Bytes += frame.WireLength;
        if (frame.MessageNumber >= 0)
        {
            _messages.Add(frame.MessageNumber);
        }
    }

    public bool TryTake(out Frame frame, out long since)
    {
        if (!_frames.TryDequeue(out (Frame Frame, long Since) first))
        {
            (frame, since) = (null!, 0);
            return false;
        }

        (frame, since) = first;
        Forget(frame);
        return true;
    }

    /// <summary>Takes a message out of the midst; returns how many frames that were, one or none.</summary>
    public int Remove(int messageNumber)
    {
        if (!_messages.Contains(messageNumber))
        {
            return 0;
        }

        int removed = 0;
        for (int i = _frames.Count; i > 0; i--)
        {
            (Frame Frame, long Since) waiting = _frames.Dequeue();
            if (waiting.Frame.MessageNumber == messageNumber)
            {
                Forget(waiting.Frame);
                removed++;
            }
            else
            {
                _frames.Enqueue(waiting);
            }
        }

        return removed;
    }

    private void Forget(Frame frame)
    {
        Bytes -= frame.WireLength;
        _messages.Remove(frame.MessageNumber);
    }
}

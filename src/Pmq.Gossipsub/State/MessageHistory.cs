using System.Runtime.InteropServices;
using Pmq.Gossipsub.Messages;

namespace Pmq.Gossipsub.State;

/// <summary>
/// The messages of the last heartbeats, to be advertised and asked for (<c>mcache</c>): a ring in order of arrival, cut
/// into windows, with a cap of bytes beyond which the oldest go early.
/// </summary>
internal sealed class MessageHistory
{
    private readonly Dictionary<MessageId, GossipMessage> _byId;
    private readonly int[] _windows;
    private readonly int _gossipWindows;
    private readonly long _maxBytes;
    private GossipMessage?[] _ring = new GossipMessage?[16];
    private int _head;
    private long _bytes;

    public MessageHistory(int length, int gossip, long maxBytes, MessageKeyComparer comparer)
    {
        _windows = new int[length];
        _gossipWindows = gossip;
        _maxBytes = maxBytes;
        _byId = new Dictionary<MessageId, GossipMessage>(comparer);
    }

    /// <summary>Messages in the ring.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of their frames.</summary>
    public long Bytes => _bytes;

    /// <summary>Messages that left early for the cap of bytes.</summary>
    public long Evictions { get; private set; }

    /// <summary>
    /// The messages with an id, one for each topic that holds it, linked by <see cref="GossipMessage.NextInHistory"/>.
    /// </summary>
    public GossipMessage? Find(in MessageId id) => _byId.GetValueOrDefault(id);

    /// <summary>Takes a message into the youngest window, in place of one with its topic and id.</summary>
    public void Put(GossipMessage message)
    {
        if (message.IsInHistory)
        {
            return;
        }

        Unlink(Find(message.Id, message.Topic));
        ref GossipMessage? first = ref CollectionsMarshal.GetValueRefOrAddDefault(_byId, message.Id, out _);
        message.NextInHistory = first;
        message.IsInHistory = true;
        first = message;
        Append(message);
        while (_bytes > _maxBytes && Count > 1)
        {
            Evictions++;
            DropOldest();
        }
    }

    /// <summary>Begins a window; the oldest one is forgotten.</summary>
    public void Shift()
    {
        for (int oldest = _windows[^1]; oldest > 0; oldest--)
        {
            DropOldest();
        }

        for (int i = _windows.Length - 1; i > 0; i--)
        {
            _windows[i] = _windows[i - 1];
        }

        _windows[0] = 0;
    }

    /// <summary>How many of the youngest messages are advertised; see <see cref="FromYoungest"/>.</summary>
    public int GossipCount
    {
        get
        {
            int count = 0;
            for (int i = 0; i < _gossipWindows; i++)
            {
                count += _windows[i];
            }

            return count;
        }
    }

    /// <summary>
    /// The message that arrived as the <paramref name="index"/>-th from the youngest; null if another took its place.
    /// </summary>
    public GossipMessage? FromYoungest(int index)
    {
        GossipMessage message = _ring[(_head + Count - 1 - index) & (_ring.Length - 1)]!;
        return message.IsInHistory ? message : null;
    }

    private GossipMessage? Find(in MessageId id, string topic)
    {
        GossipMessage? message = Find(id);
        while (message is not null && message.Topic != topic)
        {
            message = message.NextInHistory;
        }

        return message;
    }

    private void Append(GossipMessage message)
    {
        if (Count == _ring.Length)
        {
            GossipMessage?[] larger = new GossipMessage?[_ring.Length * 2];
            for (int i = 0; i < Count; i++)
            {
                larger[i] = _ring[(_head + i) & (_ring.Length - 1)];
            }

            (_ring, _head) = (larger, 0);
        }

        _ring[(_head + Count) & (_ring.Length - 1)] = message;
        Count++;
        _windows[0]++;
        _bytes += message.Frame.Length;
    }

    private void DropOldest()
    {
        GossipMessage message = _ring[_head]!;
        _ring[_head] = null;
        _head = (_head + 1) & (_ring.Length - 1);
        Count--;
        _bytes -= message.Frame.Length;
        int window = _windows.Length - 1;
        while (_windows[window] == 0)
        {
            window--;
        }

        _windows[window]--;
        Unlink(message);
    }

    private void Unlink(GossipMessage? message)
    {
        if (message is null || !message.IsInHistory)
        {
            return;
        }

        GossipMessage first = _byId[message.Id];
        if (first != message)
        {
            while (first.NextInHistory != message)
            {
                first = first.NextInHistory!;
            }

            first.NextInHistory = message.NextInHistory;
        }
        else if (message.NextInHistory is { } next)
        {
            _byId[message.Id] = next;
        }
        else
        {
            _byId.Remove(message.Id);
        }

        message.NextInHistory = null;
        message.IsInHistory = false;
        message.Requests = null;
    }
}

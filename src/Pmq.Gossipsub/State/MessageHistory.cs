using System.Runtime.InteropServices;
using Pmq.Gossipsub.Messages;

namespace Pmq.Gossipsub.State;

/// <summary>
/// The messages of the last heartbeats, to be advertised and asked for (<c>mcache</c>): a ring in order of arrival, cut
/// into windows, with caps beyond which the oldest go early. It copies what it holds and refers to no message.
/// </summary>
internal sealed class MessageHistory
{
    private readonly Dictionary<MessageId, HistoryEntry> _byId;
    private readonly FrameStore _frames = new();
    private readonly int[] _windows;
    private readonly int _gossipWindows;
    private readonly int _maxCount;
    private readonly long _maxBytes;
    private HistoryEntry?[] _ring = new HistoryEntry?[16];
    private int _head;
    private long _bytes;

    public MessageHistory(int length, int gossip, int maxCount, long maxBytes, MessageKeyComparer comparer)
    {
        _windows = new int[length];
        _gossipWindows = gossip;
        _maxCount = maxCount;
        _maxBytes = maxBytes;
        _byId = new Dictionary<MessageId, HistoryEntry>(comparer);
    }

    /// <summary>Messages in the ring.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of their frames.</summary>
    public long Bytes => _bytes;

    /// <summary>Messages that left early for the cap of bytes.</summary>
    public long Evictions { get; private set; }

    /// <summary>What is advertised: the messages of the youngest windows; see <see cref="FromYoungest"/>.</summary>
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
    /// The messages with an id, one for each topic that holds it, linked by <see cref="HistoryEntry.Next"/>.
    /// </summary>
    public HistoryEntry? Find(in MessageId id) => _byId.GetValueOrDefault(id);

    /// <summary>The message with an id on a topic; null if there is none.</summary>
    public HistoryEntry? Find(in MessageId id, TopicState topic)
    {
        HistoryEntry? entry = Find(id);
        while (entry is not null && entry.Topic.Tag != topic.Tag)
        {
            entry = entry.Next;
        }

        return entry;
    }

    /// <summary>Takes a message into the youngest window, in place of one with its topic and id.</summary>
    public HistoryEntry Put(GossipMessage message)
    {
        ref HistoryEntry? first = ref CollectionsMarshal.GetValueRefOrAddDefault(_byId, message.Id, out bool isHeld);
        if (isHeld && Find(message.Id, message.TopicState!) is { } older)
        {
            Unlink(older);
            first = ref CollectionsMarshal.GetValueRefOrAddDefault(_byId, message.Id, out isHeld);
        }

        HistoryEntry entry = Append(message);
        entry.Next = first;
        first = entry;
        while ((_bytes > _maxBytes || Count > _maxCount) && Count > 1)
        {
            Evictions++;
            DropOldest();
        }

        return entry;
    }

    /// <summary>Begins a window; the oldest one is forgotten.</summary>
    public void Shift()
    {
        _frames.Trim();
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

    /// <summary>
    /// The message that arrived as the <paramref name="index"/>-th from the youngest; null if another took its place.
    /// </summary>
    public HistoryEntry? FromYoungest(int index)
    {
        HistoryEntry entry = _ring[(_head + Count - 1 - index) & (_ring.Length - 1)]!;
        return entry.IsLive ? entry : null;
    }

    private HistoryEntry Append(GossipMessage message)
    {
        if (Count == _ring.Length)
        {
            HistoryEntry?[] larger = new HistoryEntry?[_ring.Length * 2];
            for (int i = 0; i < Count; i++)
            {
                larger[i] = _ring[(_head + i) & (_ring.Length - 1)];
            }

            (_ring, _head) = (larger, 0);
        }

        ref HistoryEntry? slot = ref _ring[(_head + Count) & (_ring.Length - 1)];
        slot ??= new HistoryEntry();
        slot.Fill(message, _frames);
        Count++;
        _windows[0]++;
        _bytes += slot.Length;
        return slot;
    }

    private void DropOldest()
    {
        HistoryEntry entry = _ring[_head]!;
        _head = (_head + 1) & (_ring.Length - 1);
        Count--;
        _bytes -= entry.Length;
        int window = _windows.Length - 1;
        while (_windows[window] == 0)
        {
            window--;
        }

        _windows[window]--;
        if (entry.IsLive)
        {
            Unlink(entry);
        }

        entry.Clear(_frames);
    }

    private void Unlink(HistoryEntry entry)
    {
        HistoryEntry first = _byId[entry.Id];
        if (first != entry)
        {
            while (first.Next != entry)
            {
                first = first.Next!;
            }

            first.Next = entry.Next;
        }
        else if (entry.Next is { } next)
        {
            _byId[entry.Id] = next;
        }
        else
        {
            _byId.Remove(entry.Id);
        }

        entry.Retire();
    }
}

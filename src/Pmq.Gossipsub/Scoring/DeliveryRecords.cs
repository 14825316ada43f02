using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub.Scoring;

/// <summary>
/// Who has handed over which of the messages that were accepted a moment ago, so that a copy within the window of P3
/// counts once for each peer. Only messages of topics that have such a window are here. Objects are used again: in
/// steady state nothing is allocated.
/// </summary>
internal sealed class DeliveryRecords(MessageKeyComparer comparer)
{
    /// <summary>
    /// Messages at most; beyond that the oldest go early. With a window of 10 ms that is three million messages a
    /// second, with one of 2 s sixteen thousand.
    /// </summary>
    public const int Most = 32_768;

    private readonly Dictionary<MessageKey, Record> _byKey = new(comparer);
    private readonly Queue<Record> _byAge = [];
    private readonly Stack<Record> _free = [];

    /// <summary>Messages that are here.</summary>
    public int Count => _byAge.Count;

    /// <summary>Messages that left before their window was over.</summary>
    public long Evictions { get; private set; }

    /// <summary>A message was accepted.</summary>
    /// <param name="key">Which.</param>
    /// <param name="senders">Who had handed it over by then.</param>
    /// <param name="now">The time.</param>
    /// <param name="window">How long copies count.</param>
    public void Add(in MessageKey key, ReadOnlySpan<GossipPeer?> senders, TimeSpan now, TimeSpan window)
    {
        Expire(now);
        if (_byAge.Count >= Most)
        {
            Evictions++;
            Free(_byAge.Dequeue());
        }

        Record record = _free.TryPop(out Record? used) ? used : new Record();
        record.Key = key;
        record.Accepted = now;
        record.Until = now + window;
        foreach (GossipPeer? sender in senders)
        {
            record.Note(sender!);
        }

        _byKey[key] = record;
        _byAge.Enqueue(record);
    }

    /// <summary>
    /// Whether this copy counts: the window is open, and the peer has not handed over the message before.
    /// </summary>
    public bool TryCredit(in MessageKey key, GossipPeer peer, TimeSpan now, TimeSpan window) =>
        _byKey.TryGetValue(key, out Record? record) && now <= record.Accepted + window && record.Note(peer);

    /// <summary>Forgets the messages whose window is over.</summary>
    public void Expire(TimeSpan now)
    {
        while (_byAge.TryPeek(out Record? oldest) && now > oldest.Until)
        {
            Free(_byAge.Dequeue());
        }
    }

    private void Free(Record record)
    {
        // The same message may have been accepted again meanwhile, under a newer record.
        if (_byKey.TryGetValue(record.Key, out Record? current) && current == record)
        {
            _byKey.Remove(record.Key);
        }

        record.Clear();
        _free.Push(record);
    }

    private sealed class Record
    {
        private GossipPeer?[] _peers = new GossipPeer?[8];
        private int _count;

        public MessageKey Key { get; set; }

        public TimeSpan Accepted { get; set; }

        public TimeSpan Until { get; set; }

        public bool Note(GossipPeer peer)
        {
            if (_peers.AsSpan(0, _count).Contains(peer))
            {
                return false;
            }

            if (_count == _peers.Length)
            {
                Array.Resize(ref _peers, _count * 2);
            }

            _peers[_count++] = peer;
            return true;
        }

        public void Clear()
        {
            Array.Clear(_peers, 0, _count);
            _count = 0;
        }
    }
}

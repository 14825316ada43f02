using Pmq.Core.Hosting;
using Pmq.Core.Identity;

namespace Pmq.Libp2p.Swarm;

/// <summary>
/// Which connections are open to whom, and which one of two stays. A pure core: one owner, told the time.
/// </summary>
/// <remarks>
/// <para>
/// Two peers that dial each other at once get two connections. Both ends must drop the same one, without talking about
/// it, or both drop each other: the connection that the peer with the smaller id dialed stays.
/// </para>
/// <para>
/// That rule holds only while the older of the two is younger than <paramref name="simultaneous"/>. A peer that dials
/// us although we hold an old connection to it has probably lost its end of that one (power cut, partition): both stay
/// until the old one is noticed to be dead. One connection too many closes the oldest, or is refused while that one is
/// as young: it is then the peer's attempt at another of our addresses, and the peer keeps the one that came first.
/// </para>
/// </remarks>
/// <typeparam name="T">A connection; <paramref name="isOpen"/> tells whether it still is one.</typeparam>
internal sealed class ConnectionTable<T>(PeerId local, int maxPerPeer, TimeSpan simultaneous, Func<T, bool> isOpen)
    where T : class
{
    private readonly Dictionary<PeerId, List<Entry>> _byPeer = [];
    private readonly SortedDictionary<long, Entry> _byId = [];
    private long _lastId;

    /// <summary>Open connections.</summary>
    public int Count => _byId.Count;

    /// <summary>Peers with an open connection.</summary>
    public int PeerCount => _byPeer.Count;

    /// <summary>The number of the next connection: unique, rising.</summary>
    public long NextId() => ++_lastId;

    /// <summary>Takes up a new connection.</summary>
    /// <param name="id">From <see cref="NextId"/>.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="peer">Who is at its other end.</param>
    /// <param name="direction">Who dialed.</param>
    /// <param name="now">The time.</param>
    /// <param name="superseded">
    /// Gets the connections to close as duplicates, the new one among them if it lost. They get no new streams and stay
    /// until <see cref="Remove"/>, so that a peer that has one of them does not look gone before the other one is there.
    /// </param>
    /// <returns>False if it is one too many: it is not taken up.</returns>
    public bool TryAdd(
        long id, T connection, PeerId peer, ConnectionDirection direction, TimeSpan now, List<T> superseded)
    {
        if (!_byPeer.TryGetValue(peer, out List<Entry>? entries))
        {
            entries = [];
        }

        List<Entry> open = entries.FindAll(IsUsable);
        List<Entry> rivals = open.FindAll(
            other => other.Direction != direction && now - other.AddedAt <= simultaneous);
        var added = new Entry(id, connection, peer, direction, now);
        if (rivals.Count > 0)
        {
            if (!Wins(direction, peer) && entries.Count >= maxPerPeer)
            {
                return false;
            }

            (Wins(direction, peer) ? rivals : [added]).ForEach(loser => Supersede(loser, superseded));
        }

        open.RemoveAll(static other => other.Superseded);
        if (open.Count >= maxPerPeer && !added.Superseded)
        {
            if (now - open[0].AddedAt <= simultaneous)
            {
                return false;
            }

            Supersede(open[0], superseded);
        }

        entries.Add(added);
        _byPeer[peer] = entries;
        _byId.Add(id, added);
        return true;
    }

    /// <summary>Forgets a connection that has ended; false if it was not in the table.</summary>
    public bool Remove(long id)
    {
        if (!_byId.Remove(id, out Entry? entry))
        {
            return false;
        }

        List<Entry> entries = _byPeer[entry.Peer];
        entries.Remove(entry);
        if (entries.Count == 0)
        {
            _byPeer.Remove(entry.Peer);
        }

        return true;
    }

    /// <summary>The connection for new streams: the youngest that stays; null without one.</summary>
    public T? Best(PeerId peer)
    {
        if (!_byPeer.TryGetValue(peer, out List<Entry>? entries))
        {
            return null;
        }

        for (int i = entries.Count - 1; i >= 0; i--)
        {
            if (IsUsable(entries[i]))
            {
                return entries[i].Connection;
            }
        }

        return null;
    }

    /// <summary>All connections to a peer, oldest first.</summary>
    public IReadOnlyList<T> Of(PeerId peer) =>
        _byPeer.TryGetValue(peer, out List<Entry>? entries) ? [.. entries.Select(static entry => entry.Connection)] : [];

    /// <summary>All connections, oldest first.</summary>
    public IReadOnlyList<T> All() => [.. _byId.Values.Select(static entry => entry.Connection)];

    /// <summary>
    /// Whether a dial of ours to <paramref name="peer"/> would lose against an inbound connection that is as young: it
    /// may then be given up, and only the end for which this is true may do so.
    /// </summary>
    public bool OutboundWouldLose(PeerId peer) => !Wins(ConnectionDirection.Outbound, peer);

    /// <summary>Whether the connection of this direction is the one that the smaller peer id dialed.</summary>
    private bool Wins(ConnectionDirection direction, PeerId peer) =>
        (direction == ConnectionDirection.Outbound) == (local.CompareTo(peer) < 0);

    /// <summary>A connection that has ended without having been removed yet neither serves nor competes.</summary>
    private bool IsUsable(Entry entry) => !entry.Superseded && isOpen(entry.Connection);

    private static void Supersede(Entry entry, List<T> superseded)
    {
        entry.Superseded = true;
        superseded.Add(entry.Connection);
    }

    private sealed class Entry(long id, T connection, PeerId peer, ConnectionDirection direction, TimeSpan addedAt)
    {
        public long Id { get; } = id;

        public T Connection { get; } = connection;

        public PeerId Peer { get; } = peer;

        public ConnectionDirection Direction { get; } = direction;

        public TimeSpan AddedAt { get; } = addedAt;

        public bool Superseded { get; set; }
    }
}

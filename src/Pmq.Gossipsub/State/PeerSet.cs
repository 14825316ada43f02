using System.Diagnostics.CodeAnalysis;

namespace Pmq.Gossipsub.State;

/// <summary>
/// A set of peers that is enumerated in an order which follows from the calls alone, so that one seed gives one run.
/// </summary>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "It is a set of peers.")]
internal sealed class PeerSet
{
    private readonly Dictionary<GossipPeer, int> _index = [];
    private GossipPeer[] _peers = [];

    public int Count { get; private set; }

    public ReadOnlySpan<GossipPeer> Peers => _peers.AsSpan(0, Count);

    public bool Contains(GossipPeer peer) => _index.ContainsKey(peer);

    public bool Add(GossipPeer peer)
    {
        if (!_index.TryAdd(peer, Count))
        {
            return false;
        }

        if (Count == _peers.Length)
        {
            Array.Resize(ref _peers, Math.Max(4, Count * 2));
        }

        _peers[Count++] = peer;
        return true;
    }

    /// <summary>Removes a peer; the last one takes its place.</summary>
    public bool Remove(GossipPeer peer)
    {
        if (!_index.Remove(peer, out int index))
        {
            return false;
        }

        GossipPeer last = _peers[--Count];
        _peers[Count] = null!;
        if (last != peer)
        {
            _peers[index] = last;
            _index[last] = index;
        }

        return true;
    }

    public void Clear()
    {
        Array.Clear(_peers, 0, Count);
        _index.Clear();
        Count = 0;
    }
}

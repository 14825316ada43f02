using Pmq.Core.Addresses;
using Pmq.Core.Identity;

namespace Pmq.Libp2p.Swarm;

/// <summary>Where peers can be dialed, for a while. A pure core: one owner, told the time.</summary>
internal sealed class PeerStore(PeerStoreOptions options)
{
    private readonly Dictionary<PeerId, LinkedListNode<Known>> _peers = [];
    private readonly LinkedList<Known> _oldestFirst = [];

    /// <summary>Peers remembered.</summary>
    public int Count => _peers.Count;

    /// <summary>Remembers <paramref name="addresses"/>, without their <c>/p2p</c>, from <paramref name="now"/> on.</summary>
    public void Add(PeerId peer, IEnumerable<Multiaddr> addresses, TimeSpan now)
    {
        Known? known = null;
        foreach (Multiaddr address in addresses)
        {
            known ??= Touch(peer);
            Multiaddr bare = address.WithoutPeer();
            known.Addresses.RemoveAll(entry => entry.Address.Equals(bare));
            if (known.Addresses.Count >= options.MaxAddressesPerPeer)
            {
                known.Addresses.RemoveAt(0);
            }

            known.Addresses.Add((bare, now + options.TimeToLive));
        }
    }

    /// <summary>The addresses of a peer that are still good, oldest first.</summary>
    public IReadOnlyList<Multiaddr> Get(PeerId peer, TimeSpan now)
    {
        if (!_peers.TryGetValue(peer, out LinkedListNode<Known>? node))
        {
            return [];
        }

        List<(Multiaddr Address, TimeSpan Until)> addresses = node.Value.Addresses;
        addresses.RemoveAll(entry => entry.Until <= now);
        if (addresses.Count == 0)
        {
            _peers.Remove(peer);
            _oldestFirst.Remove(node);
            return [];
        }

        return [.. addresses.Select(static entry => entry.Address)];
    }

    private Known Touch(PeerId peer)
    {
        if (_peers.TryGetValue(peer, out LinkedListNode<Known>? node))
        {
            _oldestFirst.Remove(node);
            _oldestFirst.AddLast(node);
            return node.Value;
        }

        if (_peers.Count >= options.MaxPeers)
        {
            _peers.Remove(_oldestFirst.First!.Value.Peer);
            _oldestFirst.RemoveFirst();
        }

        node = _oldestFirst.AddLast(new Known(peer, []));
        _peers.Add(peer, node);
        return node.Value;
    }

    private sealed record Known(PeerId Peer, List<(Multiaddr Address, TimeSpan Until)> Addresses);
}

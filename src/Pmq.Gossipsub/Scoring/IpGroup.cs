namespace Pmq.Gossipsub.Scoring;

/// <summary>The peers on one address.</summary>
internal sealed class IpGroup(IpKey key)
{
    private readonly HashSet<PeerScore> _peers = [];

    public IpKey Key { get; } = key;

    public int Count => _peers.Count;

    public void Add(PeerScore peer)
    {
        if (_peers.Add(peer))
        {
            Change();
        }
    }

    public void Remove(PeerScore peer)
    {
        if (_peers.Remove(peer))
        {
            peer.Change();
            Change();
        }
    }

    // All of them have a neighbour more or less.
    private void Change()
    {
        foreach (PeerScore peer in _peers)
        {
            peer.Change();
        }
    }
}

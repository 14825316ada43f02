namespace Pmq.Gossipsub.Scoring;

/// <summary>The peers on one address, each once: few, or none of them has a good time.</summary>
internal sealed class IpGroup(IpKey key)
{
    private readonly List<PeerScore> _peers = new(1);

    public IpKey Key { get; } = key;

    public int Count => _peers.Count;

    /// <summary>A peer that is not here comes.</summary>
    public void Add(PeerScore peer)
    {
        _peers.Add(peer);
        Change();
    }

    public void Remove(PeerScore peer)
    {
        _peers.Remove(peer);
        peer.Change();
        Change();
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

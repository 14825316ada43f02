using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub;

// Direct peers (gossipsub v1.1, "Explicit Peering Agreements"): connected always, in no mesh, sent every message.
public sealed partial class GossipsubRouter
{
    private readonly List<DirectPeer> _direct = [];
    private bool _hasLostDirect;

    /// <summary>The peers with whom a link is agreed on, in the order in which they were named.</summary>
    public IReadOnlyList<DirectPeer> DirectPeers => _direct;

    /// <summary>
    /// Agrees on a link with a peer, and connects to it if it is not there. One that is named again has the new
    /// addresses.
    /// </summary>
    public void AddDirectPeer(DirectPeer direct, TimeSpan now, EffectList effects)
    {
        ArgumentNullException.ThrowIfNull(direct);
        RemoveFromDirect(direct.Id);
        _direct.Add(direct);
        if (!_peersById.TryGetValue(direct.Id, out GossipPeer? peer))
        {
            ConnectDirect(direct, effects);
            return;
        }

        if (peer.IsDirect)
        {
            return;
        }

        peer.IsDirect = true;
        foreach (TopicState topic in peer.Topics)
        {
            if (!peer.IsSuspended)
            {
                topic.FloodPeers.Add(peer);
            }

            topic.Fanout.Remove(peer);
            if (topic.Mesh.Contains(peer))
            {
                Prune(peer, topic, _options.PruneBackoff, now, effects);
            }
        }
    }

    /// <summary>Ends the agreement; the peer may be grafted like any other. False if there was none.</summary>
    public bool RemoveDirectPeer(PeerId peer)
    {
        if (!RemoveFromDirect(peer))
        {
            return false;
        }

        if (_peersById.TryGetValue(peer, out GossipPeer? known))
        {
            known.IsDirect = false;
            foreach (TopicState topic in known.Topics)
            {
                if (known.SpeaksMeshsub)
                {
                    topic.FloodPeers.Remove(known);
                }
            }
        }

        return true;
    }

    private bool IsDirect(PeerId peer) => _direct.Exists(direct => direct.Id.Equals(peer));

    private bool RemoveFromDirect(PeerId peer) => _direct.RemoveAll(direct => direct.Id.Equals(peer)) > 0;

    /// <summary>
    /// Connects missing direct peers: at the first heartbeat, at the next one after a link broke, and every so often.
    /// </summary>
    private void ConnectDirectPeers(EffectList effects)
    {
        if (_direct.Count == 0 || (!_hasLostDirect && (Counters.Heartbeats - 1) % _options.DirectConnectTicks != 0))
        {
            return;
        }

        _hasLostDirect = false;
        foreach (DirectPeer direct in _direct)
        {
            if (!_peersById.ContainsKey(direct.Id))
            {
                ConnectDirect(direct, effects);
            }
        }
    }

    private static void ConnectDirect(DirectPeer direct, EffectList effects) =>
        effects.Add(Effect.Connect(new ConnectTarget(direct.Id, direct.Addresses, default, IsDirect: true)));
}

using Pmq.Core.Runtime;

namespace Pmq.Gossipsub.State;

/// <summary>
/// What the router asks about a peer's standing: the seam for admission and partner choice. This one goes by the peer's
/// score and chooses by lot.
/// </summary>
internal class PeerPolicy
{
    /// <summary>
    /// The peer's score. Below 0 it is pruned and not grafted; the better ones stay when a mesh is cut.
    /// </summary>
    public virtual double ScoreOf(GossipPeer peer) => peer.Score?.Score ?? 0;

    /// <summary>Whether payload and control of the peer's next RPC are taken (graylist, queue protection).</summary>
    public virtual Admission Admit(GossipPeer peer, TimeSpan now) => Admission.All;

    /// <summary>Puts candidates for mesh, fanout or gossip into the order in which they are taken.</summary>
    public virtual void Order(Span<GossipPeer> candidates, TopicState topic, Chance chance) =>
        chance.Shuffle(candidates);
}

using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub;

// A peer to which nothing can be written, and our own goodbye.
public sealed partial class GossipsubRouter
{
    /// <summary>
    /// The stream to a connected peer broke and it does not let us open another: it is pruned everywhere and sent
    /// nothing, so that its places go to others, until <see cref="Reannounce"/>. What it sends us is taken.
    /// </summary>
    public void Suspend(GossipPeer peer, TimeSpan now, EffectList effects)
    {
        if (peer.IsRemoved || peer.IsSuspended)
        {
            return;
        }

        peer.IsSuspended = true;
        ForgivePromises(peer);
        foreach (TopicState topic in peer.Topics)
        {
            topic.FloodPeers.Remove(peer);
            topic.Fanout.Remove(peer);
            if (topic.Mesh.Contains(peer))
            {
                Prune(peer, topic, _options.UnsubscribeBackoff, now, effects);
            }
        }
    }

    /// <summary>
    /// Leaves every topic for good, since we end: the peers take us out of their meshes at once. No PRUNE is sent, for
    /// its backoff would outlive us and make an offence of our return.
    /// </summary>
    public void SayGoodbye(TimeSpan now, EffectList effects)
    {
        foreach (TopicState topic in _joined)
        {
            while (topic.Mesh.Count > 0)
            {
                LeaveMesh(topic.Mesh.Peers[^1], topic, effects);
            }
        }

        foreach (string topic in Topics)
        {
            Leave(topic, now, effects);
        }
    }

    private static void Resume(GossipPeer peer)
    {
        if (!peer.IsSuspended)
        {
            return;
        }

        peer.IsSuspended = false;
        foreach (TopicState topic in peer.Topics)
        {
            if (!peer.SpeaksMeshsub || peer.IsDirect)
            {
                topic.FloodPeers.Add(peer);
            }
        }
    }
}

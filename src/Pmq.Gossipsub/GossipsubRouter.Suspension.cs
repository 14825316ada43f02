using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub;

// A peer to which nothing can be written, and our own goodbye.
public sealed partial class GossipsubRouter
{
    /// <summary>
    /// The stream to a connected peer broke and it does not let us open another: it leaves every mesh and is sent
    /// nothing, so that its places go to others, until <see cref="Reannounce"/>. What it sends us is taken. No backoff
    /// begins before it can be told: else, if it leaves meanwhile, its next GRAFT would be an offence.
    /// </summary>
    public void Suspend(GossipPeer peer, EffectList effects)
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
            if (LeaveMesh(peer, topic, effects))
            {
                NoteUntold(peer, topic);
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

    /// <summary>The peer believes itself in a mesh of ours, and cannot be told that it is not.</summary>
    private static void NoteUntold(GossipPeer peer, TopicState topic)
    {
        if (!peer.UntoldPrunes.Contains(topic))
        {
            peer.UntoldPrunes.Add(topic);
        }
    }

    private void Resume(GossipPeer peer, TimeSpan now)
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

        foreach (TopicState topic in peer.UntoldPrunes)
        {
            if (topic.IsJoined && peer.SpeaksMeshsub)
            {
                SendPrune(peer, topic, _options.UnsubscribeBackoff, now);
            }
        }

        peer.UntoldPrunes.Clear();
    }
}

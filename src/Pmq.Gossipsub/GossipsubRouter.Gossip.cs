using System.Runtime.InteropServices;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub;

// What messages there are is told to peers that do not get them by themselves.
public sealed partial class GossipsubRouter
{
    /// <summary>
    /// Tells peers outside the mesh, and those that have just come into it, the ids of the last heartbeats.
    /// </summary>
    private void EmitGossip()
    {
        for (int i = _history.GossipCount - 1; i >= 0; i--)
        {
            if (_history.FromYoungest(i) is { } entry && GossipTopicOf(entry) is { } topic)
            {
                if (topic.GossipIds.Count == 0)
                {
                    _gossipTopics.Add(topic);
                }

                topic.GossipIds.Add(entry.Id);
            }
        }

        foreach (TopicState topic in _gossipTopics)
        {
            EmitGossip(topic);
            topic.GossipIds.Clear();
        }

        _gossipTopics.Clear();
        foreach (TopicState topic in _joined)
        {
            topic.Newcomers.Clear();
        }
    }

    /// <summary>The topic on which a message is advertised; null if it is not.</summary>
    private TopicState? GossipTopicOf(HistoryEntry entry)
    {
        // A topic that was forgotten meanwhile may be here again, as another object.
        TopicState? topic = entry.Topic.IsIdle ? _topics.Find(entry.Topic.Name) : entry.Topic;
        return topic is not null && (topic.IsJoined || topic.IsFanout) ? topic : null;
    }

    /// <summary>
    /// Tells some peers outside the mesh, by lot, and all that have come into it since the last heartbeat.
    /// </summary>
    /// <remarks>
    /// <para>
    /// A newcomer is out of gossip from now on, and was out of the mesh when the last messages went round: whoever
    /// grafts because its mesh has died would lose just what it missed.
    /// </para>
    /// <para>
    /// A message is advertised in several heartbeats. Who was told in one stands behind in the others: so the same
    /// number of IHAVEs reaches more peers, and one with few good neighbours is seldom left out by all of them.
    /// </para>
    /// </remarks>
    private void EmitGossip(TopicState topic)
    {
        Choose(
            topic, int.MaxValue, GossipThreshold,
            static (peer, topic) => !topic.Mesh.Contains(peer) && !topic.Fanout.Contains(peer));
        int target = Math.Max(topic.Degrees.GossipDegree, (int)(_options.GossipFactor * _candidates.Count));
        target = Math.Min(target, _candidates.Count);
        PutUntoldFirst(CollectionsMarshal.AsSpan(_candidates), target, topic);
        Span<GossipPeer> told = CollectionsMarshal.AsSpan(_candidates)[..target];
        MessageId[] all = told.IsEmpty && topic.Newcomers.Count == 0 ? [] : [.. topic.GossipIds];
        foreach (GossipPeer peer in told)
        {
            topic.ToldAt[peer] = Counters.Heartbeats;
            Advertise(all, peer, topic);
        }

        foreach (GossipPeer peer in topic.Newcomers.Peers)
        {
            Advertise(all, peer, topic);
        }

        _candidates.Clear();
    }

    private void Advertise(MessageId[] all, GossipPeer peer, TopicState topic)
    {
        Outbox outbox = OutboxOf(peer);
        int room = _options.MaxIHaveLength - outbox.IHaveIdCount;
        if (room >= all.Length)
        {
            outbox.AddIHave(topic.NameBytes, all);
        }
        else if (room > 0)
        {
            // Each peer is told other ids, so that together they hear of all.
            MessageId[] some = [.. all];
            _chance.Shuffle(some.AsSpan());
            outbox.AddIHave(topic.NameBytes, some.AsMemory(0, room));
        }
    }

    /// <summary>
    /// Moves those that no heartbeat has told of the oldest message that is still advertised to the front, as many as
    /// are to be told; otherwise the lot decides.
    /// </summary>
    private void PutUntoldFirst(Span<GossipPeer> peers, int count, TopicState topic)
    {
        long since = Counters.Heartbeats - _options.HistoryGossip;
        int untold = 0;
        for (int i = 0; i < peers.Length && untold < count; i++)
        {
            if (!topic.ToldAt.TryGetValue(peers[i], out long at) || at <= since)
            {
                (peers[i], peers[untold]) = (peers[untold], peers[i]);
                untold++;
            }
        }
    }
}

using System.Runtime.InteropServices;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.State;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Gossipsub;

// Our own publications.
public sealed partial class GossipsubRouter
{
    /// <summary>
    /// Publishes a message of <see cref="MessageComposer"/>, on a joined topic or another; on a joined one it is
    /// delivered here too, once for each id.
    /// </summary>
    /// <returns>
    /// How many peers it goes to. One that went to nobody is not seen: publishing it again sends it, and until then it
    /// is advertised like any other. When the driver could hand it to none of them it calls <see
    /// cref="OnPublishUnsent"/>.
    /// </returns>
    public PublishReceipt Publish(GossipMessage message, TimeSpan now, EffectList effects)
    {
        TopicState topic = _topics.Find(message.Topic)
            ?? _topics.GetOrAdd(message.Topic, System.Text.Encoding.UTF8.GetBytes(message.Topic));
        MessageKey key = new(topic.Tag, message.Id);
        bool known = _seen.TryGet(key, out SeenKind kind);
        bool delivered = known && kind == SeenKind.DeliveredUnsent;
        if (known && kind == SeenKind.Accepted)
        {
            _topics.Release(topic);
            return new PublishReceipt(0, true);
        }

        // A verdict of ignore or reject on a peer's copy does not count: who sends our data before we do must not keep
        // us from publishing it.
        Supersede(key);
        EndWant(key);
        Counters.MessagesPublished++;
        Trace?.Trace(TraceEvent.Publish(message));
        message.TopicState = topic;
        HistoryEntry entry = _history.Put(message);
        TellOwn(message, topic, effects);
        int recipients = SendPublication(message, topic, now, effects);
        message.IsUnsent = entry.IsUnsent = recipients == 0;
        message.WasDelivered = topic.DeliversOwn || delivered;
        if (recipients > 0)
        {
            _seen.Set(key, SeenKind.Accepted, now);
            _scores?.OnAccepted(key, [], topic, now);
        }
        else if (topic.DeliversOwn)
        {
            _seen.Set(key, SeenKind.DeliveredUnsent, now);
        }

        if (topic.DeliversOwn && !delivered)
        {
            Deliver(message, effects);
        }

        return new PublishReceipt(recipients, false);
    }

    /// <summary>
    /// Every peer's queue refused a publication: it has reached nobody, and publishing it again sends it.
    /// </summary>
    public void OnPublishUnsent(GossipMessage message, TimeSpan now)
    {
        if (message.TopicState is null || message.IsUnsent || Has(GoGaps.UnsentIsPublished))
        {
            return;
        }

        message.IsUnsent = true;
        if (_history.Find(message.Id, message.TopicState) is { } entry)
        {
            entry.IsUnsent = true;
        }

        _seen.Remove(message.Key);
        if (message.WasDelivered)
        {
            _seen.Set(message.Key, SeenKind.DeliveredUnsent, now);
        }
    }

    /// <summary>Copies of peers that still wait need no verdict any more: the node vouches for its own.</summary>
    private void Supersede(in MessageKey key)
    {
        while (_waiting.Find(key) is { } waiting)
        {
            EndWait(waiting);
            Drop(waiting, MessageDrop.Superseded);
        }
    }

    private int SendPublication(GossipMessage message, TopicState topic, TimeSpan now, EffectList effects)
    {
        if (!topic.IsJoined)
        {
            BeginFanout(topic, now);
        }

        if (_options.FloodPublish)
        {
            return SendTo(topic.Peers.Peers, message, topic, effects);
        }

        int recipients = topic.IsJoined
            ? SendTo(topic.Mesh.Peers, message, topic, effects) + SendBeyondMesh(message, topic, effects)
            : SendTo(topic.Fanout.Peers, message, topic, effects);
        return recipients + SendTo(topic.FloodPeers.Peers, message, topic, effects);
    }

    private void BeginFanout(TopicState topic, TimeSpan now)
    {
        if (!topic.IsFanout)
        {
            if (_fanouts.Count >= _options.MaxTopics)
            {
                TopicState oldest = _fanouts[0];
                EndFanout(oldest);
                _topics.Release(oldest);
            }

            topic.IsFanout = true;
            _fanouts.Add(topic);
        }

        topic.LastFanoutPublish = now;
        FillFanout(topic);
    }

    private int SendTo(
        ReadOnlySpan<GossipPeer> peers, GossipMessage message, TopicState topic, EffectList effects)
    {
        bool sendsAnyway = _options.FloodPublish && Has(GoGaps.FloodIgnoresIDontWant);
        int sent = 0;
        foreach (GossipPeer peer in peers)
        {
            bool mayHave = (MayPublishTo(peer) || topic.Mesh.Contains(peer)) && !peer.IsSuspended;
            if (mayHave && (sendsAnyway || !IsUnwanted(peer, topic, message.Id)))
            {
                effects.Add(Effect.SendMessage(peer, message, SendClass.Publish));
                sent++;
            }
        }

        Counters.MessagesSent += sent;
        return sent;
    }

    /// <summary>
    /// While the mesh is thin, known peers outside it get our publications too, so that D peers have each.
    /// </summary>
    private int SendBeyondMesh(GossipMessage message, TopicState topic, EffectList effects)
    {
        int missing = topic.Degrees.Degree - topic.Mesh.Count;
        if (missing <= 0 || Has(GoGaps.PublishToTheMeshOnly))
        {
            return 0;
        }

        ReadOnlySpan<GossipPeer> chosen = Choose(
            topic, missing, PublishThreshold, static (peer, topic) => !topic.Mesh.Contains(peer));
        int sent = SendTo(chosen, message, topic, effects);
        _candidates.Clear();
        return sent;
    }

    private void FillFanout(TopicState topic)
    {
        for (int i = topic.Fanout.Count - 1; i >= 0; i--)
        {
            if (!MayPublishTo(topic.Fanout.Peers[i]))
            {
                topic.Fanout.Remove(topic.Fanout.Peers[i]);
            }
        }

        int missing = topic.Degrees.Degree - topic.Fanout.Count;
        if (missing > 0)
        {
            ReadOnlySpan<GossipPeer> chosen = Choose(
                topic, missing, PublishThreshold, static (peer, topic) => !topic.Fanout.Contains(peer));
            foreach (GossipPeer peer in chosen)
            {
                topic.Fanout.Add(peer);
            }

            _candidates.Clear();
        }
    }

    /// <summary>
    /// Up to <paramref name="count"/> peers of a topic that speak meshsub, are not direct, have a score and meet
    /// a condition, as the policy orders them. They stand in <see cref="_candidates"/>, which the caller clears.
    /// </summary>
    private ReadOnlySpan<GossipPeer> Choose(
        TopicState topic, int count, double leastScore, Func<GossipPeer, TopicState, bool> condition)
    {
        _candidates.Clear();
        foreach (GossipPeer peer in topic.Peers.Peers)
        {
            if (peer.SpeaksMeshsub && !peer.IsDirect && !peer.IsSuspended
                && _policy.ScoreOf(peer) >= leastScore && condition(peer, topic))
            {
                _candidates.Add(peer);
            }
        }

        Span<GossipPeer> candidates = CollectionsMarshal.AsSpan(_candidates);
        _policy.Order(candidates, topic, _chance);
        return candidates[..Math.Min(count, candidates.Length)];
    }

    private void EndFanout(TopicState topic)
    {
        topic.Fanout.Clear();
        if (topic.IsFanout)
        {
            topic.IsFanout = false;
            _fanouts.Remove(topic);
        }
    }
}

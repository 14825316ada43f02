using System.Runtime.InteropServices;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.State;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Gossipsub;

// Topics are joined and left; the mesh of each is grafted and pruned.
public sealed partial class GossipsubRouter
{
    private int _fanoutOnlyCount;

    /// <summary>Joins a topic: announces it to every peer and grafts those that have announced it, up to D.</summary>
    /// <param name="topic">Its name.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Appended to.</param>
    /// <param name="mode">What for. Joining a relayed topic again to deliver does that from then on.</param>
    public JoinOutcome Join(string topic, TimeSpan now, EffectList effects, JoinMode mode = JoinMode.Deliver)
    {
        if (!TopicNames.TryEncode(topic, _options, out byte[] bytes))
        {
            return JoinOutcome.BadTopic;
        }

        if (_topics.Find(topic) is { } known && (known.IsJoined || known.IsFanoutOnly))
        {
            return JoinAgain(known, mode);
        }

        if (_joined.Count + _fanoutOnlyCount >= _options.MaxTopics)
        {
            return JoinOutcome.TooManyTopics;
        }

        TopicState state = _topics.GetOrAdd(topic, bytes);
        if (mode == JoinMode.FanoutOnly)
        {
            state.IsFanoutOnly = true;
            _fanoutOnlyCount++;
            return JoinOutcome.Joined;
        }

        state.IsJoined = true;
        state.IsRelay = mode == JoinMode.Relay;
        _joined.Add(state);
        Trace?.Trace(TraceEvent.Join(topic));
        Announce(state, true);
        TakeOverFanout(state, now, effects);
        FillMesh(state, now, effects);
        return JoinOutcome.Joined;
    }

    /// <summary>What a topic has been joined for; null if it has not.</summary>
    public JoinMode? ModeOf(string topic) => _topics.Find(topic) switch
    {
        { IsFanoutOnly: true } => JoinMode.FanoutOnly,
        { IsJoined: true, IsRelay: true } => JoinMode.Relay,
        { IsJoined: true } => JoinMode.Deliver,
        _ => null,
    };

    private static JoinOutcome JoinAgain(TopicState topic, JoinMode mode)
    {
        if (topic.IsFanoutOnly != (mode == JoinMode.FanoutOnly))
        {
            return JoinOutcome.OtherMode;
        }

        if (topic.IsRelay && mode == JoinMode.Deliver)
        {
            topic.IsRelay = false;
            return JoinOutcome.Joined;
        }

        return JoinOutcome.AlreadyJoined;
    }

    /// <summary>
    /// Leaves a topic: prunes its mesh and takes the announcement back. What waits on it is dropped. False if it was
    /// not joined.
    /// </summary>
    public bool Leave(string topic, TimeSpan now, EffectList effects)
    {
        if (_topics.Find(topic) is not { } state || (!state.IsJoined && !state.IsFanoutOnly))
        {
            return false;
        }

        if (state.IsFanoutOnly)
        {
            state.IsFanoutOnly = false;
            _fanoutOnlyCount--;
            _topics.Release(state);
            return true;
        }

        state.IsJoined = state.IsRelay = false;
        _joined.Remove(state);
        Trace?.Trace(TraceEvent.Leave(topic));
        Announce(state, false);
        while (state.Mesh.Count > 0)
        {
            Prune(state.Mesh.Peers[^1], state, _options.UnsubscribeBackoff, now, effects, tellsPeers: true);
        }

        _waiting.CollectOf(state, _messages);
        foreach (GossipMessage message in _messages)
        {
            EndWait(message);
            Drop(message, MessageDrop.Superseded);
        }

        _messages.Clear();
        ForgetWants(state);
        _topics.Release(state);
        return true;
    }

    private void Announce(TopicState topic, bool joined)
    {
        foreach (GossipPeer peer in _peers.Peers)
        {
            OutboxOf(peer).Subscriptions.Add((topic.NameBytes, joined));
        }
    }

    private void TakeOverFanout(TopicState topic, TimeSpan now, EffectList effects)
    {
        foreach (GossipPeer peer in topic.Fanout.Peers)
        {
            if (topic.Mesh.Count < topic.Degrees.Degree && CanGraft(peer, topic, now))
            {
                Graft(peer, topic, now, effects);
            }
        }

        EndFanout(topic);
    }

    /// <summary>Grafts known peers until the mesh has D.</summary>
    private void FillMesh(TopicState topic, TimeSpan now, EffectList effects)
    {
        int missing = topic.Degrees.Degree - topic.Mesh.Count;
        if (missing > 0)
        {
            GraftSome(topic, missing, outboundOnly: false, now, effects);
        }
    }

    private void GraftSome(TopicState topic, int count, bool outboundOnly, TimeSpan now, EffectList effects)
    {
        _candidates.Clear();
        foreach (GossipPeer peer in topic.Peers.Peers)
        {
            if (CanGraft(peer, topic, now) && (!outboundOnly || peer.Direction == ConnectionDirection.Outbound))
            {
                _candidates.Add(peer);
            }
        }

        Span<GossipPeer> candidates = CollectionsMarshal.AsSpan(_candidates);
        _policy.Order(candidates, topic, _chance);
        foreach (GossipPeer peer in candidates[..Math.Min(count, candidates.Length)])
        {
            Graft(peer, topic, now, effects);
        }

        _candidates.Clear();
    }

    /// <summary>Grafts a peer that has just announced the topic, so that neither side waits for a heartbeat.</summary>
    private void GraftIfThin(GossipPeer peer, TopicState topic, TimeSpan now, EffectList effects)
    {
        if (topic.IsJoined && topic.Mesh.Count < topic.Degrees.Degree && CanGraft(peer, topic, now)
            && !Has(GoGaps.GraftAtHeartbeatOnly))
        {
            Graft(peer, topic, now, effects);
        }
    }

    private bool CanGraft(GossipPeer peer, TopicState topic, TimeSpan now) =>
        peer.SpeaksMeshsub && !peer.IsDirect && !peer.IsSuspended && !topic.Mesh.Contains(peer)
        && MayBeInMesh(peer, topic)
        && !(topic.Backoffs.TryGetValue(peer.Id, out TimeSpan until) && now < until + _options.BackoffSlack);

    private void Graft(GossipPeer peer, TopicState topic, TimeSpan now, EffectList effects)
    {
        EnterMesh(peer, topic, now, effects);
        OutboxOf(peer).Grafts.Add(topic.NameBytes);
        Counters.GraftsSent++;
    }

    /// <summary>Takes a peer out of the mesh and tells it so.</summary>
    private void Prune(
        GossipPeer peer,
        TopicState topic,
        TimeSpan backoff,
        TimeSpan now,
        EffectList effects,
        bool tellsPeers = false)
    {
        LeaveMesh(peer, topic, effects);
        SendPrune(peer, topic, backoff, now, tellsPeers);
    }

    /// <summary>Tells a peer that it is not in our mesh, and begins its backoff.</summary>
    private void SendPrune(
        GossipPeer peer, TopicState topic, TimeSpan backoff, TimeSpan now, bool tellsPeers = false)
    {
        // The backoff is a field of v1.1: who cannot be told takes the default, and we wait as long.
        bool canTell = peer.Protocol >= PubsubProtocol.Meshsub11;
        int seconds = canTell ? (int)Math.Ceiling(backoff.TotalSeconds) : 0;
        AddBackoff(topic, peer.Id, canTell || backoff > _options.PruneBackoff ? backoff : _options.PruneBackoff, now);
        Counters.PrunesSent++;
        Outbox outbox = OutboxOf(peer);
        outbox.Grafts.Remove(topic.NameBytes);
        PruneEntry entry = new(topic.NameBytes, seconds, tellsPeers ? PeersToTell(peer, topic) : null);
        int told = outbox.Prunes.FindIndex(prune => prune.Topic == topic.NameBytes);
        if (told < 0)
        {
            outbox.Prunes.Add(entry);
        }
        else
        {
            outbox.Prunes[told] = entry;
        }
    }

    private void AddBackoff(TopicState topic, PeerId peer, TimeSpan backoff, TimeSpan now)
    {
        TimeSpan until = now + backoff;
        if (topic.Backoffs.TryGetValue(peer, out TimeSpan known))
        {
            topic.Backoffs[peer] = known > until ? known : until;
        }
        else if (topic.Backoffs.Count < _options.MaxBackoffsPerTopic || ForgetBackoffOfGone(topic))
        {
            topic.Backoffs.Add(peer, until);
        }
        else
        {
            Counters.BackoffsNotNoted++;
        }
    }

    /// <summary>
    /// Identities that come, prune us and go must not fill the table: we would graft honest peers too early, and be
    /// blamed for it.
    /// </summary>
    private bool ForgetBackoffOfGone(TopicState topic)
    {
        foreach (PeerId peer in topic.Backoffs.Keys)
        {
            if (!_peersById.ContainsKey(peer))
            {
                Counters.BackoffsNotNoted++;
                return topic.Backoffs.Remove(peer);
            }
        }

        return false;
    }
}

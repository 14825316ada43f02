using System.Runtime.InteropServices;
using Pmq.Core.Hosting;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub;

// IHAVE, IWANT, GRAFT, PRUNE and IDONTWANT of peers.
public sealed partial class GossipsubRouter
{
    private void HandleControl(GossipPeer peer, ReadOnlySpan<byte> frame, TimeSpan now, EffectList effects)
    {
        ControlReader reader = new(frame);
        bool countedIHave = Has(GoGaps.AnyControlIsAnIHave);
        if (countedIHave)
        {
            CountIHaveRpc(peer);
        }

        int unwantedIds = -1;
        bool tellsPeers = true;
        while (reader.Next())
        {
            switch (reader.Kind)
            {
                case ControlKind.IHave:
                    if (!countedIHave)
                    {
                        countedIHave = true;
                        CountIHaveRpc(peer);
                    }

                    if (peer.IHaveRpcs <= _options.MaxIHaveMessages || Has(GoGaps.IHaveMessagesUnbounded))
                    {
                        HandleIHave(peer, reader.Entry, now);
                    }

                    break;
                case ControlKind.IWant:
                    HandleIWant(peer, reader.Entry, now, effects);
                    break;
                case ControlKind.Graft:
                    HandleGraft(peer, ControlReader.TopicOf(reader.Entry), ref tellsPeers, now, effects);
                    break;
                case ControlKind.Prune:
                    HandlePrune(peer, reader.Entry, now, effects);
                    break;
                default:
                    HandleIDontWant(peer, reader.Entry, ref unwantedIds, effects);
                    break;
            }
        }

        foreach (TopicState topic in _refused)
        {
            SendPrune(peer, topic, _options.PruneBackoff, now, tellsPeers);
        }

        _refused.Clear();
    }

    // Only an RPC that has an IHAVE counts: a mesh that is busy with other control goes on to pull.
    private void CountIHaveRpc(GossipPeer peer)
    {
        if (++peer.IHaveRpcs > _options.MaxIHaveMessages)
        {
            Counters.IHaveRpcsOverLimit++;
        }
    }

    private void HandleIHave(GossipPeer peer, ReadOnlySpan<byte> entry, TimeSpan now)
    {
        if (_topics.Find(ControlReader.TopicOf(entry)) is not { IsJoined: true } topic || !MayGossip(peer))
        {
            return;
        }

        int size = topic.Rules.MessageId.EffectiveSize;
        IdReader ids = new(entry, ControlKind.IHave);
        while (ids.Next(out ReadOnlySpan<byte> wire))
        {
            if (!MessageId.TryParseWire(wire, size, out MessageId id))
            {
                Counters.IdsOfOtherShape++;
                continue;
            }

            MessageKey key = new(topic.Tag, id);
            if (_seen.TryGet(key, out _))
            {
                continue;
            }

            if (_waiting.Find(key) is not { } waiting)
            {
                WantFrom(peer, key, now);
            }
            else if (waiting.SignaturePolicy == SignaturePolicy.StrictSign)
            {
                WantLater(peer, key, now);
            }
        }
    }

    private void HandleIWant(GossipPeer peer, ReadOnlySpan<byte> entry, TimeSpan now, EffectList effects)
    {
        if (!MayGossip(peer))
        {
            return;
        }

        IdReader ids = new(entry, ControlKind.IWant);
        while (ids.Next(out ReadOnlySpan<byte> wire))
        {
            if (++peer.IdsWanted > _options.MaxIWantLength)
            {
                Counters.IWantIdsOverLimit++;
            }
            else if (!MessageId.TryParseWire(wire, wire.Length / 2, out MessageId id))
            {
                Counters.IdsOfOtherShape++;
            }
            else if (_history.Find(id) is { } first)
            {
                Answer(peer, first, now, effects);
            }
            else
            {
                Counters.IWantIdsUnknown++;
            }
        }
    }

    /// <summary>Sends the message on every topic that holds the id: the peer does not say which it wants.</summary>
    private void Answer(GossipPeer peer, HistoryEntry first, TimeSpan now, EffectList effects)
    {
        for (HistoryEntry? entry = first; entry is not null; entry = entry.Next)
        {
            if (IsUnwanted(peer, entry.Topic, entry.Id))
            {
                continue;
            }

            entry.Requests ??= [];
            ref int times = ref CollectionsMarshal.GetValueRefOrAddDefault(entry.Requests, peer.Id, out _);
            if (times >= _options.GossipRetransmission || peer.BytesAnswered >= _options.MaxIWantBytes)
            {
                Counters.IWantIdsOverLimit++;
                continue;
            }

            times++;
            peer.BytesAnswered += entry.Length;
            Counters.IWantAnswers++;
            Counters.MessagesSent++;
            effects.Add(Effect.SendMessage(peer, entry.ToMessage(), SendClass.IwantAnswer));
            if (entry.IsUnsent)
            {
                entry.IsUnsent = false;
                _seen.Set(entry.Key, SeenKind.Accepted, now);
            }
        }
    }

    /// <param name="peer">The peer.</param>
    /// <param name="name">The topic.</param>
    /// <param name="tellsPeers">
    /// Whether the answer to the whole RPC tells other peers: only if all that was wrong is that meshes are full. Who
    /// asks for what it must not is told nothing.
    /// </param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Appended to.</param>
    private void HandleGraft(
        GossipPeer peer, ReadOnlySpan<byte> name, ref bool tellsPeers, TimeSpan now, EffectList effects)
    {
        // A topic that we have not joined gets no answer: it would tell a stranger nothing and cost us a reply.
        if (_topics.Find(name) is not { IsJoined: true } topic)
        {
            Counters.GraftsRefused++;
            tellsPeers = false;
            return;
        }

        if (topic.Mesh.Contains(peer))
        {
            return;
        }

        bool mayJoin = TryAddSubscription(peer, name) is not null; // GRAFT says that it has joined, too.
        if (peer.IsSuspended) // It could not be told of a backoff, nor of a refusal now.
        {
            Counters.GraftsRefused++;
            tellsPeers = false;
            if (topic.Peers.Contains(peer))
            {
                NoteUntold(peer, topic);
            }

            return;
        }

        if (topic.Backoffs.TryGetValue(peer.Id, out TimeSpan until) && now < until)
        {
            bool flood = now < until + _options.GraftFloodThreshold - _options.PruneBackoff;
            Penalise(peer, Misbehaviour.GraftDuringBackoff, flood ? 2 : 1, effects);
            mayJoin = false;
        }

        bool full = topic.Mesh.Count >= topic.Degrees.High && peer.Direction != ConnectionDirection.Outbound;
        mayJoin = mayJoin && !peer.IsDirect && MayBeInMesh(peer, topic);
        if (!mayJoin || full || topic.Degrees.Degree == 0)
        {
            Counters.GraftsRefused++;
            tellsPeers &= mayJoin;
            if (!_refused.Contains(topic))
            {
                _refused.Add(topic);
            }

            return;
        }

        Counters.GraftsTaken++;
        EnterMesh(peer, topic, now, effects);
    }

    private void HandlePrune(GossipPeer peer, ReadOnlySpan<byte> entry, TimeSpan now, EffectList effects)
    {
        if (_topics.Find(ControlReader.TopicOf(entry)) is not { IsJoined: true } topic)
        {
            return;
        }

        if (LeaveMesh(peer, topic, effects))
        {
            Counters.PrunesTaken++;
            if (MayNamePeers(peer))
            {
                long before = Counters.ExchangedPeersTaken;
                TakePeers(peer, entry, effects); // Of a PRUNE that changes nothing they are not used.
                TracePeerExchange(peer, topic, (int)(Counters.ExchangedPeersTaken - before));
            }
        }

        // The peer's number, cut to what we accept: it must not keep us away for ever, nor overflow.
        double seconds = ControlReader.BackoffOf(entry);
        TimeSpan backoff = seconds == 0 ? _options.PruneBackoff
            : seconds >= LongestBackoff.TotalSeconds ? LongestBackoff
            : TimeSpan.FromSeconds(seconds);
        AddBackoff(topic, peer.Id, backoff, now);
    }

    private TimeSpan LongestBackoff =>
        Has(GoGaps.BackoffNotClamped) ? TimeSpan.FromDays(36_500) : _options.MaxBackoff;
}

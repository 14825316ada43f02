using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub;

// IDONTWANT (gossipsub v1.2): sent for what our queue has taken, obeyed wherever a message goes out.
public sealed partial class GossipsubRouter
{
    private readonly UnwantedIds _unwanted;

    // Taken by the queue in this turn: the mesh is told at the flush, unless they are lost again until then.
    private readonly List<GossipMessage> _taken = [];
    private ulong _lastPeerNumber;

    internal int UnwantedCount => _unwanted.Count;

    /// <summary>
    /// A message is in its topic's queue. Not before: who is told sends it no more, so that a message that the queue
    /// drops, or whose signature is bad, could be kept from us.
    /// </summary>
    private void NoteTaken(GossipMessage message)
    {
        if (message.Data.Length >= _options.IDontWantThreshold)
        {
            message.IsTaken = true;
            _taken.Add(message);
        }
    }

    /// <summary>
    /// Tells the mesh, and whoever was asked for it, that they need not send what was taken. The mesh is told nothing
    /// when it has been sent the message itself in this same turn: that says as much.
    /// </summary>
    private void TellTaken(EffectList effects)
    {
        foreach (GossipMessage message in _taken)
        {
            if (message.IsTaken)
            {
                if (!message.HasGoneOut)
                {
                    message.WasTold = true;
                    TellMesh(message.TopicState!, message, effects);
                }

                if (message.AskedElsewhere is { } asked && !message.TopicState!.Mesh.Contains(asked))
                {
                    Tell(asked, message, effects);
                }
            }

            message.IsTaken = false;
            message.AskedElsewhere = null;
        }

        _taken.Clear();
    }

    /// <summary>A message came from another than the one that was asked, who need not send it any more.</summary>
    private static void Withdraw(GossipPeer asked, GossipMessage message)
    {
        if (asked.IsDirty && asked.Outbox.IWantIds.Remove(message.Id))
        {
            asked.IdsAsked--;
        }
        else
        {
            message.AskedElsewhere = asked;
        }
    }

    private void TellMesh(TopicState topic, GossipMessage message, EffectList effects)
    {
        foreach (GossipPeer peer in topic.Mesh.Peers)
        {
            Tell(peer, message, effects);
        }
    }

    private void Tell(GossipPeer peer, GossipMessage message, EffectList effects)
    {
        if (peer.Protocol >= PubsubProtocol.Meshsub12 && !peer.IsRemoved && !message.Senders.Contains(peer))
        {
            Counters.IDontWantIdsSent++;
            effects.Add(Effect.SendIDontWant(peer, message));
        }
    }

    /// <summary>What other implementations do; see <see cref="GoGaps.IDontWantBeforeTheQueue"/>.</summary>
    private void TellBeforeTheQueue(
        GossipPeer peer, TopicState topic, in MessageId id, in MessageFields fields, EffectList effects)
    {
        if (fields.Data.Length >= _options.IDontWantThreshold)
        {
            byte[] frame = MessageEncoding.Encode(fields, out MessageEncoding encoding);
            GossipMessage message = new(topic.Name, id, topic.Rules.SignaturePolicy, peer, frame, encoding);
            message.TryAddSender(peer);
            TellMesh(topic, message, effects);
        }
    }

    /// <summary>
    /// Tells the mesh of our own publication, before it: whoever gets it from elsewhere first need not send it to us.
    /// </summary>
    private void TellOwn(GossipMessage message, TopicState topic, EffectList effects)
    {
        if (topic.IsJoined && message.Data.Length >= _options.IDontWantThreshold)
        {
            TellMesh(topic, message, effects);
        }
    }

    /// <param name="peer">The peer.</param>
    /// <param name="entry">The IDONTWANT.</param>
    /// <param name="idsOfRpc">Ids of IDONTWANTs of this RPC so far; -1 before the first IDONTWANT.</param>
    /// <param name="effects">Appended to.</param>
    private void HandleIDontWant(GossipPeer peer, ReadOnlySpan<byte> entry, ref int idsOfRpc, EffectList effects)
    {
        if (idsOfRpc < 0)
        {
            idsOfRpc = 0;
            peer.IDontWantRpcs++;
        }

        bool isHeard = peer.IDontWantRpcs <= _options.MaxIDontWantMessages;
        IdReader ids = new(entry, ControlKind.IDontWant);
        while (ids.Next(out ReadOnlySpan<byte> wire))
        {
            Counters.IDontWantIds++;
            if (!isHeard || ++idsOfRpc > _options.MaxIDontWantIds)
            {
                Counters.IDontWantIdsOverLimit++;
            }
            else if (!MessageId.TryParseWire(wire, wire.Length / 2, out MessageId id))
            {
                Counters.IdsOfOtherShape++;
            }
            else
            {
                if (!_unwanted.Add(peer.Number, id))
                {
                    Counters.IDontWantIdsOverLimit++;
                }

                Cancel(peer, id, effects);
            }
        }
    }

    /// <summary>Copies that wait in the peer's queue need not be sent.</summary>
    private void Cancel(GossipPeer peer, in MessageId id, EffectList effects)
    {
        for (HistoryEntry? entry = _history.Find(id); entry is not null; entry = entry.Next)
        {
            if (entry.Topic.Peers.Contains(peer) && !IsAmbiguous(peer, entry.Topic, id))
            {
                effects.Add(Effect.Cancel(peer, entry.CancelTarget));
            }
        }
    }

    /// <summary>Whether a message on a topic need not go to a peer, since it has said so.</summary>
    private bool IsUnwanted(GossipPeer peer, TopicState topic, in MessageId id)
    {
        if (!_unwanted.Contains(peer.Number, id) || IsAmbiguous(peer, topic, id))
        {
            return false;
        }

        Counters.SendsSpared++;
        return true;
    }

    /// <summary>
    /// An IDONTWANT names no topic. Where we hold the same data on another topic that the peer has announced, it may
    /// have meant that one, and the message goes out: one copy too many is better than one too few.
    /// </summary>
    private bool IsAmbiguous(GossipPeer peer, TopicState topic, in MessageId id)
    {
        foreach (TopicState other in peer.Topics)
        {
            if (other != topic && other.IsJoined
                && (_waiting.Find(new MessageKey(other.Tag, id)) is not null || _history.Find(id, other) is not null))
            {
                return true;
            }
        }

        return false;
    }
}

using System.Runtime.InteropServices;
using System.Text;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.State;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Gossipsub;

// Peers come and go, and say which topics they have joined.
public sealed partial class GossipsubRouter
{
    // Misdeeds that one RPC with too many topics is at most: half the default threshold of P7.
    private const int MaxTopicMisdeeds = 5;

    // The subscriptions of the RPC at hand by topic, null for what was taken back; empty between calls.
    private readonly Dictionary<byte[], bool?> _said = new(TopicNameComparer.Instance);

    /// <summary>A peer can be written to: our topics are announced to it.</summary>
    /// <param name="id">Who it is.</param>
    /// <param name="protocol">What was negotiated with it.</param>
    /// <param name="direction">Who dialed.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Appended to.</param>
    /// <exception cref="InvalidOperationException">The peer is there already; remove it first.</exception>
    public GossipPeer AddPeer(
        PeerId id, PubsubProtocol protocol, ConnectionDirection direction, TimeSpan now, EffectList effects)
    {
        GossipPeer peer = new(id, protocol, direction)
        {
            Number = ++_lastPeerNumber,
            IsDirect = IsDirect(id),
        };
        if (!_peersById.TryAdd(id, peer))
        {
            throw new InvalidOperationException($"Peer {id} is known to the router already.");
        }

        _peers.Add(peer);
        _scores?.Add(peer);
        _protection?.SetAddresses(peer, []);
        Trace?.Trace(TraceEvent.AddPeer(id, protocol));
        foreach (TopicState topic in _joined)
        {
            OutboxOf(peer).Subscriptions.Add((topic.NameBytes, true));
        }

        return peer;
    }

    /// <summary>
    /// The stream to a peer broke and another is open: what the old one carried may be lost, so our topics and our
    /// place in its meshes are told again. What the peer told us stands.
    /// </summary>
    /// <param name="peer">The peer; nothing happens if it was removed.</param>
    /// <param name="protocol">What was negotiated with it this time.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Appended to.</param>
    public void Reannounce(GossipPeer peer, PubsubProtocol protocol, TimeSpan now, EffectList effects)
    {
        if (peer.IsRemoved)
        {
            return;
        }

        ForgivePromises(peer);
        if (protocol != peer.Protocol)
        {
            ChangeProtocol(peer, protocol, effects);
        }

        Resume(peer, now);

        foreach (TopicState topic in _joined)
        {
            OutboxOf(peer).Subscriptions.Add((topic.NameBytes, true));
            if (topic.Mesh.Contains(peer))
            {
                OutboxOf(peer).Grafts.Add(topic.NameBytes);
            }
        }
    }

    /// <summary>A peer that speaks only floodsub now is in no mesh and gets all; one that no longer does, is not.</summary>
    private void ChangeProtocol(GossipPeer peer, PubsubProtocol protocol, EffectList effects)
    {
        peer.Protocol = protocol;
        foreach (TopicState topic in peer.Topics)
        {
            if (peer.SpeaksMeshsub)
            {
                if (!peer.IsDirect)
                {
                    topic.FloodPeers.Remove(peer);
                }

                continue;
            }

            topic.FloodPeers.Add(peer);
            topic.Fanout.Remove(peer);
            LeaveMesh(peer, topic, effects);
        }
    }

    /// <summary>A peer is gone. Later effects and inputs that name it do nothing; its backoffs stay.</summary>
    public void RemovePeer(GossipPeer peer, TimeSpan now, EffectList effects)
    {
        if (peer.IsRemoved)
        {
            return;
        }

        peer.IsRemoved = true;
        _hasLostDirect |= peer.IsDirect;
        _peersById.Remove(peer.Id);
        _peers.Remove(peer);
        _scores?.Remove(peer, now);
        _protection?.Remove(peer);
        for (int i = peer.Topics.Count - 1; i >= 0; i--)
        {
            RemoveSubscription(peer, peer.Topics[i], effects);
        }

        peer.Outbox.Clear();
        Trace?.Trace(TraceEvent.RemovePeer(peer.Id));
    }

    /// <summary>A peer sent an RPC. The memory of <paramref name="rpc"/> is not used after the call.</summary>
    public void HandleRpc(GossipPeer peer, RpcView rpc, TimeSpan now, EffectList effects)
    {
        Trace?.Trace(TraceEvent.ReceiveRpc(peer.Id, rpc));
        Admission admission = peer.IsRemoved ? Admission.None
            : peer.IsDirect ? Admission.All
            : IsGraylisted(peer) ? Admission.None
            : _policy.Admit(peer, now);
        if (admission != Admission.All && (rpc.HasPayload || admission == Admission.None))
        {
            Counters.Count(MessageDrop.PeerNotAdmitted, rpc.MessageCount);
            Trace?.Trace(TraceEvent.Throttle(peer.Id, rpc.MessageCount));
        }

        if (admission == Admission.None)
        {
            if (Has(GoGaps.SubscriptionsBeforeGraylist) && !peer.IsRemoved)
            {
                HandleSubscriptions(peer, rpc.Frame.Span, rpc.SubscriptionCount, now, effects);
            }

            return;
        }

        if (rpc.SubscriptionCount > 0)
        {
            HandleSubscriptions(peer, rpc.Frame.Span, rpc.SubscriptionCount, now, effects);
        }

        if (admission == Admission.All && rpc.HasPayload)
        {
            HandleMessages(peer, rpc, now, effects);
        }

        if (rpc.ControlCount > 0 && peer.SpeaksMeshsub)
        {
            HandleControl(peer, rpc.Frame.Span, now, effects);
        }
    }

    /// <summary>A peer sent bytes that <see cref="RpcScanner"/> refused.</summary>
    public void HandleViolation(GossipPeer peer, RpcViolation violation, EffectList effects)
    {
        if (violation != RpcViolation.None)
        {
            Penalise(peer, Misbehaviour.MalformedRpc, 1, effects);
        }
    }

    private void HandleSubscriptions(
        GossipPeer peer, ReadOnlySpan<byte> frame, int count, TimeSpan now, EffectList effects)
    {
        SubscriptionReader reader = new(frame);
        int ignored = peer.TopicsIgnored;
        if (count == 1)
        {
            reader.Next(out bool subscribe, out ReadOnlySpan<byte> name);
            HandleSubscription(peer, name, subscribe, now, effects);
        }
        else
        {
            CollectSubscriptions(reader);
            HandleSubscriptions(peer, subscribe: false, now, effects);
            HandleSubscriptions(peer, subscribe: true, now, effects);
            _said.Clear();
            if (_said.Capacity > 128)
            {
                _said.TrimExcess();
            }
        }

        // A peer may be in more topics than we care to remember, but hardly in more than we could be in ourselves.
        int over = peer.TopicsIgnored - Math.Max(ignored, _options.MaxTopics);
        if (over > 0)
        {
            Penalise(peer, Misbehaviour.TooManyTopics, WeightOfTopics(over), effects);
        }
    }

    /// <summary>
    /// Misdeeds that one RPC is: one, and one more for each as many topics as we would remember of a peer. It is
    /// bounded, so that one who is in three thousand topics and tells it once is within what a score forgives.
    /// </summary>
    private int WeightOfTopics(int over) =>
        Math.Min(MaxTopicMisdeeds, 1 + (over / Math.Max(1, _options.MaxTopicsPerPeer)));

    /// <summary>Repeats collapse; what is said and taken back in one RPC was not said.</summary>
    private void CollectSubscriptions(SubscriptionReader reader)
    {
        Dictionary<byte[], bool?>.AlternateLookup<ReadOnlySpan<byte>> lookup =
            _said.GetAlternateLookup<ReadOnlySpan<byte>>();
        while (reader.Next(out bool subscribe, out ReadOnlySpan<byte> name))
        {
            ref bool? said = ref CollectionsMarshal.GetValueRefOrAddDefault(lookup, name, out _);
            said = said is null || said == subscribe ? subscribe : null;
        }
    }

    private void HandleSubscriptions(GossipPeer peer, bool subscribe, TimeSpan now, EffectList effects)
    {
        foreach ((byte[] name, bool? said) in _said)
        {
            if (said == subscribe)
            {
                HandleSubscription(peer, name, subscribe, now, effects);
            }
        }
    }

    private void HandleSubscription(
        GossipPeer peer, ReadOnlySpan<byte> name, bool subscribe, TimeSpan now, EffectList effects)
    {
        if (!subscribe)
        {
            if (_topics.Find(name) is { } known)
            {
                RemoveSubscription(peer, known, effects);
            }
        }
        else if (TryAddSubscription(peer, name) is { } topic)
        {
            GraftIfThin(peer, topic, now, effects);
        }
    }

    /// <summary>The topic that the peer has now announced; null if it is ignored.</summary>
    private TopicState? TryAddSubscription(GossipPeer peer, ReadOnlySpan<byte> name)
    {
        TopicState? topic = _topics.Find(name);
        if (topic is not null && topic.Peers.Contains(peer))
        {
            return topic;
        }

        // The limit comes first: beyond it nothing is made of the name. Topics that we have joined are here anyway.
        if (peer.Topics.Count >= _options.MaxTopicsPerPeer && topic is not { IsJoined: true }
            && !Has(GoGaps.UnboundedTopics))
        {
            Counters.SubscriptionsIgnored++;
            peer.TopicsIgnored++;
            return null;
        }

        if (topic is null)
        {
            string text = Encoding.UTF8.GetString(name);
            if (!TopicNames.TryEncode(text, _options, out byte[] bytes))
            {
                Counters.SubscriptionsIgnored++;
                return null;
            }

            topic = _topics.GetOrAdd(text, bytes);
        }

        topic.Peers.Add(peer);
        if ((!peer.SpeaksMeshsub || peer.IsDirect) && !peer.IsSuspended)
        {
            topic.FloodPeers.Add(peer);
        }

        peer.Topics.Add(topic);
        return topic;
    }

    private void RemoveSubscription(GossipPeer peer, TopicState topic, EffectList effects)
    {
        if (!topic.Peers.Remove(peer))
        {
            return;
        }

        peer.Topics.Remove(topic);
        peer.UntoldPrunes.Remove(topic);
        topic.ToldAt.Remove(peer);
        topic.FloodPeers.Remove(peer);
        topic.Fanout.Remove(peer);
        LeaveMesh(peer, topic, effects);
        _topics.Release(topic);
    }
}

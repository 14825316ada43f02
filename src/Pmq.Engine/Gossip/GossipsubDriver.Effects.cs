using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Engine.Gossip;

/// <summary>Carries out what the router asks for.</summary>
internal sealed partial class GossipsubDriver
{
    /// <summary>What became of the publication whose effects are being carried out.</summary>
    private struct PublishTally
    {
        public GossipMessage Message;
        public int Sent;
        public int Queued;
        public int Full;
        public int Gone;
    }

    private void CarryOut(TimeSpan now)
    {
        do
        {
            while (_nextEffect < _effects.Count)
            {
                // Copied: carrying it out may append to the list.
                Effect effect = _effects[_nextEffect++];
                Apply(effect, now);
            }

            _router.Flush(_effects);
        }
        while (_nextEffect < _effects.Count);

        _effects.Clear();
        _nextEffect = 0;
    }

    private void Apply(in Effect effect, TimeSpan now)
    {
        switch (effect.Kind)
        {
            case EffectKind.SendMessage:
                SendMessage(effect.Peer, effect.Message, effect.SendClass, now);
                break;
            case EffectKind.SendControl:
                SendControl(effect.Peer, effect.Frame, effect.IsIDontWant);
                break;
            case EffectKind.VerifySignature:
                _signatures.Enqueue(effect.Message);
                break;
            case EffectKind.Validate:
                Validate(effect.Message, now);
                break;
            case EffectKind.Deliver:
                Deliver(effect.Message, now);
                break;
            case EffectKind.Penalise:
                Penalise(effect);
                break;
            case EffectKind.Grafted:
                _metrics.MeshChanged(+1);
                Log.Grafted(_logger, effect.Peer.Id, effect.Topic);
                break;
            case EffectKind.Pruned:
                _metrics.MeshChanged(-1);
                Log.Pruned(_logger, effect.Peer.Id, effect.Topic);
                break;
            case EffectKind.Connect:
                _connector.Offer(effect.Target);
                break;
            case EffectKind.Cancel:
                (effect.Peer.DriverState as PeerLink)?.Outbound.Cancel(effect.Cancelled.Topic, effect.Cancelled.Id);
                break;
            default:
                throw new InvariantException($"An effect of kind {effect.Kind}.");
        }
    }

    private void SendMessage(GossipPeer peer, GossipMessage message, SendClass sendClass, TimeSpan now)
    {
        OutboundOutcome? outcome = peer.DriverState is PeerLink link
            ? link.Outbound.Offer(message, sendClass, now)
            : null;
        if (outcome is OutboundOutcome.Sent or OutboundOutcome.Queued)
        {
            _router.Trace?.Trace(TraceEvent.SendRpc(peer.Id, message));
        }
        else
        {
            OutboundDrop reason = outcome is null ? OutboundDrop.PeerGone : OutboundDrop.Full;
            _metrics.CountOutboundDrops(sendClass, reason, 1);
            _router.Trace?.Trace(TraceEvent.DropRpc(peer.Id, message));
        }

        if (_tally is { } tally && tally.Message == message)
        {
            tally.Sent += outcome == OutboundOutcome.Sent ? 1 : 0;
            tally.Queued += outcome == OutboundOutcome.Queued ? 1 : 0;
            tally.Full += outcome == OutboundOutcome.Full ? 1 : 0;
            tally.Gone += outcome is null ? 1 : 0;
            _tally = tally;
        }
    }

    private void SendControl(GossipPeer peer, ReadOnlyMemory<byte> frame, bool isIDontWant)
    {
        if (peer.DriverState is not PeerLink link)
        {
            return;
        }

        if (isIDontWant ? link.Outbound.OfferIDontWant(frame) : link.Outbound.OfferControl(frame))
        {
            _router.Trace?.Trace(TraceEvent.SendRpc(peer.Id, frame));
        }
        else
        {
            _router.Trace?.Trace(TraceEvent.DropRpc(peer.Id, frame));
            if (isIDontWant)
            {
                _metrics.CountIDontWantDrop();
                return;
            }

            // Control that is lost would leave the two views of the mesh apart for good.
            link.Disconnect(new CloseReason(CloseKind.LimitExceeded, "gossipsub: control is not read"));
        }
    }

    private void Validate(GossipMessage message, TimeSpan now)
    {
        if (_options.ValidationOf(message.Topic) == ValidationMode.None)
        {
            _router.OnVerdict(message, Verdict.Accept, now, _effects);
        }
        else if (!TryOffer(message))
        {
            _router.OnLost(message, ValidationLoss.QueueFull, now);
        }
    }

    private bool TryOffer(GossipMessage message) => _verifiers.TryOffer(
        message.Topic, message.Id, message, message.ReceivedFrom, message.Frame.Length,
        _options.MaxPendingOf(message.Topic));

    private void Deliver(GossipMessage message, TimeSpan now)
    {
        if (_listeners.IsWanted(message.Topic))
        {
            _listeners.Deliver(Present(message), now);
        }
    }

    private void Penalise(in Effect effect)
    {
        Log.Misbehaved(_logger, effect.Peer.Id, effect.Misbehaviour, effect.Count);
        if (Misbehaviours.ConsequenceOf(effect.Misbehaviour) == Consequence.Disconnect
            && effect.Peer.DriverState is PeerLink link)
        {
            link.Disconnect(new CloseReason(CloseKind.ProtocolViolation, $"gossipsub: {effect.Misbehaviour}"));
        }
    }

    /// <summary>The message as listeners and verifiers see it.</summary>
    private ReceivedMessage Present(GossipMessage message)
    {
        PeerId? author = null;
        if (message.From.Length > 0)
        {
            PeerId.TryFromBytes(message.From.Span, out author);
        }

        return new ReceivedMessage(
            message.Topic, message.Id.ToString(), message.Data, message.ReceivedFrom?.Id ?? _host.LocalPeer, author);
    }
}

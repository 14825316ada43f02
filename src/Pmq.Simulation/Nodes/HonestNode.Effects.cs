using Pmq.Gossipsub;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Simulation.Links;
using Pmq.Simulation.Measuring;
using Pmq.Simulation.Messages;

namespace Pmq.Simulation.Nodes;

// What the router asks for is carried out, as the driver does.
public partial class HonestNode
{
    private int _publishDrops;

    private void EndTurn()
    {
        Router.Flush(_effects);
        if (_effects.Count == 0)
        {
            return;
        }

        GossipMessage? last = null;
        Frame? frame = null;
        for (int i = 0; i < _effects.Count; i++)
        {
            Effect effect = _effects[i];
            if (effect.Kind == EffectKind.SendMessage)
            {
                if (effect.Message != last)
                {
                    last = effect.Message;
                    frame = World.Messages.FrameOf(last);
                }

                SendMessage(effect.Peer, frame!, effect.SendClass);
            }
            else
            {
                CarryOut(effect);
            }
        }

        _effects.Clear();
    }

    private void SendMessage(GossipPeer peer, Frame frame, SendClass sendClass)
    {
        bool isOwn = sendClass == SendClass.Publish;
        SendOutcome outcome = Send(ConnectionOf(peer), frame, isOwn ? FrameClass.Publish : FrameClass.Relay);
        if (outcome == SendOutcome.Dropped && isOwn)
        {
            _publishDrops++;
        }
    }

    private void CarryOut(in Effect effect)
    {
        switch (effect.Kind)
        {
            case EffectKind.SendControl:
                SendControl(ConnectionOf(effect.Peer), effect.Frame);
                break;
            case EffectKind.VerifySignature:
                SetTimer(SignatureDelay, SignatureTimer, effect.Message);
                break;
            case EffectKind.Validate:
                BeginVerdict(effect.Message);
                break;
            case EffectKind.Deliver:
                Deliver(effect.Message);
                break;
            case EffectKind.Penalise:
                Penalise(effect);
                break;
            case EffectKind.Grafted:
                CountMesh(effect, 1);
                break;
            case EffectKind.Pruned:
                CountMesh(effect, -1);
                break;
        }
    }

    private void Deliver(GossipMessage message)
    {
        World.Messages.TryFind(message.Data.Span, out SimMessage? known);
        World.Trace.Add(World.NowTicks, Number, TraceStep.Deliver, known?.Number ?? -1);
        World.Checkers.OnDelivery(this, known);
        if (known is not null)
        {
            World.Follow(known.Number, this, "delivers it");
            World.Measure.OnDelivered(this, known);
        }
    }

    private void Penalise(in Effect effect)
    {
        Connection connection = ConnectionOf(effect.Peer);
        World.Trace.Add(World.NowTicks, Number, TraceStep.Penalise, ((long)effect.Misbehaviour << 32) | (uint)connection.Remote.Number);
        World.Checkers.OnPenalty(this, connection.Remote, effect.Misbehaviour);
        if (Misbehaviours.ConsequenceOf(effect.Misbehaviour) == Consequence.Disconnect)
        {
            Close(connection);
            Router.RemovePeer(effect.Peer, Now, _effects);
        }
    }
}

using Pmq.Core.Encoding;
using Pmq.Core.Runtime;
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
    private readonly List<Connection> _slow = [];
    private int _publishDrops;
    private Frame? _control;
    private ReadOnlyMemory<byte> _controlFrames;

    /// <inheritdoc />
    protected internal override void OnQueueDrop(Connection connection) => NoteSlow(connection);

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

    private protected virtual void CarryOut(in Effect effect)
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
            case EffectKind.Connect:
                if (World.TryFind(effect.Target.Peer, out Actor? target))
                {
                    Dial(target);
                }

                break;
            case EffectKind.Cancel:
                Cancel(ConnectionOf(effect.Peer), effect.Cancelled);
                break;
        }
    }

    // Several peers are often told the same: their effects share the memory, so that they share the scan, too.
    private void SendControl(Connection to, ReadOnlyMemory<byte> frames)
    {
        if (_control is { } last && frames.Equals(_controlFrames))
        {
            last.IsShared = true;
            Send(to, last, FrameClass.Control);
            return;
        }

        _control = null;
        _controlFrames = frames;
        while (!frames.IsEmpty)
        {
            Invariant.Check(Varint.Read(frames.Span, out ulong length, out int prefix) == VarintStatus.Done);
            Frame frame = new(frames.Slice(prefix, (int)length));
            Send(to, frame, FrameClass.Control);
            frames = frames[(prefix + (int)length)..];
            _control = frames.IsEmpty && _controlFrames.Length == frame.WireLength ? frame : null;
        }
    }

    private void Cancel(Connection connection, CancelTarget cancelled)
    {
        if (connection.QueuedFrames > 0 && World.Messages.TryFind(cancelled.Topic, cancelled.Id, out int number))
        {
            World.Cancel(connection, number);
        }
    }

    /// <summary>What our own uplink is to blame for does not count against the peer.</summary>
    private void NoteSlow(Connection connection)
    {
        if (connection.IsOpen && (connection.IsClogged || connection.ReaderBytesPerSecond is not null)
            && connection.SlowDrops++ == 0)
        {
            _slow.Add(connection);
        }
    }

    private void TellSlowPeers()
    {
        foreach (Connection connection in _slow)
        {
            Router.OnSlowPeer(PeerOf(connection), connection.SlowDrops, Now);
            connection.SlowDrops = 0;
        }

        _slow.Clear();
    }

    private protected virtual void Deliver(GossipMessage message)
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
        long detail = ((long)effect.Misbehaviour << 32) | (uint)connection.Remote.Number;
        World.Trace.Add(World.NowTicks, Number, TraceStep.Penalise, detail);
        World.Checkers.OnPenalty(this, connection, effect.Misbehaviour);
        if (Misbehaviours.ConsequenceOf(effect.Misbehaviour) == Consequence.Disconnect)
        {
            Forget(connection);
        }
    }
}

using Pmq.Gossipsub.Messages;

namespace Pmq.Gossipsub.Effects;

/// <summary>One thing the driver is asked to do; which members are set depends on <see cref="Kind"/>.</summary>
public readonly struct Effect
{
    private Effect(
        EffectKind kind, GossipPeer? peer, object? subject, SendClass sendClass, Misbehaviour misbehaviour, int count)
    {
        Kind = kind;
        _peer = peer;
        _subject = subject;
        SendClass = sendClass;
        Misbehaviour = misbehaviour;
        Count = count;
    }

    private readonly GossipPeer? _peer;
    private readonly object? _subject;

    /// <summary>What to do.</summary>
    public EffectKind Kind { get; }

    /// <summary>Why a message is sent; for <see cref="EffectKind.SendMessage"/>.</summary>
    public SendClass SendClass { get; }

    /// <summary>What a peer did; for <see cref="EffectKind.Penalise"/>.</summary>
    public Misbehaviour Misbehaviour { get; }

    /// <summary>How often; for <see cref="EffectKind.Penalise"/>.</summary>
    public int Count { get; }

    /// <summary>The peer concerned; not set for Deliver, Validate and VerifySignature.</summary>
    public GossipPeer Peer => _peer!;

    /// <summary>The message concerned; for SendMessage, VerifySignature, Validate and Deliver.</summary>
    public GossipMessage Message => (GossipMessage)_subject!;

    /// <summary>The topic concerned; for Grafted and Pruned.</summary>
    public string Topic => (string)_subject!;

    /// <summary>
    /// Whole RPCs, each with its length prefix; for SendControl. Owned by the driver from here on, never written to
    /// again.
    /// </summary>
    public ReadOnlyMemory<byte> Frame => _subject is GossipMessage taken ? taken.IDontWant : (byte[])_subject!;

    /// <summary>
    /// Whether <see cref="Frame"/> is an IDONTWANT: it may be dropped, and it may lie in the array of its message, so
    /// that one who keeps it keeps that.
    /// </summary>
    public bool IsIDontWant => Kind == EffectKind.SendControl && _subject is GossipMessage;

    /// <summary>Whom to connect to; for Connect, which has no <see cref="Peer"/>.</summary>
    public ConnectTarget Target => (ConnectTarget)_subject!;

    /// <summary>What the peer does not want; for Cancel.</summary>
    public CancelTarget Cancelled => (CancelTarget)_subject!;

    internal static Effect SendMessage(GossipPeer peer, GossipMessage message, SendClass sendClass) =>
        new(EffectKind.SendMessage, peer, message, sendClass, default, 0);

    internal static Effect SendControl(GossipPeer peer, byte[] frame) =>
        new(EffectKind.SendControl, peer, frame, default, default, 0);

    /// <summary>The IDONTWANT of a message.</summary>
    internal static Effect SendIDontWant(GossipPeer peer, GossipMessage message) =>
        new(EffectKind.SendControl, peer, message, default, default, 0);

    internal static Effect VerifySignature(GossipMessage message) =>
        new(EffectKind.VerifySignature, null, message, default, default, 0);

    internal static Effect Validate(GossipMessage message) =>
        new(EffectKind.Validate, null, message, default, default, 0);

    internal static Effect Deliver(GossipMessage message) =>
        new(EffectKind.Deliver, null, message, default, default, 0);

    internal static Effect Penalise(GossipPeer peer, Misbehaviour misbehaviour, int count) =>
        new(EffectKind.Penalise, peer, null, default, misbehaviour, count);

    internal static Effect Grafted(GossipPeer peer, string topic) =>
        new(EffectKind.Grafted, peer, topic, default, default, 0);

    internal static Effect Connect(ConnectTarget target) =>
        new(EffectKind.Connect, null, target, default, default, 0);

    internal static Effect Cancel(GossipPeer peer, CancelTarget message) =>
        new(EffectKind.Cancel, peer, message, default, default, 0);

    internal static Effect Pruned(GossipPeer peer, string topic) =>
        new(EffectKind.Pruned, peer, topic, default, default, 0);
}

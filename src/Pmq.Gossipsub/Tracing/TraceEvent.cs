using Pmq.Core.Identity;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;

namespace Pmq.Gossipsub.Tracing;

/// <summary>
/// One event; which members are set depends on <see cref="Kind"/>. Made and read without allocation, but for <see
/// cref="ReadRpc"/>.
/// </summary>
public readonly struct TraceEvent
{
    private readonly object? _rpc;
    private readonly ReadOnlyMemory<byte> _frames;

    private TraceEvent(
        TraceKind kind, PeerId? peer = null, string? topic = null, MessageId messageId = default,
        MessageDrop reason = default, Misbehaviour misbehaviour = default, int count = 0, double score = 0,
        ScoreBand band = default, object? rpc = null, ReadOnlyMemory<byte> frames = default)
    {
        Kind = kind;
        Peer = peer;
        Topic = topic;
        MessageId = messageId;
        Reason = reason;
        Misbehaviour = misbehaviour;
        Count = count;
        Score = score;
        Band = band;
        _rpc = rpc;
        _frames = frames;
    }

    /// <summary>What happened.</summary>
    public TraceKind Kind { get; }

    /// <summary>The peer concerned: whom it came from or goes to. Null for Publish, Join, Leave and our own messages.</summary>
    public PeerId? Peer { get; }

    /// <summary>The topic concerned; null where there is none.</summary>
    public string? Topic { get; }

    /// <summary>The message concerned; of size 0 where there is none.</summary>
    public MessageId MessageId { get; }

    /// <summary>Why a message went no further; for Reject and Duplicate.</summary>
    public MessageDrop Reason { get; }

    /// <summary>What the peer did; for Penalty.</summary>
    public Misbehaviour Misbehaviour { get; }

    /// <summary>How often or how many; for Penalty, PeerExchange, SlowPeer and Throttle.</summary>
    public int Count { get; }

    /// <summary>The peer's score; for ScoreBand.</summary>
    public double Score { get; }

    /// <summary>The band that it moved into; for ScoreBand.</summary>
    public ScoreBand Band { get; }

    /// <summary>What the peer speaks; for AddPeer.</summary>
    public PubsubProtocol Protocol => (PubsubProtocol)Count;

    /// <summary>The signature policy of the topic; for a Reject that breaks it.</summary>
    public SignaturePolicy SignaturePolicy => (SignaturePolicy)Count;

    /// <summary>
    /// What the RPC carries; for ReceiveRpc, SendRpc and DropRpc. Allocates; to be called while the event is borrowed.
    /// </summary>
    public RpcMeta ReadRpc() => _rpc switch
    {
        RpcView view => RpcMeta.Of(view),
        GossipMessage message => RpcMeta.Of(message),
        _ => RpcMeta.OfFrames(_frames.Span),
    };

    /// <summary>We published a message.</summary>
    public static TraceEvent Publish(GossipMessage message) =>
        new(TraceKind.Publish, topic: message.Topic, messageId: message.Id);

    /// <summary>A message of a peer went no further.</summary>
    /// <param name="peer">Whom it came from.</param>
    /// <param name="topic">Its topic; null if it is not known.</param>
    /// <param name="id">Its id; default if it is not known.</param>
    /// <param name="reason">Why.</param>
    /// <param name="policy">The signature policy of the topic.</param>
    public static TraceEvent Reject(
        PeerId? peer, string? topic, in MessageId id, MessageDrop reason, SignaturePolicy policy = default) =>
        new(TraceKind.Reject, peer, topic, id, reason, count: (int)policy);

    /// <summary>A message came again, while it waited or after its verdict.</summary>
    public static TraceEvent Duplicate(PeerId peer, string topic, in MessageId id, MessageDrop reason) =>
        new(TraceKind.Duplicate, peer, topic, id, reason);

    /// <summary>A message is delivered.</summary>
    public static TraceEvent Deliver(GossipMessage message) =>
        new(TraceKind.Deliver, message.ReceivedFrom?.Id, message.Topic, message.Id);

    /// <summary>A peer can be written to.</summary>
    public static TraceEvent AddPeer(PeerId peer, PubsubProtocol protocol) =>
        new(TraceKind.AddPeer, peer, count: (int)protocol);

    /// <summary>A peer is gone.</summary>
    public static TraceEvent RemovePeer(PeerId peer) => new(TraceKind.RemovePeer, peer);

    /// <summary>An RPC came.</summary>
    public static TraceEvent ReceiveRpc(PeerId peer, RpcView rpc) => new(TraceKind.ReceiveRpc, peer, rpc: rpc);

    /// <summary>A message was sent or queued.</summary>
    public static TraceEvent SendRpc(PeerId peer, GossipMessage message) =>
        new(TraceKind.SendRpc, peer, rpc: message);

    /// <summary>Subscriptions and control were sent or queued: whole RPCs, each with its length.</summary>
    public static TraceEvent SendRpc(PeerId peer, ReadOnlyMemory<byte> frames) =>
        new(TraceKind.SendRpc, peer, frames: frames);

    /// <summary>A message was dropped instead of sent.</summary>
    public static TraceEvent DropRpc(PeerId peer, GossipMessage message) =>
        new(TraceKind.DropRpc, peer, rpc: message);

    /// <summary>Control was dropped instead of sent.</summary>
    public static TraceEvent DropRpc(PeerId peer, ReadOnlyMemory<byte> frames) =>
        new(TraceKind.DropRpc, peer, frames: frames);

    /// <summary>We joined a topic.</summary>
    public static TraceEvent Join(string topic) => new(TraceKind.Join, topic: topic);

    /// <summary>We left a topic.</summary>
    public static TraceEvent Leave(string topic) => new(TraceKind.Leave, topic: topic);

    /// <summary>A peer is in our mesh.</summary>
    public static TraceEvent Graft(PeerId peer, string topic) => new(TraceKind.Graft, peer, topic);

    /// <summary>A peer is no longer in our mesh.</summary>
    public static TraceEvent Prune(PeerId peer, string topic) => new(TraceKind.Prune, peer, topic);

    /// <summary>A peer did something against the protocol.</summary>
    public static TraceEvent Penalty(PeerId peer, Misbehaviour misbehaviour, int count) =>
        new(TraceKind.Penalty, peer, misbehaviour: misbehaviour, count: count);

    /// <summary>A peer's score moved into another band.</summary>
    public static TraceEvent ScoreMoved(PeerId peer, double score, ScoreBand band) =>
        new(TraceKind.ScoreBand, peer, score: score, band: band);

    /// <summary>A peer named others in a PRUNE, of which <paramref name="count"/> are used.</summary>
    public static TraceEvent PeerExchange(PeerId peer, string topic, int count) =>
        new(TraceKind.PeerExchange, peer, topic, count: count);

    /// <summary>Messages were dropped for a peer that does not read fast enough.</summary>
    public static TraceEvent SlowPeer(PeerId peer, int count) => new(TraceKind.SlowPeer, peer, count: count);

    /// <summary>The messages of an RPC were refused unread.</summary>
    public static TraceEvent Throttle(PeerId peer, int messages) => new(TraceKind.Throttle, peer, count: messages);
}

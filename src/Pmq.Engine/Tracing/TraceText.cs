using Pmq.Gossipsub;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Engine.Tracing;

/// <summary>The words of a trace.</summary>
internal static class TraceText
{
    /// <summary>Why a message was rejected; in the words of go-libp2p-pubsub where it has such a reason.</summary>
    public static string ReasonOf(in TraceEvent traced) => traced.Reason switch
    {
        MessageDrop.SignaturePolicyBroken =>
            traced.SignaturePolicy == SignaturePolicy.StrictSign ? "missing signature" : "unexpected signature",
        MessageDrop.InvalidSignature => "invalid signature",
        MessageDrop.SelfOrigin => "self originated message",
        MessageDrop.QueueFull => "validation queue full",
        MessageDrop.Rejected => "validation failed",
        MessageDrop.Ignored => "validation ignored",
        MessageDrop.Timeout => "validation timeout",
        MessageDrop.VerifierLost => "verifier lost",
        MessageDrop.SignatureNotCanonical => "signature not canonical",
        MessageDrop.TopicNotJoined => "topic not joined",
        MessageDrop.EmptyData => "empty message",
        MessageDrop.Superseded => "superseded",
        MessageDrop other => other.ToString(),
    };

    /// <summary>The name of a kind in JSON and in the skip list; null if there is no such kind.</summary>
    public static string? NameOf(TraceKind kind) => kind switch
    {
        TraceKind.Publish => "publish",
        TraceKind.Reject => "reject",
        TraceKind.Duplicate => "duplicate",
        TraceKind.Deliver => "deliver",
        TraceKind.AddPeer => "addPeer",
        TraceKind.RemovePeer => "removePeer",
        TraceKind.ReceiveRpc => "recvRPC",
        TraceKind.SendRpc => "sendRPC",
        TraceKind.DropRpc => "dropRPC",
        TraceKind.Join => "join",
        TraceKind.Leave => "leave",
        TraceKind.Graft => "graft",
        TraceKind.Prune => "prune",
        TraceKind.Penalty => "penalty",
        TraceKind.ScoreBand => "scoreBand",
        TraceKind.PeerExchange => "peerExchange",
        TraceKind.SlowPeer => "slowPeer",
        TraceKind.Throttle => "throttle",
        _ => null,
    };

    /// <summary>The name of a band.</summary>
    public static string NameOf(ScoreBand band) => band switch
    {
        ScoreBand.Ok => "ok",
        ScoreBand.NoGossip => "noGossip",
        ScoreBand.NoPublish => "noPublish",
        _ => "graylisted",
    };
}

using Pmq.Gossipsub;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Engine.Tracing;

/// <summary>The words of a trace.</summary>
public static class TraceText
{
    /// <summary>Why a message was rejected; in the words of go-libp2p-pubsub where it has such a reason.</summary>
    internal static string ReasonOf(in TraceEvent traced) => traced.Reason switch
    {
        MessageDrop.SignaturePolicyBroken =>
            traced.SignaturePolicy == SignaturePolicy.StrictSign ? "missing signature" : "unexpected signature",
        MessageDrop.InvalidSignature => "invalid signature",
        MessageDrop.SelfOrigin => "self originated message",
        MessageDrop.QueueFull => "validation queue full",
        MessageDrop.Rejected => "validation failed",
        MessageDrop.Ignored => "validation ignored",
        MessageDrop.QueueProtected => "validation throttled",
        MessageDrop.Timeout => "validation timeout",
        MessageDrop.VerifierLost => "verifier lost",
        MessageDrop.SignatureNotCanonical => "signature not canonical",
        MessageDrop.TopicNotJoined => "topic not joined",
        MessageDrop.EmptyData => "empty message",
        MessageDrop.Superseded => "superseded",
        MessageDrop other => other.ToString(),
    };

    /// <summary>
    /// The name of a kind in JSON and in the skip list, as the trace schema has it; null if there is no such kind.
    /// </summary>
    public static string? NameOf(TraceKind kind) => kind switch
    {
        TraceKind.Publish => "PUBLISH_MESSAGE",
        TraceKind.Reject => "REJECT_MESSAGE",
        TraceKind.Duplicate => "DUPLICATE_MESSAGE",
        TraceKind.Deliver => "DELIVER_MESSAGE",
        TraceKind.AddPeer => "ADD_PEER",
        TraceKind.RemovePeer => "REMOVE_PEER",
        TraceKind.ReceiveRpc => "RECV_RPC",
        TraceKind.SendRpc => "SEND_RPC",
        TraceKind.DropRpc => "DROP_RPC",
        TraceKind.Join => "JOIN",
        TraceKind.Leave => "LEAVE",
        TraceKind.Graft => "GRAFT",
        TraceKind.Prune => "PRUNE",
        TraceKind.Penalty => "PENALTY",
        TraceKind.ScoreBand => "SCORE_BAND",
        TraceKind.PeerExchange => "PEER_EXCHANGE",
        TraceKind.SlowPeer => "SLOW_PEER",
        TraceKind.Throttle => "THROTTLE",
        _ => null,
    };

    /// <summary>The kind of a name; false if there is none.</summary>
    public static bool TryParse(string name, out TraceKind kind)
    {
        foreach (TraceKind known in Enum.GetValues<TraceKind>())
        {
            if (NameOf(known) == name)
            {
                kind = known;
                return true;
            }
        }

        kind = default;
        return false;
    }

    /// <summary>The name of a band.</summary>
    public static string NameOf(ScoreBand band) => band switch
    {
        ScoreBand.Ok => "ok",
        ScoreBand.NoGossip => "no gossip",
        ScoreBand.NoPublish => "no publish",
        _ => "graylisted",
    };
}

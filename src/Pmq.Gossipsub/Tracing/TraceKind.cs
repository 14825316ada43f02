namespace Pmq.Gossipsub.Tracing;

/// <summary>
/// What happened. The first thirteen have the names and numbers of the trace schema of go-libp2p-pubsub (trace.proto);
/// those from 64 on are ours.
/// </summary>
public enum TraceKind
{
    /// <summary>We published a message.</summary>
    Publish = 0,

    /// <summary>A message went no further; <see cref="TraceEvent.Reason"/> says why.</summary>
    Reject = 1,

    /// <summary>A message came that has come before.</summary>
    Duplicate = 2,

    /// <summary>A message is handed to the listeners of its topic.</summary>
    Deliver = 3,

    /// <summary>A peer can be written to.</summary>
    AddPeer = 4,

    /// <summary>A peer is gone.</summary>
    RemovePeer = 5,

    /// <summary>An RPC came; <see cref="TraceEvent.ReadRpc"/> says what it carried.</summary>
    ReceiveRpc = 6,

    /// <summary>An RPC was sent or queued.</summary>
    SendRpc = 7,

    /// <summary>An RPC was dropped instead of sent.</summary>
    DropRpc = 8,

    /// <summary>We joined a topic.</summary>
    Join = 9,

    /// <summary>We left a topic.</summary>
    Leave = 10,

    /// <summary>A peer is in our mesh for a topic.</summary>
    Graft = 11,

    /// <summary>A peer is no longer in our mesh for a topic.</summary>
    Prune = 12,

    /// <summary>A peer did something against the protocol: <see cref="TraceEvent.Misbehaviour"/>.</summary>
    Penalty = 64,

    /// <summary>A peer's score moved into another band: <see cref="TraceEvent.Band"/>.</summary>
    ScoreBand = 65,

    /// <summary>A peer named others in a PRUNE, and we connect to <see cref="TraceEvent.Count"/> of them.</summary>
    PeerExchange = 66,

    /// <summary>A peer does not read fast enough: <see cref="TraceEvent.Count"/> messages were dropped for it.</summary>
    SlowPeer = 67,

    /// <summary>The messages of an RPC were refused unread: queue protection or graylist.</summary>
    Throttle = 68,
}

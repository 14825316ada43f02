namespace Pmq.Engine.Gossip;

/// <summary>What became of a message that was given to a peer's queue.</summary>
internal enum OutboundOutcome
{
    /// <summary>It is in the stream's send buffer.</summary>
    Sent,

    /// <summary>It waits in the queue, or a copy of it does already.</summary>
    Queued,

    /// <summary>The queue of its class is full: the message goes no further to this peer.</summary>
    Full,
}

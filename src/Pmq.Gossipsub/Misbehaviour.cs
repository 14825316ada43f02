namespace Pmq.Gossipsub;

/// <summary>What a peer did against the protocol. A value, never an exception.</summary>
public enum Misbehaviour
{
    /// <summary>Sent an RPC that breaks the codec's rules or limits.</summary>
    MalformedRpc,

    /// <summary>
    /// Sent a message that breaks the topic's signature policy: fields missing, or present that must not be.
    /// </summary>
    SignaturePolicyBroken,

    /// <summary>Sent a message whose signature is plainly wrong.</summary>
    InvalidSignature,

    /// <summary>Sent a message that the node rejected.</summary>
    RejectedMessage,

    /// <summary>Grafted before the backoff had passed.</summary>
    GraftDuringBackoff,

    /// <summary>Advertised a message and did not send it when asked.</summary>
    BrokenPromise,

    /// <summary>Announced, in one heartbeat, more topics than a router may join.</summary>
    TooManyTopics,
}

namespace Pmq.Gossipsub;

/// <summary>Why a message from a peer went no further. Each is counted by <see cref="RouterCounters"/>.</summary>
public enum MessageDrop
{
    /// <summary>Its id has a verdict already.</summary>
    DuplicateSeen,

    /// <summary>Its id waits for a verdict already.</summary>
    DuplicatePending,

    /// <summary>We have not joined its topic.</summary>
    TopicNotJoined,

    /// <summary>It has no data or no topic.</summary>
    EmptyData,

    /// <summary>It breaks the topic's signature policy.</summary>
    SignaturePolicyBroken,

    /// <summary>It is larger than its topic allows, see <see cref="Messages.TopicRules.MaxMessageSize"/>.</summary>
    TooLarge,

    /// <summary>It claims to be ours, and we do not remember it.</summary>
    SelfOrigin,

    /// <summary>The peer is not listened to now.</summary>
    PeerNotAdmitted,

    /// <summary>The topic's queue is full; the id stays unknown.</summary>
    QueueFull,

    /// <summary>
    /// The topic's queue overflows and is guarded, and its source has done too little good there; the id stays unknown.
    /// </summary>
    QueueProtected,

    /// <summary>Its signature is plainly wrong; the id is unknown again.</summary>
    InvalidSignature,

    /// <summary>Its signature is refused by our acceptance rule alone; the id is unknown again.</summary>
    SignatureNotCanonical,

    /// <summary>No verdict in time; the id is unknown again.</summary>
    Timeout,

    /// <summary>The verifier went away; the id is unknown again.</summary>
    VerifierLost,

    /// <summary>The node ignored it.</summary>
    Ignored,

    /// <summary>The node rejected it.</summary>
    Rejected,

    /// <summary>We left its topic, or published it ourselves, while it waited.</summary>
    Superseded,
}

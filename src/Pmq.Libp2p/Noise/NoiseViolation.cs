namespace Pmq.Libp2p.Noise;

/// <summary>
/// What a peer did to break a Noise handshake or channel. Every one of them ends the connection without a further
/// byte to the peer.
/// </summary>
internal enum NoiseViolation
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The transport stream ended in the middle of the handshake or of a frame.</summary>
    Truncated,

    /// <summary>A handshake message is longer than its payload cap allows.</summary>
    MessageTooLong,

    /// <summary>A handshake message is too short for its keys and tags.</summary>
    MessageTooShort,

    /// <summary>The first message carries a payload, which nothing protects.</summary>
    FirstMessageHasPayload,

    /// <summary>A Diffie-Hellman result is all zero: the peer sent a point of low order.</summary>
    ZeroSharedSecret,

    /// <summary>A tag is wrong: forged, damaged, replayed or out of order.</summary>
    AuthenticationFailed,

    /// <summary>The handshake payload is no well-formed protobuf.</summary>
    MalformedPayload,

    /// <summary>The payload lacks the identity key or its signature.</summary>
    IdentityMissing,

    /// <summary>The identity key is of no known type, not well formed, or refused by the acceptance rule.</summary>
    BadIdentityKey,

    /// <summary>The signature does not bind the static key to the identity key.</summary>
    BadSignature,

    /// <summary>The peer proved to be somebody else than was expected.</summary>
    WrongPeer,

    /// <summary>A transport frame is shorter than its 16-byte tag.</summary>
    FrameTooShort,

    /// <summary>All nonces of a direction are used up.</summary>
    NonceExhausted,
}

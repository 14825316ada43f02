namespace Pmq.Libp2p.Identify;

/// <summary>How a peer broke identify. None of them ends the connection: the peer just stays undescribed.</summary>
internal enum IdentifyViolation
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>The length prefix of a message is no minimal varint.</summary>
    MalformedLength,

    /// <summary>A message is longer than the limit.</summary>
    MessageTooLong,

    /// <summary>More messages than the limit.</summary>
    TooManyMessages,

    /// <summary>A message is no protobuf, or a field has the wrong type.</summary>
    Malformed,

    /// <summary>More protocols than the limit.</summary>
    TooManyProtocols,

    /// <summary>The public key is not the one that the handshake proved.</summary>
    WrongKey,

    /// <summary>The stream ended in the middle of a message, or before the first.</summary>
    Truncated,
}

namespace Pmq.Libp2p.Multistream;

/// <summary>How a peer broke multistream-select.</summary>
internal enum MultistreamViolation
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>The length prefix is not a minimal varint of at most 63 bits.</summary>
    MalformedLength,

    /// <summary>The token is longer than the limit.</summary>
    TokenTooLong,

    /// <summary>The token is empty: even the final newline is missing.</summary>
    EmptyToken,

    /// <summary>The token does not end in a newline.</summary>
    MissingNewline,

    /// <summary>The first token is not <c>/multistream/1.0.0</c>.</summary>
    MissingHeader,

    /// <summary>An answer is neither what was proposed nor <c>na</c>.</summary>
    UnexpectedAnswer,

    /// <summary>The dialer proposed more protocols than the limit.</summary>
    TooManyProposals,

    /// <summary>The bytes ended in the middle of the negotiation.</summary>
    EndOfStream,
}

namespace Pmq.Grpc.Framing;

/// <summary>What the start of a byte sequence is.</summary>
internal enum FrameStatus
{
    /// <summary>The beginning of a message: more bytes are needed.</summary>
    Incomplete,

    /// <summary>A whole message.</summary>
    Message,

    /// <summary>
    /// The stated length exceeds the limit. Known from the header, before any of the message has come.
    /// </summary>
    TooLarge,

    /// <summary>The flag says compressed, and no compression was agreed on.</summary>
    Compressed,

    /// <summary>The flag is neither 0 nor 1: the framing is lost.</summary>
    BadFlag,
}

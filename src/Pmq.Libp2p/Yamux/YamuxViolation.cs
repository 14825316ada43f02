using Pmq.Core.Hosting;

namespace Pmq.Libp2p.Yamux;

/// <summary>What a peer did to break Yamux. <see cref="YamuxViolations"/> maps each to its consequence.</summary>
internal enum YamuxViolation
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The version of a frame is not 0.</summary>
    UnknownVersion,

    /// <summary>The type of a frame is above 3.</summary>
    UnknownFrameType,

    /// <summary>A ping or GoAway names a stream.</summary>
    StreamIdOnSessionFrame,

    /// <summary>A data or window frame names no stream.</summary>
    StreamIdMissing,

    /// <summary>A SYN with an id that only we may open.</summary>
    WrongParity,

    /// <summary>A SYN for a stream that is open.</summary>
    DuplicateSyn,

    /// <summary>More data than the window of the stream allows, be it on its first frame.</summary>
    WindowExceeded,

    /// <summary>Credit that would raise a window beyond 2^32 − 1.</summary>
    WindowOverflow,

    /// <summary>More answers are owed than the peer reads: pings asked and streams opened without end.</summary>
    OwedControlOverflow,

    /// <summary>More pings than the rate limit allows.</summary>
    PingFlood,
}

/// <summary>The consequences of violations.</summary>
internal static class YamuxViolations
{
    /// <summary>
    /// What follows: the code of the GoAway that is sent before the connection closes, and the class of the close.
    /// </summary>
    public static (YamuxGoAwayCode GoAway, CloseKind Close) ConsequenceOf(YamuxViolation violation) => violation switch
    {
        YamuxViolation.OwedControlOverflow => (YamuxGoAwayCode.ProtocolError, CloseKind.LimitExceeded),
        YamuxViolation.PingFlood => (YamuxGoAwayCode.ProtocolError, CloseKind.LimitExceeded),
        _ => (YamuxGoAwayCode.ProtocolError, CloseKind.ProtocolViolation),
    };
}

/// <summary>
/// Why a session ends, as a GoAway tells it. Other values, as go-libp2p's codes from 0x1001, count as errors.
/// </summary>
internal enum YamuxGoAwayCode : uint
{
    /// <summary>In order.</summary>
    Normal = 0,

    /// <summary>The receiver broke the protocol.</summary>
    ProtocolError = 1,

    /// <summary>The sender has a fault of its own.</summary>
    InternalError = 2,
}

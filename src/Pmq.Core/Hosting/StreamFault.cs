namespace Pmq.Core.Hosting;

/// <summary>Why a stream failed.</summary>
public enum StreamFault
{
    /// <summary>The connection under it has ended.</summary>
    ConnectionClosed,

    /// <summary>The peer reset the stream.</summary>
    ResetByPeer,

    /// <summary>We reset the stream.</summary>
    ResetLocally,

    /// <summary>Written to after we half-closed it.</summary>
    WriteClosed,

    /// <summary>The peer serves none of the protocols that were asked for.</summary>
    ProtocolNotSupported,

    /// <summary>Negotiation took longer than its limit, or broke multistream-select.</summary>
    NegotiationFailed,

    /// <summary>A limit on streams was met, ours or the peer's.</summary>
    LimitExceeded,

    /// <summary>The peer sends nothing new: it said GoAway.</summary>
    GoingAway,
}

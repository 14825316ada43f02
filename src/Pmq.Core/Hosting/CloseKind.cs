namespace Pmq.Core.Hosting;

/// <summary>The classes of reasons for which a connection ends.</summary>
public enum CloseKind
{
    /// <summary>We asked for it and nothing was wrong.</summary>
    LocalClose,

    /// <summary>The host is being shut down.</summary>
    Shutdown,

    /// <summary>The peer said goodbye in order (GoAway 0 or end of the transport stream).</summary>
    RemoteClose,

    /// <summary>The transport broke: reset, unreachable, lost.</summary>
    TransportFailed,

    /// <summary>A second connection to the same peer lost the tie-break.</summary>
    Duplicate,

    /// <summary>The peer broke a protocol: the detail names the violation.</summary>
    ProtocolViolation,

    /// <summary>The peer stopped answering: keepalive, write stall or handshake timeout.</summary>
    Timeout,

    /// <summary>A limit of ours was met: connections, rate, memory.</summary>
    LimitExceeded,

    /// <summary>Policy: the gater or the score refused the peer.</summary>
    Refused,

    /// <summary>A fault of our own; never held against the peer.</summary>
    LocalFault,
}

namespace Pmq.Core.Hosting;

/// <summary>Why a dial failed.</summary>
public enum DialFault
{
    /// <summary>No address was given or known, or none that a transport of ours can dial.</summary>
    NoAddress,

    /// <summary>The address is our own.</summary>
    Self,

    /// <summary>Connection refused, host unreachable, name not found.</summary>
    Unreachable,

    /// <summary>The dial, or the upgrade after it, took longer than its limit.</summary>
    Timeout,

    /// <summary>The address failed recently and is being left alone; try later.</summary>
    Backoff,

    /// <summary>Somebody else answered than the peer who was expected.</summary>
    WrongPeer,

    /// <summary>The security handshake failed: bad signature, bad key, broken frame.</summary>
    HandshakeFailed,

    /// <summary>No security protocol or muxer in common.</summary>
    NegotiationFailed,

    /// <summary>A limit of ours was met.</summary>
    LimitExceeded,

    /// <summary>The gater refused.</summary>
    Refused,

    /// <summary>The host is shutting down.</summary>
    Shutdown,
}

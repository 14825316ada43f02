namespace Pmq.Libp2p.Upgrade;

/// <summary>Why a transport connection did not become a secured, multiplexed one.</summary>
internal enum UpgradeFault
{
    /// <summary>It did.</summary>
    None,

    /// <summary>The transport could not be opened: refused, unreachable, name not found.</summary>
    TransportRefused,

    /// <summary>The transport broke, or the peer ended it, in the middle of the upgrade.</summary>
    TransportFailed,

    /// <summary>The upgrade took longer than its limit.</summary>
    Timeout,

    /// <summary>The peer broke multistream-select.</summary>
    MultistreamViolated,

    /// <summary>No security protocol in common.</summary>
    NoCommonSecurity,

    /// <summary>The peer broke the Noise handshake.</summary>
    HandshakeViolated,

    /// <summary>Somebody else answered than the peer who was expected.</summary>
    WrongPeer,

    /// <summary>The peer is ourselves.</summary>
    Self,

    /// <summary>No muxer in common.</summary>
    NoCommonMuxer,

    /// <summary>The gater refused the peer or its address.</summary>
    Refused,

    /// <summary>As many connections to the same peer as the limit are open, and are young.</summary>
    TooManyConnections,

    /// <summary>The host is shutting down, or whoever wanted the connection no longer does.</summary>
    Cancelled,

    /// <summary>A fault of our own.</summary>
    LocalFault,
}

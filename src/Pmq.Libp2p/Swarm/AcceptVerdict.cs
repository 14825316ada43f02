namespace Pmq.Libp2p.Swarm;

/// <summary>Whether an inbound transport connection may begin its handshake.</summary>
internal enum AcceptVerdict
{
    /// <summary>It may; its slot is taken.</summary>
    Accepted,

    /// <summary>As many inbound connections as the limit are open.</summary>
    TooManyConnections,

    /// <summary>As many connections of this address, /56 or /48 as the limit are open.</summary>
    TooManyFromAddress,

    /// <summary>As many handshakes as the limit are in flight.</summary>
    TooManyHandshakes,

    /// <summary>As many handshakes of this address, /56 or /48 as the limit are in flight.</summary>
    TooManyHandshakesFromAddress,

    /// <summary>New connections of this address, /56 or /48 come faster than the limit.</summary>
    TooFast,
}

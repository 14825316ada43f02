namespace Pmq.Libp2p.Swarm;

/// <summary>What became of an inbound stream.</summary>
internal enum StreamOutcome
{
    /// <summary>Its handler ended without an exception.</summary>
    Served,

    /// <summary>Its handler threw; the stream was reset.</summary>
    HandlerFaulted,

    /// <summary>The peer ended the stream or the connection under its handler.</summary>
    PeerEnded,

    /// <summary>The host or the connection was closing.</summary>
    Cancelled,

    /// <summary>The peer broke multistream-select; the stream was reset.</summary>
    NegotiationViolated,

    /// <summary>The protocol was not agreed in time; the stream was reset.</summary>
    NegotiationTimeout,

    /// <summary>The peer has as many streams of the protocol, or all peers together have as many, as the limit; the stream was reset.</summary>
    TooManyStreams,

    /// <summary>The protocol ceased to be served between its negotiation and its handler; the stream was reset.</summary>
    NotServed,
}

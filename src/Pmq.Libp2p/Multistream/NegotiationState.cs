namespace Pmq.Libp2p.Multistream;

/// <summary>Where a negotiation stands.</summary>
internal enum NegotiationState
{
    /// <summary>More bytes of the peer are needed.</summary>
    Running,

    /// <summary>Both sides agree on a protocol; every byte after it belongs to that protocol.</summary>
    Selected,

    /// <summary>The peer serves none of the proposals.</summary>
    NotSupported,

    /// <summary>The peer broke multistream-select.</summary>
    Violated,
}

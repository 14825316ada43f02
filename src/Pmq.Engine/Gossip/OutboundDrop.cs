namespace Pmq.Engine.Gossip;

/// <summary>Why a peer does not get a message that was meant for it.</summary>
internal enum OutboundDrop
{
    /// <summary>The queue of its class was full.</summary>
    Full,

    /// <summary>It waited for longer than its class may: others have brought it by now.</summary>
    Stale,

    /// <summary>The peer said that it has it (IDONTWANT): nothing is lost.</summary>
    NotWanted,

    /// <summary>The stream broke while it was being written.</summary>
    StreamBroken,

    /// <summary>The peer went, or never had a stream.</summary>
    PeerGone,
}

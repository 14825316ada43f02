namespace Pmq.Gossipsub;

/// <summary>What follows from a misbehaviour.</summary>
public enum Consequence
{
    /// <summary>It is counted; its weight is the score's to decide.</summary>
    Count,

    /// <summary>The stream is reset and the peer disconnected: nothing that it sends can be made sense of.</summary>
    Disconnect,
}

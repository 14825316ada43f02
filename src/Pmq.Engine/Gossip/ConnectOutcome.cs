namespace Pmq.Engine.Gossip;

/// <summary>What became of a peer that the router wanted.</summary>
internal enum ConnectOutcome
{
    /// <summary>It is connected.</summary>
    Connected,

    /// <summary>The dial failed or took too long.</summary>
    Failed,

    /// <summary>It failed lately and was left alone.</summary>
    InBackoff,

    /// <summary>Too many wait already.</summary>
    TooMany,
}

namespace Pmq.Gossipsub.Tracing;

/// <summary>What a peer's score allows, by the thresholds.</summary>
public enum ScoreBand
{
    /// <summary>At least the gossip threshold: everything.</summary>
    Ok,

    /// <summary>Below the gossip threshold: it gets and gives no gossip.</summary>
    NoGossip,

    /// <summary>Below the publish threshold: our publications do not go to it either.</summary>
    NoPublish,

    /// <summary>Below the graylist threshold: what it sends is dropped unread.</summary>
    Graylisted,
}

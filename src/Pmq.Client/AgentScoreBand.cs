namespace Pmq.Client;

/// <summary>What a peer's score allows, by the agent's thresholds.</summary>
public enum AgentScoreBand
{
    /// <summary>Everything; but below 0 the peer is in no mesh.</summary>
    Ok,

    /// <summary>It is told no message ids, and its own are ignored.</summary>
    NoGossip,

    /// <summary>The agent's publications do not go to it either, unless it is in the mesh.</summary>
    NoPublish,

    /// <summary>What it sends is dropped unread.</summary>
    Graylisted,
}

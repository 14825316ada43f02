namespace Pmq.Simulation.Messages;

/// <summary>What a message deserves: known to every honest verifier, and to no router.</summary>
public enum MessageTruth
{
    /// <summary>It is valid.</summary>
    Accept,

    /// <summary>It is of no use.</summary>
    Ignore,

    /// <summary>It is invalid.</summary>
    Reject,
}

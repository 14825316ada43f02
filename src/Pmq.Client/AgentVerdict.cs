namespace Pmq.Client;

/// <summary>What a verifier says of a message.</summary>
public enum AgentVerdict
{
    /// <summary>Deliver it and pass it on.</summary>
    Accept,

    /// <summary>Drop it, and hold it against nobody.</summary>
    Ignore,

    /// <summary>Drop it, and hold it against every peer that sent it.</summary>
    Reject,
}

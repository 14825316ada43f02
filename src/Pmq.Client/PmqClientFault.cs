namespace Pmq.Client;

/// <summary>Why a call to an agent failed.</summary>
public enum PmqClientFault
{
    /// <summary>The agent cannot be reached, or the connection to it broke.</summary>
    Unreachable,

    /// <summary>The agent did not answer in time.</summary>
    Timeout,

    /// <summary>An argument is wrong: the message says which and what would be right.</summary>
    BadArgument,

    /// <summary>The agent asks for another token or certificate.</summary>
    Unauthorized,

    /// <summary>A rate or a limit of the agent is reached.</summary>
    Busy,

    /// <summary>
    /// The agent does not do it now: own publications pass the node's verifier first, and it did not accept this one; or
    /// what was asked for is switched off.
    /// </summary>
    NotAccepted,

    /// <summary>The agent failed, or does not know the call.</summary>
    Failed,
}

namespace Pmq.Client;

/// <summary>
/// A call to an agent failed. The message is one line that names the agent's address or the argument.
/// </summary>
public sealed class PmqClientException : Exception
{
    /// <summary>Creates the exception.</summary>
    public PmqClientException(PmqClientFault reason, string message, Exception? innerException = null)
        : base(message, innerException) => Reason = reason;

    /// <summary>Why.</summary>
    public PmqClientFault Reason { get; }

    /// <summary>Whether the same call may succeed later without any change.</summary>
    public bool IsTransient => Reason is PmqClientFault.Unreachable or PmqClientFault.Timeout or PmqClientFault.Busy;

    /// <summary>
    /// Whether to open a stream again after this: an agent that has taken one once may fail and be whole again.
    /// </summary>
    internal bool MayPass(bool wasConnected) => IsTransient
        || (wasConnected && Reason is not (PmqClientFault.Unauthorized or PmqClientFault.BadArgument));
}

using Pmq.Core.Identity;

namespace Pmq.Core.Hosting;

/// <summary>A peer could not be reached.</summary>
public sealed class DialException : IOException
{
    /// <summary>Creates the exception.</summary>
    public DialException(DialFault reason, PeerId? peer, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Reason = reason;
        Peer = peer;
    }

    /// <summary>Creates the exception with the reason <see cref="DialFault.Unreachable"/>.</summary>
    public DialException()
        : this(DialFault.Unreachable, null, "The peer could not be reached.")
    {
    }

    /// <summary>Creates the exception with the reason <see cref="DialFault.Unreachable"/>.</summary>
    public DialException(string message)
        : this(DialFault.Unreachable, null, message)
    {
    }

    /// <summary>Creates the exception with the reason <see cref="DialFault.Unreachable"/>.</summary>
    public DialException(string message, Exception innerException)
        : this(DialFault.Unreachable, null, message, innerException)
    {
    }

    /// <summary>Why the dial failed; with several addresses, the reason of the last one.</summary>
    public DialFault Reason { get; }

    /// <summary>Who was dialed; null when the address named nobody.</summary>
    public PeerId? Peer { get; }
}

namespace Pmq.Core.Hosting;

/// <summary>A stream could not be opened, read or written.</summary>
public sealed class StreamException : IOException
{
    /// <summary>Creates the exception.</summary>
    public StreamException(StreamFault reason, string message, Exception? innerException = null)
        : base(message, innerException) => Reason = reason;

    /// <summary>Creates the exception with the reason <see cref="StreamFault.ConnectionClosed"/>.</summary>
    public StreamException()
        : this(StreamFault.ConnectionClosed, "The connection has ended.")
    {
    }

    /// <summary>Creates the exception with the reason <see cref="StreamFault.ConnectionClosed"/>.</summary>
    public StreamException(string message)
        : this(StreamFault.ConnectionClosed, message)
    {
    }

    /// <summary>Creates the exception with the reason <see cref="StreamFault.ConnectionClosed"/>.</summary>
    public StreamException(string message, Exception innerException)
        : this(StreamFault.ConnectionClosed, message, innerException)
    {
    }

    /// <summary>What happened.</summary>
    public StreamFault Reason { get; }
}

namespace Pmq.Core.Runtime;

/// <summary>An invariant of ours is broken: the owner of the state stops and reports.</summary>
public sealed class InvariantException : Exception
{
    /// <summary>Creates the exception with the broken condition as its message.</summary>
    public InvariantException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public InvariantException()
    {
    }

    /// <summary>Creates the exception with an inner one.</summary>
    public InvariantException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

namespace Pmq.Engine;

/// <summary>A publication or subscription was refused before anything was done.</summary>
public sealed class PublishException : Exception
{
    /// <summary>Creates the exception.</summary>
    public PublishException(PublishFault reason, string message)
        : base(message) => Reason = reason;

    /// <summary>Why.</summary>
    public PublishFault Reason { get; }
}

namespace Grpc.Core;

/// <summary>A call ended with a status other than OK. A handler throws it to end its call with that status.</summary>
internal sealed class RpcException : Exception
{
    public RpcException(Status status)
        : this(status, Metadata.Empty)
    {
    }

    /// <param name="status">How the call ended.</param>
    /// <param name="trailers">Trailing metadata that goes, or came, with it.</param>
    /// <param name="innerException">What caused it here; never sent.</param>
    public RpcException(Status status, Metadata trailers, Exception? innerException = null)
        : base($"Status {status.StatusCode}: {status.Detail}", innerException)
    {
        Status = status;
        Trailers = trailers;
    }

    /// <summary>How the call ended.</summary>
    public Status Status { get; }

    /// <summary>The code of <see cref="Status"/>.</summary>
    public StatusCode StatusCode => Status.StatusCode;

    /// <summary>Trailing metadata.</summary>
    public Metadata Trailers { get; }
}

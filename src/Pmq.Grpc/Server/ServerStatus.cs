using Grpc.Core;

namespace Pmq.Grpc.Server;

/// <summary>What a call ends with when its handler throws. The one place where exceptions become statuses.</summary>
internal static class ServerStatus
{
    public static readonly Status ShuttingDown = new(StatusCode.Unavailable, "The server is shutting down.");

    /// <summary>
    /// A deadline or a vanished client outweighs what the handler made of it; nothing of another exception is told.
    /// </summary>
    public static Status Of(Exception exception, ServerCall call) => exception switch
    {
        RpcException rpc when rpc.StatusCode != StatusCode.OK => rpc.Status,
        _ when call.IsDeadlineExceeded => new Status(StatusCode.DeadlineExceeded, "The deadline has passed."),
        _ when call.IsClientGone => new Status(StatusCode.Cancelled, "The client has cancelled the call."),
        OperationCanceledException when call.IsServerStopping => ShuttingDown,
        OperationCanceledException => new Status(StatusCode.Cancelled, "The call was cancelled by the server."),
        _ => new Status(StatusCode.Unknown, "The method failed on the server."),
    };

    /// <summary>Whether it is a fault of ours, and not the client's or the way a call ends.</summary>
    public static bool IsFault(Exception exception, ServerCall call) =>
        exception is not RpcException and not OperationCanceledException
        && !call.IsClientGone && !call.IsDeadlineExceeded;
}

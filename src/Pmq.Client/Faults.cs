using Grpc.Core;
using Pmq.Protocol.V1;

namespace Pmq.Client;

/// <summary>The one table from what an agent says to faults.</summary>
internal static class Faults
{
    /// <summary>The fault of a call to <paramref name="address"/>.</summary>
    /// <exception cref="OperationCanceledException">The caller has cancelled.</exception>
    public static PmqClientException Map(RpcException e, string address, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string detail = e.Status.Detail.ReplaceLineEndings(" ").Trim().TrimEnd('.');
        return e.StatusCode switch
        {
            StatusCode.Unavailable or StatusCode.Cancelled or StatusCode.Aborted => new(
                PmqClientFault.Unreachable, $"the agent at {address} cannot be reached: {Cause(detail, address)}", e),
            StatusCode.DeadlineExceeded => new(
                PmqClientFault.Timeout, $"the agent at {address} did not answer in time", e),
            StatusCode.InvalidArgument or StatusCode.NotFound => new(PmqClientFault.BadArgument, detail, e),
            StatusCode.FailedPrecondition => new(PmqClientFault.NotAccepted, detail, e),
            StatusCode.ResourceExhausted => new(PmqClientFault.Busy, detail, e),
            StatusCode.Unauthenticated or StatusCode.PermissionDenied => new(
                PmqClientFault.Unauthorized, $"the agent at {address} refuses the call: {detail}", e),
            _ => new(PmqClientFault.Failed, $"the agent at {address} failed: {e.StatusCode}: {detail}", e),
        };
    }

    /// <summary>The agent ended a stream that has no end of its own: it is shutting down.</summary>
    public static PmqClientException Ended(string address) =>
        new(PmqClientFault.Unreachable, $"the agent at {address} has ended the stream");

    /// <summary>The agent takes no stream and refuses none.</summary>
    public static PmqClientException Silent(string address) =>
        new(PmqClientFault.Timeout, $"the agent at {address} did not answer in time");

    /// <summary>The agent refused one item of a stream.</summary>
    public static PmqClientException Refused(PublishReceipt receipt, string address) => receipt.Error switch
    {
        PublishError.EmptyData or PublishError.TooLarge or PublishError.BadTopic => new(
            PmqClientFault.BadArgument, receipt.ErrorText),
        PublishError.RateLimited or PublishError.TooManyTopics => new(PmqClientFault.Busy, receipt.ErrorText),
        PublishError.NotAccepted => new(PmqClientFault.NotAccepted, receipt.ErrorText),
        _ => new(PmqClientFault.Failed, $"the agent at {address} failed: {receipt.ErrorText}"),
    };

    /// <summary>The cause without the address, which the message names already.</summary>
    private static string Cause(string detail, string address)
    {
        string prefix = $"Cannot connect to {address}: ";
        return address.StartsWith("unix:", StringComparison.Ordinal) && !File.Exists(address[5..])
            ? "there is no such socket"
            : detail.StartsWith(prefix, StringComparison.Ordinal) ? detail[prefix.Length..] : detail;
    }
}

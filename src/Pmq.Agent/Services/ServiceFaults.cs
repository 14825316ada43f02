using Grpc.Core;
using Pmq.Engine;
using Pmq.Protocol.V1;

namespace Pmq.Agent.Services;

/// <summary>The one table from faults of the engine to gRPC statuses.</summary>
internal static class ServiceFaults
{
    /// <summary>The exception that ends a call which the engine refused.</summary>
    public static RpcException Map(PublishException e) => new(new Status(Code(e.Reason), e.Message));

    /// <summary>The same for one item of a stream.</summary>
    public static PublishError Error(PublishFault fault) => fault switch
    {
        PublishFault.EmptyData => PublishError.EmptyData,
        PublishFault.TooLarge => PublishError.TooLarge,
        PublishFault.BadTopic => PublishError.BadTopic,
        PublishFault.RateLimited => PublishError.RateLimited,
        PublishFault.TooManyTopics => PublishError.TooManyTopics,
        PublishFault.NotAccepted => PublishError.NotAccepted,
        _ => PublishError.Internal,
    };

    private static StatusCode Code(PublishFault fault) => fault switch
    {
        PublishFault.EmptyData or PublishFault.TooLarge or PublishFault.BadTopic => StatusCode.InvalidArgument,
        PublishFault.RateLimited or PublishFault.TooManyTopics => StatusCode.ResourceExhausted,
        PublishFault.NotAccepted => StatusCode.FailedPrecondition,
        _ => StatusCode.Internal,
    };
}

using System.Globalization;
using Grpc.Core;
using Pmq.Engine;
using Pmq.Protocol;

namespace Pmq.Agent.Services;

/// <summary><c>proto.ControlService</c>: publishes, joins and leaves.</summary>
internal sealed class ControlEndpoint(PmqPeer peer) : ControlService.ControlServiceBase
{
    /// <inheritdoc />
    public override async Task<PublishResponse> Publish(PublishRequest request, ServerCallContext context)
    {
        try
        {
            PublishOutcome outcome = await peer.PublishAsync(
                request.Topic, request.Data.Memory, context.CancellationToken);
            context.ResponseTrailers.Add("pmq-sent", Text(outcome.Sent));
            context.ResponseTrailers.Add("pmq-queued", Text(outcome.Queued));
            context.ResponseTrailers.Add("pmq-dropped", Text(outcome.Dropped));
            context.ResponseTrailers.Add("pmq-duplicate", outcome.IsDuplicate ? "true" : "false");
            return new PublishResponse { MessageId = outcome.MessageId };
        }
        catch (PublishException e)
        {
            throw ServiceFaults.Map(e);
        }
    }

    /// <inheritdoc />
    public override async Task<SubscribeResponse> Subscribe(SubscribeRequest request, ServerCallContext context)
    {
        try
        {
            await peer.SubscribeAsync(request.Topic, context.CancellationToken);
            return new SubscribeResponse();
        }
        catch (PublishException e)
        {
            throw ServiceFaults.Map(e);
        }
    }

    /// <inheritdoc />
    public override async Task<SubscribeResponse> Unsubscribe(SubscribeRequest request, ServerCallContext context)
    {
        try
        {
            await peer.UnsubscribeAsync(request.Topic, context.CancellationToken);
            return new SubscribeResponse();
        }
        catch (PublishException e)
        {
            throw ServiceFaults.Map(e);
        }
    }

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);
}

using Grpc.Core;
using Pmq.Engine;
using Pmq.Protocol.V1;

namespace Pmq.Agent.Services;

/// <summary><c>pmq.v1.PublisherService</c>: many publications over one stream, each with what became of it.</summary>
internal sealed class PublisherEndpoint(PmqPeer peer) : PublisherService.PublisherServiceBase
{
    /// <inheritdoc />
    public override async Task Publish(
        IAsyncStreamReader<PublishItem> requestStream,
        IServerStreamWriter<PublishReceipt> responseStream,
        ServerCallContext context)
    {
        await context.WriteResponseHeadersAsync(Metadata.Empty);
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            PublishItem item = requestStream.Current;
            await responseStream.WriteAsync(
                await PublishAsync(item, context.CancellationToken), context.CancellationToken);
        }
    }

    private async Task<PublishReceipt> PublishAsync(PublishItem item, CancellationToken cancellationToken)
    {
        try
        {
            PublishOutcome outcome = await peer.PublishAsync(item.Topic, item.Data.Memory, cancellationToken);
            return new PublishReceipt
            {
                ClientRef = item.ClientRef,
                MessageId = outcome.MessageId,
                Sent = (uint)outcome.Sent,
                Queued = (uint)outcome.Queued,
                Dropped = (uint)outcome.Dropped,
                Duplicate = outcome.IsDuplicate,
            };
        }
        catch (PublishException e)
        {
            return new PublishReceipt
            {
                ClientRef = item.ClientRef,
                Error = ServiceFaults.Error(e.Reason),
                ErrorText = e.Message,
            };
        }
    }
}

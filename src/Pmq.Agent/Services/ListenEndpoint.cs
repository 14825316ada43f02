using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Pmq.Agent.Metrics;
using Pmq.Engine;
using Pmq.Protocol;

namespace Pmq.Agent.Services;

/// <summary><c>proto.MsgRouter</c>: accepted messages as they come.</summary>
internal sealed class ListenEndpoint(PmqPeer peer, int queueSize, AgentMetrics metrics, ILogger logger)
    : MsgRouter.MsgRouterBase
{
    /// <inheritdoc />
    public override async Task Listen(
        ListenRequest request, IServerStreamWriter<Message> responseStream, ServerCallContext context)
    {
        if (request.MaxRate < 0)
        {
            throw new RpcException(new Status(
                StatusCode.InvalidArgument,
                string.Create(
                    CultureInfo.InvariantCulture, $"max_rate = {request.MaxRate}: must be 0 (no limit) or more")));
        }

        await using MessageListener listener = peer.Listen(new Engine.ListenOptions
        {
            Topics = [.. request.Topics.Distinct(StringComparer.Ordinal)],
            MaxRate = request.MaxRate,
            QueueSize = queueSize,
        });
        metrics.Listeners.Add(1);
        bool isReported = false;
        try
        {
            // The headers tell the caller that from here on it misses nothing.
            await context.WriteResponseHeadersAsync(Metadata.Empty);
            await foreach (ReceivedMessage message in listener.ReadAllAsync(context.CancellationToken))
            {
                var sent = new Message
                {
                    MessageId = message.MessageId,
                    Topic = message.Topic,
                    Data = UnsafeByteOperations.UnsafeWrap(message.Data),
                };
                await responseStream.WriteAsync(sent, context.CancellationToken);
                isReported = isReported || Report(listener, context);
            }
        }
        finally
        {
            // A call that the agent ends carries trailers whichever way it ends.
            context.ResponseTrailers.Add("pmq-dropped", listener.Dropped.ToString(CultureInfo.InvariantCulture));
            metrics.Listeners.Add(-1);
        }
    }

    /// <summary>Logs the first loss of a stream; the engine counts all of them.</summary>
    private bool Report(MessageListener listener, ServerCallContext context)
    {
        if (listener.Dropped == 0)
        {
            return false;
        }

        Log.ListenerTooSlow(logger, context.Peer);
        return true;
    }
}

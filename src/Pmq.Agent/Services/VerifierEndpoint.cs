using Google.Protobuf;
using Grpc.Core;
using Pmq.Engine;
using Pmq.Gossipsub;
using Pmq.Protocol;

namespace Pmq.Agent.Services;

/// <summary><c>proto.ValidationRouter</c>: hands messages to a verifier and takes its verdicts.</summary>
internal sealed class VerifierEndpoint(PmqPeer peer, int maxInFlight) : ValidationRouter.ValidationRouterBase
{
    /// <inheritdoc />
    public override async Task Handle(
        IAsyncStreamReader<ValidatedMessage> requestStream,
        IServerStreamWriter<Message> responseStream,
        ServerCallContext context)
    {
        await using VerifierAttachment verifier = peer.AttachVerifier(Options(context));
        await context.WriteResponseHeadersAsync(Metadata.Empty);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);

        // Whichever side ends first ends the other: a verifier that has closed its side can judge nothing any more.
        Task sending = SendAsync(verifier, responseStream, ended);
        Task receiving = ReceiveAsync(verifier, requestStream, ended);
        await Task.WhenAll(sending, receiving);
        context.CancellationToken.ThrowIfCancellationRequested();
    }

    private static async Task SendAsync(
        VerifierAttachment verifier, IServerStreamWriter<Message> stream, CancellationTokenSource ended)
    {
        try
        {
            await foreach (ReceivedMessage message in verifier.ReadAllAsync(ended.Token))
            {
                var sent = new Message
                {
                    MessageId = message.MessageId,
                    Topic = message.Topic,
                    Data = UnsafeByteOperations.UnsafeWrap(message.Data),
                };
                await stream.WriteAsync(sent, ended.Token);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
        }
        finally
        {
            await ended.CancelAsync();
        }
    }

    private static async Task ReceiveAsync(
        VerifierAttachment verifier, IAsyncStreamReader<ValidatedMessage> stream, CancellationTokenSource ended)
    {
        try
        {
            while (await stream.MoveNext(ended.Token))
            {
                ValidatedMessage judged = stream.Current;
                Verdict verdict = judged.Result switch
                {
                    ValidationResult.Accept => Verdict.Accept,
                    ValidationResult.Reject => Verdict.Reject,
                    _ => Verdict.Ignore,
                };

                // One that matches nothing is counted where it is matched, and has no other effect.
                verifier.Report(judged.Msg?.Topic ?? "", judged.Msg?.MessageId ?? "", verdict);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
        }
        finally
        {
            await ended.CancelAsync();
        }
    }

    private VerifierOptions Options(ServerCallContext context)
    {
        string mode = context.RequestHeaders.GetValue("pmq-mode") ?? "";
        if (mode is not ("" or "stateless" or "stateful"))
        {
            throw new RpcException(new Status(
                StatusCode.InvalidArgument, $"pmq-mode: {mode}: must be stateless, or absent"));
        }

        return new VerifierOptions
        {
            Name = "grpc " + context.Peer,
            Topics = TopicMetadata.Read(context.RequestHeaders.GetAll("pmq-topics").Select(entry => entry.Value)),
            IsStateless = mode is "stateless",
            MaxInFlight = maxInFlight,
        };
    }
}

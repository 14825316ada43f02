using System.Globalization;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Grpc.Core;
using Pmq.Grpc.Client;
using Pmq.Protocol;
using Pmq.Protocol.V1;

namespace Pmq.Client;

/// <summary>
/// A node's connection to its agent: publishes, listens, verifies. It connects at the first call and again whenever the
/// connection is lost. Thread-safe.
/// </summary>
public sealed class PmqClient : IDisposable
{
    private readonly PmqClientOptions _options;
    private readonly GrpcChannel _channel;
    private readonly ControlService.ControlServiceClient _control;
    private readonly MsgRouter.MsgRouterClient _router;
    private readonly ValidationRouter.ValidationRouterClient _validation;
    private readonly PeerService.PeerServiceClient _peers;

    /// <summary>Creates a client; nothing is connected yet.</summary>
    /// <exception cref="PmqClientException">The address is neither HOST:PORT nor unix:PATH.</exception>
    public PmqClient(PmqClientOptions options)
    {
        _options = options;
        _channel = Channels.Create(options);
        _control = new ControlService.ControlServiceClient(_channel);
        _router = new MsgRouter.MsgRouterClient(_channel);
        _validation = new ValidationRouter.ValidationRouterClient(_channel);
        _peers = new PeerService.PeerServiceClient(_channel);
    }

    /// <summary>Publishes <paramref name="data"/> on <paramref name="topic"/>.</summary>
    /// <param name="topic">The overlay; the agent need not be subscribed to it.</param>
    /// <param name="data">At least one byte; not to be changed before the call returns.</param>
    /// <param name="cancellationToken">Ends the wait; the publication may have happened.</param>
    /// <exception cref="PmqClientException">The agent cannot be reached, or refuses the topic or the data.</exception>
    public async Task<Publication> PublishAsync(
        string topic, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var request = new PublishRequest { Topic = topic, Data = UnsafeByteOperations.UnsafeWrap(data) };
        try
        {
            using AsyncUnaryCall<PublishResponse> call = _control.PublishAsync(
                request, Options(null, cancellationToken));
            PublishResponse response = await call.ResponseAsync.ConfigureAwait(false);
            Metadata trailers = call.GetTrailers();
            return new Publication(
                response.MessageId,
                Number(trailers, "pmq-sent"),
                Number(trailers, "pmq-queued"),
                Number(trailers, "pmq-dropped"),
                trailers.GetValue("pmq-duplicate") is "true");
        }
        catch (RpcException e)
        {
            throw Faults.Map(e, _options.Address, cancellationToken);
        }
    }

    /// <summary>Subscribes the agent to <paramref name="topic"/>; no error if it is already.</summary>
    /// <exception cref="PmqClientException">The agent cannot be reached, or refuses the topic.</exception>
    public async Task SubscribeAsync(string topic, CancellationToken cancellationToken)
    {
        try
        {
            using var call = _control.SubscribeAsync(
                new SubscribeRequest { Topic = topic }, Options(null, cancellationToken));
            await call.ResponseAsync.ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            throw Faults.Map(e, _options.Address, cancellationToken);
        }
    }

    /// <summary>Unsubscribes the agent from <paramref name="topic"/>; no error if it is not subscribed.</summary>
    /// <exception cref="PmqClientException">The agent cannot be reached, or refuses the topic.</exception>
    public async Task UnsubscribeAsync(string topic, CancellationToken cancellationToken)
    {
        try
        {
            using var call = _control.UnsubscribeAsync(
                new SubscribeRequest { Topic = topic }, Options(null, cancellationToken));
            await call.ResponseAsync.ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            throw Faults.Map(e, _options.Address, cancellationToken);
        }
    }

    /// <summary>What the agent knows of the peers it is connected to, by peer id.</summary>
    /// <exception cref="PmqClientException">The agent cannot be reached.</exception>
    public async Task<IReadOnlyList<AgentPeer>> ListPeersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var call = _peers.ListPeersAsync(new ListPeersRequest(), Options(null, cancellationToken));
            ListPeersResponse response = await call.ResponseAsync.ConfigureAwait(false);
            return [.. response.Peers.Select(peer => new AgentPeer(
                peer.PeerId,
                peer.Address,
                peer.Direction == Direction.Outbound,
                peer.AgentVersion,
                peer.Protocol,
                [.. peer.Topics],
                [.. peer.MeshTopics],
                peer.RoundTripTime?.ToTimeSpan()))];
        }
        catch (RpcException e)
        {
            throw Faults.Map(e, _options.Address, cancellationToken);
        }
    }

    /// <summary>
    /// Accepted messages as they come, from the moment the agent has taken the stream. A lost stream is opened again;
    /// messages that the agent accepts in between are not delivered here.
    /// </summary>
    /// <exception cref="PmqClientException">A topic is refused, the call is not allowed, or
    /// <see cref="ListenSettings.FailsFast"/> and the agent cannot be reached.</exception>
    public async IAsyncEnumerable<AgentMessage> ListenAsync(
        ListenSettings settings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reconnecting = new Reconnecting(_options);
        bool wasConnected = false;
        while (true)
        {
            AsyncServerStreamingCall<Message>? call = null;
            try
            {
                PmqClientException? lost = null;
                try
                {
                    call = await OpenListenAsync(settings, cancellationToken).ConfigureAwait(false);
                    wasConnected = true;
                    reconnecting.Reset();
                    settings.OnConnected?.Invoke();
                }
                catch (PmqClientException e) when (MayReconnect(e, wasConnected || !settings.FailsFast))
                {
                    lost = e;
                }

                while (call is not null && lost is null)
                {
                    Message? message = null;
                    try
                    {
                        lost = await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false)
                            ? null
                            : Faults.Ended(_options.Address);
                        message = lost is null ? call.ResponseStream.Current : null;
                    }
                    catch (RpcException e)
                    {
                        lost = Faults.Map(e, _options.Address, cancellationToken);
                        if (!MayReconnect(lost, true))
                        {
                            throw lost;
                        }
                    }

                    if (message is not null)
                    {
                        yield return new AgentMessage(message.Topic, message.MessageId, message.Data.Memory);
                    }
                }

                settings.OnDisconnected?.Invoke(lost!);
            }
            finally
            {
                call?.Dispose();
            }

            await reconnecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Judges messages until cancelled: each is handed to <paramref name="verify"/>, one after another, and its verdict
    /// sent. A lost stream is opened again; what was not judged by then the agent hands over once more.
    /// </summary>
    /// <param name="settings">What is judged.</param>
    /// <param name="verify">The verdict of a message. An exception of it ends this call.</param>
    /// <param name="cancellationToken">Ends the call with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="PmqClientException">The call is not allowed, or <see cref="VerifySettings.FailsFast"/> and the
    /// agent cannot be reached.</exception>
    public async Task VerifyAsync(
        VerifySettings settings,
        Func<AgentMessage, CancellationToken, ValueTask<AgentVerdict>> verify,
        CancellationToken cancellationToken)
    {
        var reconnecting = new Reconnecting(_options);
        bool wasConnected = false;
        while (true)
        {
            PmqClientException lost;
            try
            {
                lost = await VerifyOnceAsync(
                    settings,
                    verify,
                    () =>
                    {
                        wasConnected = true;
                        reconnecting.Reset();
                        settings.OnConnected?.Invoke();
                    },
                    cancellationToken).ConfigureAwait(false);
            }
            catch (RpcException e)
            {
                lost = Faults.Map(e, _options.Address, cancellationToken);
            }

            if (!MayReconnect(lost, wasConnected || !settings.FailsFast))
            {
                throw lost;
            }

            settings.OnDisconnected?.Invoke(lost);
            await reconnecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Closes the connection; calls under way end.</summary>
    public void Dispose() => _channel.Dispose();

    private async Task<AsyncServerStreamingCall<Message>> OpenListenAsync(
        ListenSettings settings, CancellationToken cancellationToken)
    {
        foreach (string topic in settings.Subscribes ? settings.Topics : [])
        {
            await SubscribeAsync(topic, cancellationToken).ConfigureAwait(false);
        }

        var request = new ListenRequest { MaxRate = settings.MaxRate };
        request.Topics.AddRange(settings.Topics);
        AsyncServerStreamingCall<Message> call = _router.Listen(
            request, Options(null, cancellationToken, isStream: true));
        try
        {
            await call.ResponseHeadersAsync.ConfigureAwait(false);
            return call;
        }
        catch (RpcException e)
        {
            call.Dispose();
            throw Faults.Map(e, _options.Address, cancellationToken);
        }
    }

    /// <summary>Verifies over one stream; the reason of its end.</summary>
    private async Task<PmqClientException> VerifyOnceAsync(
        VerifySettings settings,
        Func<AgentMessage, CancellationToken, ValueTask<AgentVerdict>> verify,
        Action connected,
        CancellationToken cancellationToken)
    {
        var headers = new Metadata();
        if (settings.Topics.Count > 0)
        {
            headers.Add("pmq-topics", TopicHeader.Write(settings.Topics));
        }

        if (settings.IsStateless)
        {
            headers.Add("pmq-mode", "stateless");
        }

        using var call = _validation.Handle(Options(headers, cancellationToken, isStream: true));
        await call.ResponseHeadersAsync.ConfigureAwait(false);
        connected();
        while (await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
        {
            Message message = call.ResponseStream.Current;
            var judged = new AgentMessage(message.Topic, message.MessageId, message.Data.Memory);
            AgentVerdict verdict = await verify(judged, cancellationToken).ConfigureAwait(false);
            await call.RequestStream.WriteAsync(
                new ValidatedMessage
                {
                    Result = verdict switch
                    {
                        AgentVerdict.Accept => ValidationResult.Accept,
                        AgentVerdict.Reject => ValidationResult.Reject,
                        _ => ValidationResult.Ignore,
                    },
                    Msg = new Message { MessageId = message.MessageId, Topic = message.Topic },
                },
                cancellationToken).ConfigureAwait(false);
        }

        return Faults.Ended(_options.Address);
    }

    private static bool MayReconnect(PmqClientException fault, bool isAllowed) => isAllowed && fault.IsTransient;

    private CallOptions Options(Metadata? headers, CancellationToken cancellationToken, bool isStream = false)
    {
        DateTime? deadline = isStream ? null : _options.TimeProvider.GetUtcNow().UtcDateTime + _options.Timeout;
        return new CallOptions(headers, deadline, cancellationToken);
    }

    private static int Number(Metadata trailers, string key) =>
        int.TryParse(trailers.GetValue(key), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 0;
}

using System.Globalization;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pmq.Client.Runtime;
using Pmq.Grpc.Client;
using Pmq.Protocol;
using Pmq.Protocol.V1;

namespace Pmq.Client;

/// <summary>
/// A node's connection to its agent: publishes and listens; a <see cref="Verifier"/> verifies over it. It connects at the first call and again whenever the
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
    private readonly PublisherService.PublisherServiceClient _publisher;

    /// <summary>Creates a client of the agent at <paramref name="address"/>; nothing is connected yet.</summary>
    /// <param name="address"><c>HOST:PORT</c> or <c>unix:PATH</c>.</param>
    /// <exception cref="PmqClientException">The address is neither.</exception>
    public PmqClient(string address)
        : this(new PmqClientOptions { Address = address })
    {
    }

    /// <summary>Creates a client; nothing is connected yet.</summary>
    /// <exception cref="PmqClientException">
    /// The address is neither HOST:PORT nor unix:PATH, or another option is out of range.
    /// </exception>
    public PmqClient(PmqClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Checked();
        Logger = options.LoggerFactory?.CreateLogger("Pmq.Client") ?? NullLogger.Instance;
        _channel = Channels.Create(_options);
        _control = new ControlService.ControlServiceClient(_channel);
        _router = new MsgRouter.MsgRouterClient(_channel);
        _validation = new ValidationRouter.ValidationRouterClient(_channel);
        _peers = new PeerService.PeerServiceClient(_channel);
        _publisher = new PublisherService.PublisherServiceClient(_channel);
    }

    internal PmqClientOptions Options => _options;

    internal ILogger Logger { get; }

    /// <summary>Cancelled by <see cref="Dispose"/>.</summary>
    internal CancellationToken Closing => _channel.Closing;

    /// <summary>Publishes <paramref name="data"/> on <paramref name="topic"/>.</summary>
    /// <param name="topic">The overlay; the agent need not be subscribed to it.</param>
    /// <param name="data">At least one byte; not to be changed before the call returns.</param>
    /// <param name="cancellationToken">Ends the wait; the publication may have happened.</param>
    /// <exception cref="PmqClientException">The agent cannot be reached, or refuses the topic or the data.</exception>
    public async Task<Publication> PublishAsync(
        string topic, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        var request = new PublishRequest { Topic = topic, Data = UnsafeByteOperations.UnsafeWrap(data) };
        try
        {
            using AsyncUnaryCall<PublishResponse> call = _control.PublishAsync(
                request, CallOptions(null, cancellationToken));
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
    public async Task SubscribeAsync(string topic, CancellationToken cancellationToken = default)
    {
        try
        {
            using var call = _control.SubscribeAsync(
                new SubscribeRequest { Topic = topic }, CallOptions(null, cancellationToken));
            await call.ResponseAsync.ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            throw Faults.Map(e, _options.Address, cancellationToken);
        }
    }

    /// <summary>Unsubscribes the agent from <paramref name="topic"/>; no error if it is not subscribed.</summary>
    /// <exception cref="PmqClientException">The agent cannot be reached, or refuses the topic.</exception>
    public async Task UnsubscribeAsync(string topic, CancellationToken cancellationToken = default)
    {
        try
        {
            using var call = _control.UnsubscribeAsync(
                new SubscribeRequest { Topic = topic }, CallOptions(null, cancellationToken));
            await call.ResponseAsync.ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            throw Faults.Map(e, _options.Address, cancellationToken);
        }
    }

    /// <summary>What the agent knows of the peers it is connected to, by peer id.</summary>
    /// <exception cref="PmqClientException">The agent cannot be reached.</exception>
    public Task<IReadOnlyList<AgentPeer>> ListPeersAsync(CancellationToken cancellationToken = default) =>
        ListPeersAsync(remembered: false, cancellationToken);

    /// <summary>What the agent knows of its peers, by peer id.</summary>
    /// <param name="remembered">
    /// Also peers that have left with a score of 0 or less and are remembered; of those only id and score are known.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="PmqClientException">The agent cannot be reached.</exception>
    public async Task<IReadOnlyList<AgentPeer>> ListPeersAsync(bool remembered, CancellationToken cancellationToken)
    {
        try
        {
            using var call = _peers.ListPeersAsync(
                new ListPeersRequest { Remembered = remembered }, CallOptions(null, cancellationToken));
            ListPeersResponse response = await call.ResponseAsync.ConfigureAwait(false);
            return [.. response.Peers.Select(Scores.Of)];
        }
        catch (RpcException e)
        {
            throw Faults.Map(e, _options.Address, cancellationToken);
        }
    }

    /// <summary>What a peer's score is made of; it may be one that has left and is remembered.</summary>
    /// <exception cref="PmqClientException">
    /// The agent cannot be reached, knows nothing of the peer, or does not score.
    /// </exception>
    public async Task<AgentScoreView> ExplainScoreAsync(string peerId, CancellationToken cancellationToken = default)
    {
        try
        {
            using var call = _peers.ExplainScoreAsync(
                new ExplainScoreRequest { PeerId = peerId }, CallOptions(null, cancellationToken));
            return Scores.Of(await call.ResponseAsync.ConfigureAwait(false));
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
    /// <exception cref="ObjectDisposedException">The client was disposed of.</exception>
    public async IAsyncEnumerable<AgentMessage> ListenAsync(
        ListenSettings settings, [EnumeratorCancellation] CancellationToken cancellationToken = default)
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
                catch (PmqClientException e)
                    when ((wasConnected || !settings.FailsFast) && e.MayPass(wasConnected))
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
                        if (lost is not null)
                        {
                            ReportDrops(call.GetTrailers(), settings);
                        }
                    }
                    catch (RpcException e)
                    {
                        ReportDrops(e.Trailers, settings);
                        lost = Faults.Map(e, _options.Address, cancellationToken);
                        if (!lost.MayPass(wasConnected))
                        {
                            throw lost;
                        }
                    }

                    if (message is not null)
                    {
                        yield return new AgentMessage(message.Topic, message.MessageId, message.Data.Memory);
                    }
                }

                ObjectDisposedException.ThrowIf(Closing.IsCancellationRequested, this);
                settings.OnDisconnected?.Invoke(lost!);
            }
            finally
            {
                call?.Dispose();
            }

            await reconnecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Closes the connection; calls under way end.</summary>
    public void Dispose() => _channel.Dispose();

    /// <summary>Opens the stream of a verifier; its headers tell whether the agent has taken it.</summary>
    internal AsyncDuplexStreamingCall<ValidatedMessage, Message> OpenVerifier(
        IReadOnlyList<string> topics, bool isStateless, CancellationToken cancellationToken)
    {
        var headers = new Metadata();
        if (topics.Count > 0)
        {
            headers.Add("pmq-topics", TopicHeader.Write(topics));
        }

        if (isStateless)
        {
            headers.Add("pmq-mode", "stateless");
        }

        return _validation.Handle(CallOptions(headers, cancellationToken, isStream: true));
    }

    /// <summary>Opens the stream of a producer; its headers tell whether the agent has taken it.</summary>
    internal AsyncDuplexStreamingCall<PublishItem, PublishReceipt> OpenPublisher(CancellationToken cancellationToken) =>
        _publisher.Publish(CallOptions(null, cancellationToken, isStream: true));

    private async Task<AsyncServerStreamingCall<Message>> OpenListenAsync(
        ListenSettings settings, CancellationToken cancellationToken)
    {
        var request = new ListenRequest { MaxRate = settings.MaxRate };
        request.Topics.AddRange(settings.Topics);
        AsyncServerStreamingCall<Message> call = _router.Listen(
            request, CallOptions(null, cancellationToken, isStream: true));
        try
        {
            await call.ResponseHeadersAsync.WaitAsync(_options.Timeout, _options.TimeProvider, cancellationToken)
                .ConfigureAwait(false);

            // Only now, or what the agent accepts in between would be lost.
            foreach (string topic in settings.Subscribes ? settings.Topics : [])
            {
                await SubscribeAsync(topic, cancellationToken).ConfigureAwait(false);
            }

            return call;
        }
        catch (RpcException e)
        {
            call.Dispose();
            throw Faults.Map(e, _options.Address, cancellationToken);
        }
        catch (TimeoutException)
        {
            call.Dispose();
            throw Faults.Silent(_options.Address);
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    private static void ReportDrops(Metadata trailers, ListenSettings settings)
    {
        int dropped = Number(trailers, "pmq-dropped");
        if (dropped > 0)
        {
            ClientMetrics.Dropped.Add(dropped);
            settings.OnDropped?.Invoke(dropped);
        }
    }

    private CallOptions CallOptions(Metadata? headers, CancellationToken cancellationToken, bool isStream = false)
    {
        DateTime? deadline = isStream ? null : _options.TimeProvider.GetUtcNow().UtcDateTime + _options.Timeout;
        return new CallOptions(headers, deadline, cancellationToken);
    }

    private static int Number(Metadata trailers, string key) =>
        int.TryParse(trailers.GetValue(key), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 0;
}

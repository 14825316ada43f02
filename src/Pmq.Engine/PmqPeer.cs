using System.Text;
using Microsoft.Extensions.Logging;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Engine.Gossip;
using Pmq.Engine.Runtime;
using Pmq.Engine.Tracing;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Scoring;
using Pmq.Libp2p;

namespace Pmq.Engine;

/// <summary>A peer in your own process: host, gossipsub and validation behind one object. Thread-safe.</summary>
public sealed class PmqPeer : IAsyncDisposable
{
    private readonly PmqPeerOptions _options;
    private readonly MessageComposer _composer;
    private readonly GossipsubDriver _driver;
    private readonly EngineMetrics _metrics;
    private readonly PeerTrace? _trace;
    private readonly List<PeerKeeper> _keepers = [];
    private readonly PrivateKey? _ownKey;
    private readonly Lock _publishGate = new();
    private readonly long _start;
    private TokenBucket _publishBucket;
    private ulong _sequenceNumber;
    private int _isDisposed;

    private PmqPeer(
        PmqPeerOptions options, IHost host, GossipsubOptions gossipsub, PrivateKey identity, bool isOwnKey,
        PeerTrace? trace)
    {
        Host = host;
        _options = options;
        _ownKey = isOwnKey ? identity : null;
        _start = options.TimeProvider.GetTimestamp();
        _publishBucket = new TokenBucket(options.PublishRate, TimeSpan.Zero);

        // Signed messages are numbered on over restarts (pubsub specification, "The Message").
        _sequenceNumber = (ulong)(options.TimeProvider.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        _composer = new MessageComposer(gossipsub, identity);
        _metrics = new EngineMetrics(options.MeterFactory);
        var logger = new GuardedLogger(options.LoggerFactory.CreateLogger("Pmq.Engine"));
        _trace = trace;
        _metrics.Observe(trace);
        _driver = new GossipsubDriver(
            host, PeerSetup.DriverOptionsOf(options, gossipsub) with { Trace = _trace },
            (options.Chance ?? new SecureChance()).Fork("gossipsub"), options.TimeProvider, logger, _metrics);
        foreach (IGrouping<PeerId, Multiaddr> addresses in options.Peers.GroupBy(address => address.Peer!))
        {
            _keepers.Add(new PeerKeeper(host, addresses.Key, [.. addresses], options, logger));
        }

        foreach (DirectPeer direct in gossipsub.DirectPeers)
        {
            if (direct.Addresses.Count > 0 && !options.Peers.Any(address => address.Peer!.Equals(direct.Id)))
            {
                _keepers.Add(new PeerKeeper(host, direct.Id, direct.Addresses, options, logger));
            }
        }
    }

    /// <summary>Starts to listen, joins the topics of the options and dials their peers in the background.</summary>
    /// <exception cref="PmqOptionsException">An option is out of range or contradicts another.</exception>
    /// <exception cref="IOException">An address cannot be listened on; the message names it.</exception>
    public static async ValueTask<PmqPeer> StartAsync(PmqPeerOptions options, CancellationToken cancellationToken)
    {
        GossipsubOptions gossipsub = PeerSetup.Check(options);
        PrivateKey identity = options.Identity ?? PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        PeerTrace? trace = PeerTrace.Open(
            options.Trace, PeerId.FromPublicKey(identity.PublicKey), options.TimeProvider,
            new GuardedLogger(options.LoggerFactory.CreateLogger("Pmq.Engine.Tracing")));
        var host = new Libp2pHost(PeerSetup.HostOptionsOf(options, identity));
        var peer = new PmqPeer(options, host, gossipsub, identity, isOwnKey: options.Identity is null, trace);
        try
        {
            // Everything is in place before the first peer can come.
            peer._driver.Start();
            await peer.JoinAsync(options.Topics, cancellationToken);
            await host.StartAsync(cancellationToken);
            peer._keepers.ForEach(keeper => keeper.Start());
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Who we are.</summary>
    public PeerId LocalPeer => Host.LocalPeer;

    /// <summary>Addresses that can be dialed, each ending in /p2p/….</summary>
    public IReadOnlyList<Multiaddr> ListenAddresses => Host.ListenAddresses;

    /// <summary>The host under it.</summary>
    public IHost Host { get; }

    /// <summary>The topics that are subscribed now, sorted.</summary>
    public IReadOnlyList<string> Topics => _driver.Topics;

    /// <summary>
    /// The fault of ours that has stopped the gossip of this peer for good; null while it works. The peer is then to be
    /// disposed and started again.
    /// </summary>
    public Exception? Failure => _driver.Failure;

    /// <summary>
    /// Completes when the peer was disposed; faults with <see cref="Failure"/> when the gossip of this peer breaks.
    /// Listeners and verifiers end with it.
    /// </summary>
    public Task Completion => _driver.Completion;

    /// <summary>The driver under it, for tests of it.</summary>
    internal GossipsubDriver Driver => _driver;

    /// <summary>Publishes <paramref name="data"/> on <paramref name="topic"/>, subscribed or not.</summary>
    /// <param name="topic">The overlay.</param>
    /// <param name="data">Copied before the call returns.</param>
    /// <param name="cancellationToken">Ends the wait, not the publication once it has begun.</param>
    /// <returns>Whom it reached; see <see cref="PublishOutcome"/>.</returns>
    /// <exception cref="PublishException">Empty or oversized data, bad topic, rate limit; nothing was sent.</exception>
    public ValueTask<PublishOutcome> PublishAsync(
        string topic, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        ComposeFault fault = _composer.TryCompose(
            topic, data.Span, Interlocked.Increment(ref _sequenceNumber), out GossipMessage? message);
        if (fault != ComposeFault.None)
        {
            throw RefusedPublication(fault, topic, data.Length);
        }

        if (_options.PublishRate > 0)
        {
            TakePublishToken();
        }

        return _driver.PublishAsync(message!, cancellationToken);
    }

    /// <summary>Joins an overlay; true if it was not joined before.</summary>
    /// <exception cref="PublishException">
    /// The topic is empty, too long or refused by the subscription filter.
    /// </exception>
    public ValueTask<bool> SubscribeAsync(string topic, CancellationToken cancellationToken) =>
        SubscribeAsync(topic, JoinMode.Deliver, cancellationToken);

    /// <summary>
    /// Joins an overlay to deliver, only to pass on, or only to publish; true if it was not joined so before.
    /// </summary>
    /// <exception cref="PublishException">
    /// The topic is empty, too long or refused by the subscription filter.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// It is open for publishing only and asked for as more, or the other way round.
    /// </exception>
    public async ValueTask<bool> SubscribeAsync(string topic, JoinMode mode, CancellationToken cancellationToken) =>
        await _driver.JoinAsync(topic, mode, cancellationToken) switch
        {
            JoinOutcome.OtherMode => throw new InvalidOperationException(
                $"Topic {topic}: it is joined otherwise than as {mode}; unsubscribe first."),
            JoinOutcome.Joined => true,
            JoinOutcome.AlreadyJoined => false,
            JoinOutcome.TooManyTopics => throw new PublishException(
                PublishFault.TooManyTopics,
                $"Topic {topic}: {_options.Gossipsub.MaxTopics} topics are joined already, and no more are allowed."),
            _ => throw BadTopic(topic),
        };

    /// <summary>Leaves an overlay; true if it was joined.</summary>
    public async ValueTask<bool> UnsubscribeAsync(string topic, CancellationToken cancellationToken) =>
        await _driver.LeaveAsync(topic, cancellationToken);

    /// <summary>Listens to accepted messages, from now on; it never subscribes by itself.</summary>
    /// <exception cref="PmqOptionsException">The queue size or the rate is out of range.</exception>
    public MessageListener Listen(ListenOptions options)
    {
        PeerSetup.Check(options);
        return _driver.Listen(options);
    }

    /// <summary>
    /// Attaches a verifier: it is handed each message of its topics before it is delivered or passed on.
    /// </summary>
    /// <exception cref="PmqOptionsException">The number in flight is out of range.</exception>
    public VerifierAttachment AttachVerifier(VerifierOptions options)
    {
        PeerSetup.Check(options);
        return _driver.AttachVerifier(options);
    }

    /// <summary>What is known of every connected peer.</summary>
    public async ValueTask<IReadOnlyList<PeerSnapshot>> GetPeersAsync(CancellationToken cancellationToken) =>
        await _driver.GetPeersAsync(cancellationToken);

    /// <summary>
    /// The score of every peer, connected or remembered, sorted by id, and what it is made of; empty while scoring is
    /// off.
    /// </summary>
    public async ValueTask<IReadOnlyList<PeerScoreView>> ExplainScoresAsync(CancellationToken cancellationToken) =>
        await _driver.ExplainScoresAsync(cancellationToken);

    /// <summary>
    /// What one peer's score is made of; null if nothing is known of it, or scoring is off. It may be one that has left.
    /// </summary>
    public async ValueTask<PeerScoreView?> ExplainScoreAsync(PeerId peer, CancellationToken cancellationToken) =>
        await _driver.ExplainScoreAsync(peer, cancellationToken);

    /// <summary>How peers are scored now; null while they are not.</summary>
    public PeerScoreOptions? Scoring => _driver.Scoring;

    /// <summary>
    /// Changes how peers are scored. Counters stay, cut to the new caps; scores follow at once.
    /// </summary>
    /// <param name="scoring">The new numbers; null switches scoring off and forgets every counter.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="PmqOptionsException">A number is out of range or contradicts another.</exception>
    public async ValueTask SetScoringAsync(PeerScoreOptions? scoring, CancellationToken cancellationToken)
    {
        PeerSetup.Check(scoring);
        await _driver.SetScoringAsync(scoring, cancellationToken);
    }

    /// <summary>
    /// P5: what the application thinks of a peer, connected or not, until it says otherwise. 0 forgets it; while
    /// scoring is off nothing happens.
    /// </summary>
    /// <param name="peer">The peer.</param>
    /// <param name="score">Within ±10¹².</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">The score is out of range or not a number.</exception>
    public async ValueTask SetApplicationScoreAsync(PeerId peer, double score, CancellationToken cancellationToken)
    {
        if (score is not (>= -1e12 and <= 1e12))
        {
            throw new ArgumentOutOfRangeException(nameof(score), score, "It must be within ±10¹².");
        }

        await _driver.SetApplicationScoreAsync(peer, score, cancellationToken);
    }

    /// <summary>
    /// Leaves the overlays, says goodbye to the peers and closes; what is in flight ends within two seconds.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        foreach (PeerKeeper keeper in _keepers)
        {
            await keeper.DisposeAsync();
        }

        await _driver.SayGoodbyeAsync();

        // The host goes first: it ends the streams that the driver's loops wait for.
        await Host.DisposeAsync();
        await _driver.DisposeAsync();
        if (_trace is not null)
        {
            await _trace.DisposeAsync();
        }

        _metrics.Dispose();
        _ownKey?.Dispose();
    }

    private async Task JoinAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken)
    {
        try
        {
            foreach (string topic in topics)
            {
                await SubscribeAsync(topic, cancellationToken);
            }
        }
        catch (PublishException refused)
        {
            throw new PmqOptionsException("topics", $"topics: {refused.Message.TrimEnd('.')}");
        }
    }

    private void TakePublishToken()
    {
        lock (_publishGate)
        {
            if (!_publishBucket.TryTake(_options.TimeProvider.GetElapsedTime(_start)))
            {
                throw new PublishException(
                    PublishFault.RateLimited,
                    $"More than {_options.PublishRate} publications a second (pubsub.publishRate).");
            }
        }
    }

    private PublishException RefusedPublication(ComposeFault fault, string topic, int length) => fault switch
    {
        ComposeFault.EmptyData => new PublishException(
            PublishFault.EmptyData, "The data is empty; a message has at least one byte."),
        ComposeFault.TooLarge => new PublishException(
            PublishFault.TooLarge,
            $"{length} bytes do not fit: a message on topic {topic} has at most {_composer.MaxDataLength(topic)}, so "
            + $"that its RPC is within {SizeLimitOf(topic)}."),
        _ => BadTopic(topic),
    };

    private string SizeLimitOf(string topic) =>
        _options.TopicSettings.GetValueOrDefault(topic)?.MaxMessageSize is { } size
            ? $"the topic's own maxMessageSize = {size}"
            : $"pubsub.maxMessageSize = {_options.MaxMessageSize}";

    private PublishException BadTopic(string topic)
    {
        int limit = _options.Gossipsub.RpcLimits.MaxTopicLength;
        string message = topic.Length == 0
            ? "The topic is empty."
            : Encoding.UTF8.GetByteCount(topic) > limit
                ? $"The topic has {Encoding.UTF8.GetByteCount(topic)} bytes; at most {limit} are allowed."
                : $"Topic {topic} is no text or does not match pubsub.subFilter.pattern = "
                    + $"{_options.SubscriptionFilter?.Pattern}.";
        return new PublishException(PublishFault.BadTopic, message);
    }
}

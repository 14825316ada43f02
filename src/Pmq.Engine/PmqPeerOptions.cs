using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pmq.Core.Addresses;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Engine.Tracing;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;

namespace Pmq.Engine;

/// <summary>How a <see cref="PmqPeer"/> runs.</summary>
public sealed record PmqPeerOptions
{
    /// <summary>The identity; null makes a fresh Ed25519 key.</summary>
    public PrivateKey? Identity { get; init; }

    /// <summary>
    /// Where to listen; empty listens nowhere. <c>/memory/N</c> listens in process. Default
    /// <c>/ip4/127.0.0.1/tcp/0</c>.
    /// </summary>
    public IReadOnlyList<Multiaddr> ListenAddresses { get; init; } = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0")];

    /// <summary>Peers to stay connected to: dialed at start and again, with backoff, whenever they are gone.</summary>
    public IReadOnlyList<Multiaddr> Peers { get; init; } = [];

    /// <summary>Topics joined at start.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>
    /// Whether messages wait for a verifier; a topic can differ. Default <see cref="ValidationMode.Required"/>.
    /// </summary>
    public ValidationMode Validation { get; init; } = ValidationMode.Required;

    /// <summary>How long a message waits for its verdict before it is ignored. Default 5 s.</summary>
    public TimeSpan VerdictTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether our own publications pass our own verifier first. Default false: the node vouches for them.
    /// </summary>
    public bool ValidateOwn { get; init; }

    /// <summary>
    /// The signature policy of topics that do not set their own. Default <see
    /// cref="Gossipsub.SignaturePolicy.StrictNoSign"/>.
    /// </summary>
    public SignaturePolicy SignaturePolicy { get; init; } = SignaturePolicy.StrictNoSign;

    /// <summary>
    /// The largest RPC in bytes, encoded: what a publication may take on the wire with its envelope, and what is read
    /// from a peer. 1 KiB to 64 MiB; default 1 MiB, as in go-libp2p-pubsub (<c>pubsub.maxMessageSize</c>).
    /// </summary>
    public int MaxMessageSize { get; init; } = 1024 * 1024;

    /// <summary>
    /// How the mesh, its history and its limits run. Its <c>MaxMessageSize</c>, <c>DefaultRules</c>, <c>Topics</c> and
    /// <c>SubscriptionFilter</c> are not read: they follow from the options of the same meaning here.
    /// </summary>
    public GossipsubOptions Gossipsub { get; init; } = new();

    /// <summary>
    /// How the id of a message follows from its data, in topics that do not set their own. Default: the first 20 bytes
    /// of SHA-256 (<c>pubsub.msgIDFn</c>).
    /// </summary>
    public MessageIdOptions MessageId { get; init; }

    /// <summary>Topics that differ from these options, by name; joined or not.</summary>
    public IReadOnlyDictionary<string, TopicOptions> TopicSettings { get; init; } =
        new Dictionary<string, TopicOptions>();

    /// <summary>Which topics we have to do with; null lets every topic pass.</summary>
    public SubscriptionFilter? SubscriptionFilter { get; init; }

    /// <summary>
    /// Publications a second at most, over all topics, with a burst of one second. Default 0: no limit.
    /// </summary>
    public int PublishRate { get; init; }

    /// <summary>
    /// Bytes of our own publications that wait for one peer's stream. When it is full new ones for that peer are
    /// dropped and counted, the publisher told; control is kept. At least <see cref="MaxMessageSize"/>; default 4 MiB
    /// (arbitrary).
    /// </summary>
    public int OutboundQueueBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// The same for messages that are passed on to one peer or that it has asked for; these never take the room of our
    /// own. At least <see cref="MaxMessageSize"/>; null takes <see cref="OutboundQueueBytes"/>.
    /// </summary>
    public int? OutboundRelayBytes { get; init; }

    /// <summary>
    /// How long a publication waits for one peer's stream before it is dropped for that peer and counted. Above 0;
    /// default 5 s (rust-libp2p).
    /// </summary>
    public TimeSpan PublishDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The same for messages that are passed on or asked for: what is older has reached the peer by others. Above 0;
    /// default 1 s (rust-libp2p).
    /// </summary>
    public TimeSpan RelayDeadline { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Bytes of one peer that are handed to the router at once; its stream is not read on before they are done, so a
    /// flood of one peer waits for itself. 4 KiB to 16 MiB, and always one RPC; default 64 KiB (arbitrary).
    /// </summary>
    public int InboundQueueBytes { get; init; } = 64 * 1024;

    /// <summary>
    /// How long a dial with its upgrade may take. Default 15 s (go-libp2p's limits of TCP and upgrade).
    /// </summary>
    public TimeSpan DialTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The first wait before <see cref="Peers"/> that are gone are dialed again; it doubles up to
    /// <see cref="RedialMaxDelay"/>. Default 200 ms (arbitrary).
    /// </summary>
    public TimeSpan RedialMinDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// The longest wait before <see cref="Peers"/> are dialed again: short, since an operator named them and waits for
    /// them to come back. Default 2 s (arbitrary).
    /// </summary>
    public TimeSpan RedialMaxDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Does not serve the ping protocol. Default false.</summary>
    public bool DisablePing { get; init; }

    /// <summary>The agent version that identify tells, after <c>p2pmq/</c>. Default empty: <c>p2pmq</c>.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>Where the router's events go; null, the default, traces nothing.</summary>
    public TraceOptions? Trace { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Chance; null takes the CSPRNG.</summary>
    public Chance? Chance { get; init; }

    /// <summary>Logs.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Metrics; null makes meters of its own.</summary>
    public IMeterFactory? MeterFactory { get; init; }
}

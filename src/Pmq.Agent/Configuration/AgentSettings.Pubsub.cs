using System.Text.RegularExpressions;
using Pmq.Gossipsub;
using static Pmq.Agent.Configuration.SettingTypes;

namespace Pmq.Agent.Configuration;

/// <content>The keys below <c>pubsub</c> that this version acts on.</content>
internal static partial class AgentSettings
{
    private static SettingType<int> Degree => Integer(1, 1000);

    public static readonly Setting<string> TopicName = new()
    {
        Key = "pubsub.topics[].name",
        Type = Topic,
        Description = "The topic that these settings are for. Required.",
    };

    public static readonly Setting<int> TopicBufferSize = new()
    {
        Key = "pubsub.topics[].bufferSize",
        Type = Integer(1, 1_000_000),
        Description = "Messages of the topic that wait for their verdict.",
    };

    public static readonly Setting<double> TopicRateLimit = new()
    {
        Key = "pubsub.topics[].rateLimit",
        Type = Number(0, 1e9, "from 0"),
        Effect = SettingEffect.None,
        Description = "Messages a second of the topic.",
    };

    public static readonly Setting<string> TopicValidation = new()
    {
        Key = "pubsub.topics[].validation",
        Type = OneOf("required", "none"),
        DefaultWords = "pubsub.validation",
        Description = "Whether the topic's messages wait for a verifier.",
    };

    public static readonly Setting<string> TopicSign = new()
    {
        Key = "pubsub.topics[].sign",
        Type = OneOf("strict", "none"),
        DefaultWords = "pubsub.sign",
        Description = "The topic's signature policy.",
    };

    public static readonly Setting<TimeSpan> TopicValidatorTimeout = new()
    {
        Key = "pubsub.topics[].msgValidator.timeout",
        Type = Duration(Millisecond, TimeSpan.FromMinutes(10)),
        DefaultWords = "pubsub.msgValidator.timeout",
        Description = "How long a message of the topic waits for its verdict.",
    };

    public static readonly Setting<int> TopicValidatorConcurrency = new()
    {
        Key = "pubsub.topics[].msgValidator.concurrency",
        Type = Integer(1, 1_000_000),
        DefaultWords = "what the verifiers take",
        Description = "Messages of the topic that verifiers are handed before they have judged the first of them.",
    };

    public static readonly Setting<string> TopicMessageIdType = new()
    {
        Key = "pubsub.topics[].msgIDFn.type",
        Type = OneOf("sha256", "md5"),
        DefaultWords = "pubsub.msgIDFn.type",
        Description = "The digest of the topic's message ids.",
    };

    public static readonly Setting<int> TopicMessageIdSize = new()
    {
        Key = "pubsub.topics[].msgIDFn.size",
        Type = Integer(0, int.MaxValue),
        DefaultWords = "pubsub.msgIDFn.size",
        Description = "Bytes of the digest that make the topic's message ids.",
    };

    public static readonly Setting<int> TopicMaxMessageSize = new()
    {
        Key = "pubsub.topics[].maxMessageSize",
        Type = Integer(128, 64 * 1024 * 1024),
        DefaultWords = "pubsub.maxMessageSize",
        Description = "The largest message of the topic in bytes, encoded; all peers of the topic should agree.",
    };

    public static readonly Setting<string> Validation = new()
    {
        Key = "pubsub.validation",
        Type = OneOf("required", "none"),
        Flag = "--validation",
        Default = _ => "required",
        Description = "required: without a verifier nothing is delivered or passed on. none: every well-formed message "
            + "is accepted.",
    };

    public static readonly Setting<string> Sign = new()
    {
        Key = "pubsub.sign",
        Type = OneOf("strict", "none"),
        Flag = "--sign",
        Default = _ => "none",
        Description = "strict: messages carry their author's signature. none: they carry no author, as in the Go agent.",
    };

    public static readonly Setting<int> MaxMessageSize = new()
    {
        Key = "pubsub.maxMessageSize",
        Type = Integer(1024, 64 * 1024 * 1024),
        Default = _ => 1024 * 1024,
        Description = "The largest encoded RPC in bytes (default as in go-libp2p-pubsub).",
    };

    public static readonly Setting<TimeSpan> ValidationTimeout = new()
    {
        Key = "pubsub.msgValidationTimeout",
        Type = Duration(Millisecond, TimeSpan.FromMinutes(10)),
        Description = "An older name of pubsub.msgValidator.timeout, which goes before it.",
    };

    public static readonly Setting<TimeSpan> ValidatorTimeout = new()
    {
        Key = "pubsub.msgValidator.timeout",
        Type = Duration(Millisecond, TimeSpan.FromMinutes(10)),
        Default = c => c.SetOr(ValidationTimeout, TimeSpan.FromSeconds(5)),
        DefaultWords = "pubsub.msgValidationTimeout, else 5s",
        Description = "How long a message waits for its verdict before it is ignored (default as in the Go agent).",
    };

    public static readonly Setting<int> ValidatorConcurrency = new()
    {
        Key = "pubsub.msgValidator.concurrency",
        Type = Integer(1, 1_000_000),
        Default = _ => 1024,
        Description = "Messages that one verifier is handed before it has judged the first of them.",
    };

    public static readonly Setting<string> MessageIdType = new()
    {
        Key = "pubsub.msgIDFn.type",
        Type = OneOf("sha256", "md5"),
        Default = _ => "sha256",
        Description = "The digest of message ids; all peers of a topic must agree.",
    };

    public static readonly Setting<int> MessageIdSize = new()
    {
        Key = "pubsub.msgIDFn.size",
        Type = Integer(0, int.MaxValue),
        Default = _ => 20,
        Description = "Bytes of the digest that make a message id; 0 is 20, above the digest is all of it.",
    };

    public static readonly Setting<Regex> FilterPattern = new()
    {
        Key = "pubsub.subFilter.pattern",
        Type = Pattern,
        Description = "The topics that may be joined and announced: those in whose name the pattern is found.",
    };

    public static readonly Setting<int> FilterLimit = new()
    {
        Key = "pubsub.subFilter.limit",
        Type = Integer(1, 10_000),
        DefaultWords = "100",
        Description = "Topics that a peer may announce in one message.",
    };

    public static readonly Setting<int> MeshDegree = new()
    {
        Key = "pubsub.overlay.d",
        Type = Degree,
        DefaultWords = "6, between dlo and dhi",
        Default = c => Math.Clamp(
            6, c.SetOr(MeshDegreeLow!, 1), Math.Max(c.SetOr(MeshDegreeLow!, 1), c.SetOr(MeshDegreeHigh!, 1000))),
        Description = "D: mesh peers a topic aims at (gossipsub v1.0).",
    };

    public static readonly Setting<int> MeshDegreeLow = new()
    {
        Key = "pubsub.overlay.dlo",
        Type = Degree,
        DefaultWords = "5, at most d",
        Default = c => Router(c).EffectiveLow,
        Description = "D_lo: fewer mesh peers than this and more are grafted (default as in go-libp2p-pubsub).",
    };

    public static readonly Setting<int> MeshDegreeHigh = new()
    {
        Key = "pubsub.overlay.dhi",
        Type = Degree,
        DefaultWords = "12, at least 2·d",
        Default = c => Router(c).EffectiveHigh,
        Description = "D_hi: more mesh peers than this and some are pruned (gossipsub v1.0).",
    };

    public static readonly Setting<int> MeshDegreeScore = new()
    {
        Key = "pubsub.overlay.dscore",
        Type = Degree,
        DefaultWords = "4, at most d",
        Default = c => Router(c).EffectiveScore,
        Description = "D_score: mesh peers that are kept by score when the mesh is pruned (gossipsub v1.1).",
    };

    public static readonly Setting<int> MeshDegreeOutbound = new()
    {
        Key = "pubsub.overlay.dout",
        Type = Integer(0, 1000),
        DefaultWords = "2, below dlo, at most (d − 1) / 2",
        Default = c => Router(c).EffectiveOutbound,
        Description = "D_out: places in the mesh for peers that this agent dialed (gossipsub v1.1).",
    };

    public static readonly Setting<int> MeshDegreeLazy = new()
    {
        Key = "pubsub.overlay.dlazy",
        Type = Degree,
        Default = _ => 6,
        Description = "D_lazy: peers outside the mesh that are told of messages at each heartbeat (gossipsub v1.0).",
    };

    public static readonly Setting<TimeSpan> HeartbeatInterval = new()
    {
        Key = "pubsub.overlay.heartbeatInterval",
        Type = Duration(Millisecond * 10, TimeSpan.FromMinutes(1)),
        Default = _ => TimeSpan.FromSeconds(1),
        Description = "Time between heartbeats (gossipsub v1.0).",
    };

    public static readonly Setting<TimeSpan> FanoutTtl = new()
    {
        Key = "pubsub.overlay.fanoutTTL",
        Type = Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(24)),
        Default = _ => TimeSpan.FromMinutes(1),
        Description = "How long the peers of a topic that is published to but not joined are kept (gossipsub v1.0).",
    };

    public static readonly Setting<int> McacheLength = new()
    {
        Key = "pubsub.overlay.mCacheLen",
        Type = Integer(1, 100),
        DefaultWords = "5, at least mCacheGossip",
        Default = c => Math.Max(5, c.SetOr(McacheGossip!, 5)),
        Description = "Heartbeats for which a message can be asked for (gossipsub v1.0).",
    };

    public static readonly Setting<int> McacheGossip = new()
    {
        Key = "pubsub.overlay.mCacheGossip",
        Type = Integer(1, 100),
        DefaultWords = "3, at most mCacheLen",
        Default = c => Math.Min(3, c.SetOr(McacheLength, 3)),
        Description = "Heartbeats for which a message is told of (gossipsub v1.0).",
    };

    public static readonly Setting<TimeSpan> SeenTtl = new()
    {
        Key = "pubsub.overlay.seenTTL",
        Type = Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(24)),
        Default = _ => TimeSpan.FromMinutes(2),
        Description = "How long a message id is remembered (default as in go-libp2p-pubsub).",
    };

    /// <summary>The router's options as far as degrees are set; what is unset follows by its rules.</summary>
    private static GossipsubOptions Router(AgentConfiguration configuration) => new()
    {
        MeshDegree = configuration.Get(MeshDegree),
        MeshDegreeLow = (int?)configuration.FindSet(MeshDegreeLow)?.Value,
    };
}

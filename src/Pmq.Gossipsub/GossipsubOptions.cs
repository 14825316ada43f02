using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Protection;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Scoring;

namespace Pmq.Gossipsub;

/// <summary>
/// How a router runs. Defaults are go-libp2p-pubsub's unless said otherwise; the symbols are those of the gossipsub
/// specification. <see cref="Validate"/> checks ranges and relations.
/// </summary>
public sealed record GossipsubOptions
{
    /// <summary>
    /// <c>D</c>: peers wanted in the mesh of each topic. 0 to 1000; default 6 (<c>pubsub.overlay.d</c>).
    /// </summary>
    public int MeshDegree { get; init; } = 6;

    /// <summary>
    /// <c>D_lo</c>: fewer in the mesh, and it is filled up. 0 to D; default 5, or D when D is less (<c>dlo</c>).
    /// </summary>
    public int? MeshDegreeLow { get; init; }

    /// <summary>
    /// <c>D_hi</c>: more in the mesh, and it is pruned. At least D; default 12, or 2·D when D is more than 6
    /// (<c>dhi</c>).
    /// </summary>
    public int? MeshDegreeHigh { get; init; }

    /// <summary>
    /// <c>D_score</c>: kept by score when the mesh is pruned. 0 to D_hi; default 4, or D when D is less
    /// (<c>dscore</c>).
    /// </summary>
    public int? MeshDegreeScore { get; init; }

    /// <summary>
    /// <c>D_out</c>: places in the mesh for peers that we dialed. Less than D_lo and than D/2; default
    /// max(0, min(2, D_lo − 1, (D − 1)/2)) (<c>dout</c>).
    /// </summary>
    public int? MeshDegreeOutbound { get; init; }

    /// <summary>
    /// <c>D_lazy</c>: peers that are told ids in each heartbeat, at least. 0 to 1000; default 6 (<c>dlazy</c>).
    /// </summary>
    public int GossipDegree { get; init; } = 6;

    /// <summary>
    /// The part of the peers outside the mesh that is told ids, when that is more than D_lazy. 0 to 1; default 0.25.
    /// </summary>
    public double GossipFactor { get; init; } = 0.25;

    /// <summary>Heartbeats that a message can be asked for. 1 to 100; default 5 (<c>mCacheLen</c>).</summary>
    public int HistoryLength { get; init; } = 5;

    /// <summary>
    /// Heartbeats that a message is advertised. 0 to <see cref="HistoryLength"/>; default 3 (<c>mCacheGossip</c>).
    /// </summary>
    public int HistoryGossip { get; init; } = 3;

    /// <summary>
    /// Bytes of messages that are kept to be asked for; the oldest go first. At least <see cref="MaxMessageSize"/>;
    /// default 64 MiB (arbitrary; others have no bound).
    /// </summary>
    public long HistoryBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>
    /// Messages that are kept to be asked for; the oldest go first. 1 to 2²⁴; default 16,384: about three times what
    /// <see cref="MaxIHaveLength"/> lets us advertise to one peer in a heartbeat.
    /// </summary>
    public int MaxHistory { get; init; } = 16_384;

    /// <summary>Between heartbeats. 10 ms to 1 min; default 1 s (<c>heartbeatInterval</c>).</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Before the first heartbeat. 0 to 1 min; default 100 ms.</summary>
    public TimeSpan HeartbeatInitialDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long the peers of a topic that we publish on but have not joined are kept. Default 60 s (<c>fanoutTTL</c>).
    /// </summary>
    public TimeSpan FanoutTtl { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a pruned peer may not graft again. 1 s to 1 h; default 60 s.</summary>
    public TimeSpan PruneBackoff { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The same after we left the topic. 1 s to 1 h; default 10 s.</summary>
    public TimeSpan UnsubscribeBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The longest backoff that a peer can impose on us; more is cut to it. Default 1 h (rust-libp2p).
    /// </summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// What we wait beyond a backoff before we graft, for clocks and travel. Default 1 s (Go: one heartbeat).
    /// </summary>
    public TimeSpan BackoffSlack { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A GRAFT this soon after the PRUNE counts twice. Default 10 s.</summary>
    public TimeSpan GraftFloodThreshold { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Peers in backoff that are remembered in each topic; more are not and are counted. Default 4096 (arbitrary).
    /// </summary>
    public int MaxBackoffsPerTopic { get; init; } = 4096;

    /// <summary>
    /// Our own publications go to every known peer of the topic, not only to the mesh. Default false, as in Go.
    /// </summary>
    public bool FloodPublish { get; init; }

    /// <summary>Ids that are advertised to, and asked from, one peer in one heartbeat. Default 5000.</summary>
    public int MaxIHaveLength { get; init; } = 5000;

    /// <summary>RPCs with an IHAVE that are taken from one peer in one heartbeat. Default 10.</summary>
    public int MaxIHaveMessages { get; init; } = 10;

    /// <summary>Ids of IWANTs that are looked at from one peer in one heartbeat. Default 5000 (Go: no limit).</summary>
    public int MaxIWantLength { get; init; } = 5000;

    /// <summary>
    /// Bytes of messages that are sent to one peer on request in one heartbeat, the last message whole. 0 to 2⁴⁰;
    /// default 16 MiB (arbitrary; others have no bound): each answer is a copy, made before the peer's queue has room.
    /// </summary>
    public long MaxIWantBytes { get; init; } = 16L * 1024 * 1024;

    /// <summary>Times that one message is sent to one peer on request. Default 3.</summary>
    public int GossipRetransmission { get; init; } = 3;

    /// <summary>
    /// How long an advertised message may take once asked for, before the next advertiser is asked; those after it have
    /// a quarter of it each. Default 3 s.
    /// </summary>
    public TimeSpan IWantFollowupTime { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Ids that are asked for at one time, over all peers. Default 20,000 (arbitrary).</summary>
    public int MaxWantedIds { get; init; } = 20_000;

    /// <summary>
    /// Messages lost to our own fault that get a second chance in one heartbeat, each once: without a verdict in time
    /// they are judged again, dropped by a full queue they are asked again of their senders. 0 to 1,000,000; default
    /// 128 (arbitrary; others give none).
    /// </summary>
    public int MaxRecoveries { get; init; } = 128;

    /// <summary>
    /// Bytes of data from which the mesh is told, by IDONTWANT, that it need not send us a message that we have. 0 to
    /// 1 GiB; default 1024, as in Go. Smaller messages cost less than the telling.
    /// </summary>
    public int IDontWantThreshold { get; init; } = 1024;

    /// <summary>
    /// Ids of IDONTWANTs that are taken of one RPC; we send one in each. 0 to 1,000,000; default 10, as in Go.
    /// </summary>
    public int MaxIDontWantIds { get; init; } = 10;

    /// <summary>
    /// RPCs with an IDONTWANT that are taken from one peer in one heartbeat. 0 to 1,000,000; default 1000, as in Go.
    /// </summary>
    public int MaxIDontWantMessages { get; init; } = 1000;

    /// <summary>Heartbeats that a peer's IDONTWANT is obeyed. 1 to 100; default 3, as in Go.</summary>
    public int IDontWantTtl { get; init; } = 3;

    /// <summary>
    /// Whether a PRUNE tells other peers of the topic, with their signed records where known (v1.1). Without scoring
    /// it also says whether peers told by others are used; with scoring their standing decides. Default false, as in
    /// Go: for bootstrappers and other well-known peers.
    /// </summary>
    public bool PeerExchange { get; init; }

    /// <summary>Peers told in one PRUNE, and used of one. 0 to 64; default 16, as in Go.</summary>
    public int PrunePeers { get; init; } = 16;

    /// <summary>
    /// Peers told by others that we try to connect to in one heartbeat; more are dropped and counted. 0 to 10,000;
    /// default 32 (arbitrary; Go: 128 waiting).
    /// </summary>
    public int MaxExchangedPeers { get; init; } = 32;

    /// <summary>
    /// Whether only public addresses of peers told by others are used. Default false: networks on private addresses
    /// are common. Either way who is connected from a public address is not heard about private ones or names, and who
    /// is connected from another machine not about this one.
    /// </summary>
    public bool PeerExchangePublicOnly { get; init; }

    /// <summary>
    /// Peers with whom a link is agreed on out of band: connected always, in no mesh, and sent every message. Both
    /// sides must name the other. At most 1000; default none.
    /// </summary>
    public IReadOnlyList<DirectPeer> DirectPeers { get; init; } = [];

    /// <summary>Heartbeats between two attempts to connect missing direct peers. 1 to 100,000; default 300, as in Go.
    /// </summary>
    public int DirectConnectTicks { get; init; } = 300;

    /// <summary>
    /// Messages of one peer and heartbeat whose signature only our own acceptance rule refuses, that are not blamed on
    /// it; more are, as invalid. 0 to 1,000,000; default 8 (arbitrary): honest peers with a laxer library pass some on.
    /// </summary>
    public int MaxDoubtfulSignatures { get; init; } = 8;

    /// <summary>
    /// How long an id is remembered as seen, at least, while <see cref="MaxSeen"/> allows. Default 120 s
    /// (<c>seenTTL</c>).
    /// </summary>
    public TimeSpan SeenTtl { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// Ids remembered as seen, over all topics; the oldest third goes first. Default 786,432 (12 MiB when full).
    /// </summary>
    public int MaxSeen { get; init; } = 786_432;

    /// <summary>
    /// Messages of one topic that wait for signature check or verdict; more are dropped, and may come again. 1 to
    /// 1,000,000; default 4096 (arbitrary).
    /// </summary>
    public int MaxPendingPerTopic { get; init; } = 4096;

    /// <summary>Bytes of the same. At least <see cref="MaxMessageSize"/>; default 64 MiB (arbitrary).</summary>
    public long MaxPendingBytesPerTopic { get; init; } = 64L * 1024 * 1024;

    /// <summary>
    /// How a topic's queue is guarded while it overflows (red.md); null does not guard it. Default: guarded.
    /// </summary>
    public QueueProtectionOptions? QueueProtection { get; init; } = new();

    /// <summary>
    /// Topics that one peer may announce; more are ignored and counted, but for those that we have joined. Default 100
    /// (rust-libp2p).
    /// </summary>
    public int MaxTopicsPerPeer { get; init; } = 100;

    /// <summary>
    /// Topics that we may join at once, and beside them topics that we publish on without joining: of these the oldest
    /// is forgotten. Default 1000 (arbitrary).
    /// </summary>
    public int MaxTopics { get; init; } = 1000;

    /// <summary>
    /// The largest RPC in bytes, encoded, without its length prefix. 1 KiB to 64 MiB; default 1 MiB
    /// (<c>pubsub.maxMessageSize</c>).
    /// </summary>
    public int MaxMessageSize { get; init; } = 1024 * 1024;

    /// <summary>Limits of one RPC beside its size.</summary>
    public RpcLimits RpcLimits { get; init; } = new();

    /// <summary>
    /// The rules of topics that have none of their own. Default StrictNoSign, SHA-256 cut to 20 bytes.
    /// </summary>
    public TopicRules DefaultRules { get; init; } = new(SignaturePolicy.StrictNoSign, default);

    /// <summary>The rules of topics that have their own, by name.</summary>
    public IReadOnlyDictionary<string, TopicRules> Topics { get; init; } = new Dictionary<string, TopicRules>();

    /// <summary>
    /// How peers are scored; null is not at all: then nobody is pruned for what it does. Default
    /// <see cref="PeerScoreOptions.Default"/> (Go: off) (<c>pubsub.scoring</c>).
    /// </summary>
    public PeerScoreOptions? Scoring { get; init; } = PeerScoreOptions.Default;

    /// <summary>
    /// Heartbeats between two looks whether a mesh has become so bad that better peers are grafted, see <see
    /// cref="ScoreThresholds.OpportunisticGraft"/>. 1 to 1,000,000; default 60 (<c>opportunisticGraftTicks</c>).
    /// </summary>
    public int OpportunisticGraftTicks { get; init; } = 60;

    /// <summary>Peers that are grafted then. 0 to 1000; default 2 (<c>opportunisticGraftPeers</c>).</summary>
    public int OpportunisticGraftPeers { get; init; } = 2;

    /// <summary>
    /// Which topics we have to do with: false for a topic refuses to join it, and a peer's announcement of it is
    /// ignored and counted. Pure and quick. Null lets every topic pass.
    /// </summary>
    public Func<string, bool>? SubscriptionFilter { get; init; }

    /// <summary>The rules of <paramref name="topic"/>.</summary>
    public TopicRules RulesOf(string topic) => Topics.GetValueOrDefault(topic, DefaultRules);

    /// <summary>The largest message of a topic with these rules, as an RPC of its own.</summary>
    internal int MaxSizeOf(TopicRules rules) => rules.MaxMessageSize ?? MaxMessageSize;

    /// <summary>The mesh of topics whose rules name none of their own.</summary>
    public MeshParameters DefaultMesh => new()
    {
        Degree = MeshDegree,
        DegreeLow = MeshDegreeLow,
        DegreeHigh = MeshDegreeHigh,
        DegreeScore = MeshDegreeScore,
        DegreeOutbound = MeshDegreeOutbound,
        GossipDegree = GossipDegree,
    };

    /// <summary>D_lo in effect.</summary>
    public int EffectiveLow => DefaultMesh.Low;

    /// <summary>D_hi in effect.</summary>
    public int EffectiveHigh => DefaultMesh.High;

    /// <summary>D_score in effect.</summary>
    public int EffectiveScore => DefaultMesh.Score;

    /// <summary>D_out in effect.</summary>
    public int EffectiveOutbound => DefaultMesh.Outbound;

    /// <summary>What is wrong with these options, in the order of their keys here; empty when nothing is.</summary>
    public IReadOnlyList<OptionFault> Validate() => OptionRules.Check(this);
}

using System.Net;

namespace Pmq.Gossipsub.Scoring;

/// <summary>
/// How peers are scored (gossipsub v1.1, "Peer Scoring"). A peer's score = min(Σ topic scores, <see
/// cref="TopicScoreCap"/>) + w5·P5 + w6·P6 + w7·P7 + slow-peer term; 0 for a peer that nothing is known of.
/// </summary>
/// <remarks>
/// <para>
/// <b>What counts for what.</b> P1 to P4: <see cref="TopicScoreOptions"/>. P5: what the application says by
/// <see cref="GossipsubRouter.SetApplicationScore"/>. P6: peers that share an IP address beyond
/// <see cref="IpColocationThreshold"/>, squared; an IPv6 address counts as itself and as its /64; loopback and
/// <see cref="IpColocationWhitelist"/> never count. P7: GRAFT during backoff (1, or 2 when it is early), an IHAVE
/// whose promise was not kept (1 for each, of which <see cref="GossipsubOptions.MaxIHaveMessages"/> are taken a
/// heartbeat), an
/// announcement beyond <see cref="GossipsubOptions.MaxTopicsPerPeer"/>, a message without data or topic, an RPC that
/// cannot be read: beyond <see cref="BehaviourPenaltyThreshold"/>, squared. Slow peer: heartbeats in which messages for
/// the peer found its queue full, beyond <see cref="SlowPeerThreshold"/>, not squared. Keys begin with
/// <c>pubsub.scoring</c>.
/// </para>
/// <para>
/// <b>The defaults</b> suit overlays of unlike rates: nobody is expected to deliver anything (no P3), so an idle
/// overlay punishes nobody. A topic gives at most 5 for time and 20 for first deliveries, all topics 50. Against that
/// stand −5·n² for n rejected messages (P4), and as much for n more misdeeds than 10 (P7) and for n more peers on one
/// address than 10 (P6). With no standing a peer is out of the topic's mesh at n = 1, hears no gossip from n = 4 (−80
/// &lt; −50), gets no publication from n = 7 (−245 &lt; −200) and is not heard from n = 11 (−605 &lt; −500). With all
/// the standing there is (25 in the topic, 50 in all) that is n = 3, 5, 8 and 11: other topics do not keep a peer in a
/// mesh where it does harm (<see cref="TopicGate"/>).
/// </para>
/// <para>
/// P4 and P7 fall to 1 % in 5 min, by 1.5 % a second. A peer with one rejected message a minute swings between n = 0.66
/// and 1.66, that is −14 at worst: it stays in the mesh of a busy overlay and is never near the gossip threshold. One
/// that goes on at the brink of the graylist gets 0.15 bad messages a second through. After n rejected messages it is
/// heard again once n·0.985^t ≤ 10: at once for 10, after 150 s for 100, after 300 s for 1000; gossip follows 75 s
/// later (n ≤ 3.1) and a mesh 375 s after that, when the counter is below <see cref="DecayToZero"/>, or as soon as
/// first deliveries outweigh the rest.
/// </para>
/// </remarks>
public sealed record PeerScoreOptions
{
    /// <summary>Sound numbers for agents: all defaults, with <see cref="TopicScoreOptions.Default"/>.</summary>
    public static PeerScoreOptions Default { get; } = new();

    /// <summary>What follows from a score.</summary>
    public ScoreThresholds Thresholds { get; init; } = new();

    /// <summary>
    /// The most that all topics together can add; 0 is no limit. 0 to 10¹²; default 50 (<c>topicScoreCap</c>).
    /// </summary>
    public double TopicScoreCap { get; init; } = 50;

    /// <summary>
    /// The least score within a topic with which a peer may be in its mesh, whatever its other topics give: so good
    /// conduct in one topic cannot hide starvation in another (CVE-2022-47547). At most 0, or null for no gate; default
    /// 0 (<c>topicGate</c>; other implementations have none).
    /// </summary>
    public double? TopicGate { get; init; } = 0;

    /// <summary>w5. Within ±10¹²; default 1 (<c>appSpecificScore.weight</c>).</summary>
    public double ApplicationWeight { get; init; } = 1;

    /// <summary>w6, of the square. At most 0; default −5 (<c>ipColocationFactor.weight</c>).</summary>
    public double IpColocationWeight { get; init; } = -5;

    /// <summary>
    /// Peers on one address that are free. 1 to 1,000,000; default 10 (<c>ipColocationFactor.threshold</c>).
    /// </summary>
    public int IpColocationThreshold { get; init; } = 10;

    /// <summary>Networks that are free of P6. Default none (<c>ipColocationFactor.whitelist</c>).</summary>
    public IReadOnlyList<IPNetwork> IpColocationWhitelist { get; init; } = [];

    /// <summary>w7, of the square. At most 0; default −5 (<c>behaviourPenalty.weight</c>).</summary>
    public double BehaviourPenaltyWeight { get; init; } = -5;

    /// <summary>
    /// Misdeeds that are free. At least 0; default 10: one heartbeat of broken promises of a peer that lost its
    /// connection or its queue (<c>behaviourPenalty.threshold</c>).
    /// </summary>
    public double BehaviourPenaltyThreshold { get; init; } = 10;

    /// <summary>More than 0 and less than 1; default: to 1 % in 5 min (<c>behaviourPenalty.decay</c>).</summary>
    public double BehaviourPenaltyDecay { get; init; } = ScoreDecay.OverMinutes(5);

    /// <summary>
    /// Weight of the slow-peer term. At most 0; default −1 (<c>slowPeer.weight</c>; rust-libp2p: −0.2). With the other
    /// defaults it is −5 at worst: a slow peer gives its place in a mesh to another and loses nothing else.
    /// </summary>
    public double SlowPeerWeight { get; init; } = -1;

    /// <summary>
    /// Heartbeats with a full queue that are free. At least 0; default 5 (<c>slowPeer.threshold</c>; rust-libp2p: 0).
    /// </summary>
    public double SlowPeerThreshold { get; init; } = 5;

    /// <summary>
    /// More than 0 and less than 1; default 0.9 (<c>slowPeer.decay</c>; rust-libp2p: 0.2): crosses the threshold after
    /// seven such heartbeats in a row.
    /// </summary>
    public double SlowPeerDecay { get; init; } = 0.9;

    /// <summary>Between two decays. 1 s to 1 h; default 1 s (<c>decayInterval</c>).</summary>
    public TimeSpan DecayInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A counter that decays below it is 0. More than 0 and less than 1; default 0.01 (<c>decayToZero</c>).
    /// </summary>
    public double DecayToZero { get; init; } = 0.01;

    /// <summary>
    /// How long the counters of a peer that left with a score of 0 or less, or below <see cref="TopicGate"/> in a topic,
    /// are kept, unchanged, so that coming back does not clear them. 0 to 365 days; default 1 h (<c>retainScore</c>).
    /// </summary>
    public TimeSpan RetainScore { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Peers whose counters are so kept, and as many whose application score is. Beyond it the oldest of those that are
    /// not negative goes, and when there is none the one with the best score. 0 to 1,000,000; default 16,384
    /// (arbitrary, about 5 MiB; others have no bound) (<c>maxRetained</c>).
    /// </summary>
    public int MaxRetained { get; init; } = 16_384;

    /// <summary>
    /// How topics score that are not in <see cref="Topics"/>; null is not at all. Default
    /// <see cref="TopicScoreOptions.Default"/>.
    /// </summary>
    public TopicScoreOptions? DefaultTopic { get; init; } = TopicScoreOptions.Default;

    /// <summary>How topics score that have numbers of their own, by name. Default none.</summary>
    public IReadOnlyDictionary<string, TopicScoreOptions> Topics { get; init; } =
        new Dictionary<string, TopicScoreOptions>();

    /// <summary>
    /// The decay that takes a counter of 1 to <paramref name="toZero"/> in <paramref name="period"/>.
    /// </summary>
    /// <param name="period">At least one <paramref name="interval"/>.</param>
    /// <param name="interval">The <see cref="DecayInterval"/>.</param>
    /// <param name="toZero">The <see cref="DecayToZero"/>.</param>
    /// <returns>toZero^(interval/period).</returns>
    public static double DecayOver(TimeSpan period, TimeSpan interval, double toZero) =>
        ScoreDecay.Over(period, interval, toZero);

    /// <summary>How <paramref name="topic"/> scores; null if it does not.</summary>
    public TopicScoreOptions? TopicOf(string topic) => Topics.GetValueOrDefault(topic, DefaultTopic!);
}

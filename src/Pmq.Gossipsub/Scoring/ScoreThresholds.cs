using Pmq.Gossipsub.Tracing;

namespace Pmq.Gossipsub.Scoring;

/// <summary>
/// What a peer's score is compared with (gossipsub v1.1, "Score Thresholds"). A peer below 0 is in no mesh, whatever
/// stands here.
/// </summary>
/// <remarks>
/// The defaults fit those of <see cref="PeerScoreOptions.Default"/>, where the arithmetic stands. Keys begin with
/// <c>pubsub.scoring.thresholds</c>.
/// </remarks>
public sealed record ScoreThresholds
{
    /// <summary>
    /// Below it a peer is told no ids, and its IHAVE and IWANT are ignored. At most 0; default −50 (<c>gossip</c>).
    /// </summary>
    public double Gossip { get; init; } = -50;

    /// <summary>
    /// Below it a peer gets our publications only as a member of a mesh. At most <see cref="Gossip"/>; default −200
    /// (<c>publish</c>).
    /// </summary>
    public double Publish { get; init; } = -200;

    /// <summary>
    /// Below it whatever a peer sends is ignored. At most <see cref="Publish"/>; default −500 (<c>graylist</c>).
    /// </summary>
    public double Graylist { get; init; } = -500;

    /// <summary>
    /// From it on the peers that a PRUNE names are connected to. At least 0; default 100: more than topics can give,
    /// so that only whom the application vouches for (P5) is believed. Whom we dial has places kept in our meshes: who
    /// could earn our trust by relaying could fill those with its own (<c>acceptPx</c>).
    /// </summary>
    public double AcceptPeerExchange { get; init; } = 100;

    /// <summary>
    /// While the median of a mesh is below it, better peers are grafted. At least 0; default 6: more than time in a
    /// mesh alone gives, so that squatters cannot meet it (<c>opportunisticGraft</c>).
    /// </summary>
    public double OpportunisticGraft { get; init; } = 6;

    /// <summary>What a score allows.</summary>
    public ScoreBand BandOf(double score) => score >= Gossip ? ScoreBand.Ok
        : score >= Publish ? ScoreBand.NoGossip
        : score >= Graylist ? ScoreBand.NoPublish
        : ScoreBand.Graylisted;
}

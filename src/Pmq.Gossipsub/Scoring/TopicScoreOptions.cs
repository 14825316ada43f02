namespace Pmq.Gossipsub.Scoring;

/// <summary>
/// How a peer scores in one topic (gossipsub v1.1, "The Score Function", P1 to P4). The counters belong to a pair of
/// peer and topic; a factor whose weight is 0 is off, and its other numbers are not looked at.
/// </summary>
/// <remarks>
/// <para>
/// topic score = <see cref="Weight"/> · (w1·P1 + w2·P2 + w3·P3 + w3b·P3b + w4·P4). Keys are those named here, below
/// <c>pubsub.scoring.topics.NAME</c> or <c>pubsub.scoring.defaultTopic</c>. Decays act once a
/// <see cref="PeerScoreOptions.DecayInterval"/>; <see cref="PeerScoreOptions.DecayOver"/> derives them from a time.
/// Weights lie within ±10¹², other numbers below 10¹².
/// </para>
/// <para>
/// <b>What counts for what.</b> P1: time in our mesh. P2: a message that the node accepted and that this peer handed
/// over first. P3: the same, and each copy that came while the message waited for its verdict or within <see
/// cref="MeshMessageDeliveriesWindow"/> after it was accepted, once for each message, all of it from members of our
/// mesh only. P3b: what P3 lacked when the peer left our mesh. P4: a message that the node rejected (whoever sent a
/// copy, before or after the verdict), one with a wrong signature, one that breaks the topic's signature policy or is
/// larger than the topic allows. A message that was ignored counts for nothing. One that timed out, met a full queue or
/// lost its verifier counts for P3 as handed over and for nothing else: that is no fault of the peer.
/// </para>
/// </remarks>
public sealed record TopicScoreOptions
{
    /// <summary>
    /// What a topic has that gets no other numbers from its operator: see <see cref="PeerScoreOptions.Default"/>.
    /// </summary>
    public static TopicScoreOptions Default { get; } = new();

    /// <summary>Weight of the topic in the sum of all. 0 to 10¹²; default 1 (<c>weight</c>).</summary>
    public double Weight { get; init; } = 1;

    /// <summary>w1. At least 0; default 1 (<c>timeInMesh.weight</c>).</summary>
    public double TimeInMeshWeight { get; init; } = 1;

    /// <summary>Time in the mesh that counts one. More than 0; default 1 min (<c>timeInMesh.quantum</c>).</summary>
    public TimeSpan TimeInMeshQuantum { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The most that P1 can be. More than 0; default 5 (<c>timeInMesh.cap</c>).</summary>
    public double TimeInMeshCap { get; init; } = 5;

    /// <summary>w2. At least 0; default 1 (<c>firstMessageDeliveries.weight</c>).</summary>
    public double FirstMessageDeliveriesWeight { get; init; } = 1;

    /// <summary>
    /// More than 0 and less than 1; default: to 1 % in 10 min (<c>firstMessageDeliveries.decay</c>).
    /// </summary>
    public double FirstMessageDeliveriesDecay { get; init; } = ScoreDecay.OverMinutes(10);

    /// <summary>The most that P2 can be. More than 0; default 20 (<c>firstMessageDeliveries.cap</c>).</summary>
    public double FirstMessageDeliveriesCap { get; init; } = 20;

    /// <summary>
    /// w3. At most 0; default 0, off: what a mesh member should deliver depends on the overlay's rate, and one without
    /// traffic must not punish anybody (<c>meshMessageDeliveries.weight</c>).
    /// </summary>
    public double MeshMessageDeliveriesWeight { get; init; }

    /// <summary>
    /// More than 0 and less than 1; default: to 1 % in 10 min (<c>meshMessageDeliveries.decay</c>).
    /// </summary>
    public double MeshMessageDeliveriesDecay { get; init; } = ScoreDecay.OverMinutes(10);

    /// <summary>
    /// The most that the deliveries count. More than 0; below the threshold nobody can meet it. Default 100
    /// (<c>meshMessageDeliveries.cap</c>).
    /// </summary>
    public double MeshMessageDeliveriesCap { get; init; } = 100;

    /// <summary>
    /// Deliveries below which P3 is the square of what lacks. More than 0; default 10
    /// (<c>meshMessageDeliveries.threshold</c>).
    /// </summary>
    public double MeshMessageDeliveriesThreshold { get; init; } = 10;

    /// <summary>
    /// How long after the verdict a copy still counts. At least 0; default 10 ms (<c>meshMessageDeliveries.window</c>).
    /// </summary>
    public TimeSpan MeshMessageDeliveriesWindow { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Time in the mesh before P3 begins to count. At least 1 s; default 1 min
    /// (<c>meshMessageDeliveries.activation</c>).
    /// </summary>
    public TimeSpan MeshMessageDeliveriesActivation { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>w3b. At most 0; default 0, off, with P3 (<c>meshFailurePenalty.weight</c>).</summary>
    public double MeshFailurePenaltyWeight { get; init; }

    /// <summary>More than 0 and less than 1; default: to 1 % in 10 min (<c>meshFailurePenalty.decay</c>).</summary>
    public double MeshFailurePenaltyDecay { get; init; } = ScoreDecay.OverMinutes(10);

    /// <summary>w4, of the square. At most 0; default −5 (<c>invalidMessageDeliveries.weight</c>).</summary>
    public double InvalidMessageDeliveriesWeight { get; init; } = -5;

    /// <summary>
    /// More than 0 and less than 1; default: to 1 % in 5 min (<c>invalidMessageDeliveries.decay</c>).
    /// </summary>
    public double InvalidMessageDeliveriesDecay { get; init; } = ScoreDecay.OverMinutes(5);

    /// <summary>Whether P3 or P3b counts: only then its numbers are valid.</summary>
    internal bool HasMeshDeliveries => MeshMessageDeliveriesWeight < 0 || MeshFailurePenaltyWeight < 0;
}

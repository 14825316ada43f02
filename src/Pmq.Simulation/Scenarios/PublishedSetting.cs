using Pmq.Gossipsub;
using Pmq.Gossipsub.Scoring;

namespace Pmq.Simulation.Scenarios;

/// <summary>
/// The setting in which Protocol Labs evaluated gossipsub v1.1 (gossipsub-hardening; arXiv 2007.02754): 1000 honest
/// nodes of which 100 publish, each dials 20, 25 ms ± 10 % one way, 120 messages of 2 KiB a second in all. Smaller
/// networks keep the proportions.
/// </summary>
public static class PublishedSetting
{
    /// <summary>Bytes of a payload.</summary>
    public const int PayloadSize = 2048;

    /// <summary>The topic.</summary>
    public const string Topic = "blocks";

    /// <summary>Whom an honest node dials: 20, or a tenth of the network when that is less, 6 at least.</summary>
    public static int DialsOf(int nodes) => Math.Clamp(nodes / 10, 6, 20);

    /// <summary>Honest nodes that publish: a tenth, 4 at least.</summary>
    public static int PublishersOf(int nodes) => Math.Max(4, nodes / 10);

    /// <summary>Messages a second in the whole network: 120 from 200 nodes on, fewer in smaller ones.</summary>
    public static double RateOf(int nodes) => Math.Clamp(nodes * 0.6, 20, 120);

    /// <summary>
    /// What an attacker dials: five times what an honest node does, 100 at the full size. With four attackers for each
    /// honest node a node has 20 links to attackers for each that it dialed itself.
    /// </summary>
    public static int SybilDialsOf(int nodes) => 5 * DialsOf(nodes);

    /// <summary>
    /// The routers: D 8, D_lo 6, D_hi 12, D_score 6, D_lazy 12, flood publishing on; everything else as it comes.
    /// </summary>
    public static GossipsubOptions Options => new()
    {
        MeshDegree = 8,
        MeshDegreeLow = 6,
        MeshDegreeHigh = 12,
        MeshDegreeScore = 6,
        GossipDegree = 12,
        FloodPublish = true,
        Scoring = Scoring,
    };

    /// <summary>
    /// The scores: thresholds gossip −4000, publish −5000, graylist −10,000, PX 0, opportunistic grafting 1; no cap over
    /// topics; P6 −10, P7 −10.
    /// </summary>
    public static PeerScoreOptions Scoring => new()
    {
        Thresholds = new ScoreThresholds
        {
            Gossip = -4000,
            Publish = -5000,
            Graylist = -10_000,
            AcceptPeerExchange = 0,
            OpportunisticGraft = 1,
        },
        TopicScoreCap = 0,
        DefaultTopic = TopicScoring,
    };

    /// <summary>
    /// A topic's score: weight 0.25; P1 0.0027 a second up to 3600; P2 0.664, decay 0.9916, cap 1500; P3 −0.25, decay
    /// 0.997, cap 400, threshold 10, window 5 ms, activation 1 min; P3b −0.25, decay 0.997; P4 −99, decay 0.9994.
    /// </summary>
    public static TopicScoreOptions TopicScoring => new()
    {
        Weight = 0.25,
        TimeInMeshWeight = 0.0027,
        TimeInMeshQuantum = TimeSpan.FromSeconds(1),
        TimeInMeshCap = 3600,
        FirstMessageDeliveriesWeight = 0.664,
        FirstMessageDeliveriesDecay = 0.9916,
        FirstMessageDeliveriesCap = 1500,
        MeshMessageDeliveriesWeight = -0.25,
        MeshMessageDeliveriesDecay = 0.997,
        MeshMessageDeliveriesCap = 400,
        MeshMessageDeliveriesThreshold = 10,
        MeshMessageDeliveriesWindow = TimeSpan.FromMilliseconds(5),
        MeshMessageDeliveriesActivation = TimeSpan.FromMinutes(1),
        MeshFailurePenaltyWeight = -0.25,
        MeshFailurePenaltyDecay = 0.997,
        InvalidMessageDeliveriesWeight = -99,
        InvalidMessageDeliveriesDecay = 0.9994,
    };
}

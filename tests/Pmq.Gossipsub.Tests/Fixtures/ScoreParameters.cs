using Pmq.Core.Runtime;
using Pmq.Gossipsub.Scoring;

namespace Pmq.Gossipsub.Tests.Fixtures;

/// <summary>Score parameters by lot, all valid: from none to extreme.</summary>
internal static class ScoreParameters
{
    private static readonly string[] TopicNames = ["a", "b"];

    public static PeerScoreOptions Draw(Chance chance)
    {
        PeerScoreOptions options = new()
        {
            TopicScoreCap = Positive(chance),
            ApplicationWeight = Positive(chance) - Positive(chance),
            IpColocationWeight = -Positive(chance),
            IpColocationThreshold = 1 + chance.NextInt32(3),
            BehaviourPenaltyWeight = -Positive(chance),
            BehaviourPenaltyThreshold = Positive(chance),
            BehaviourPenaltyDecay = Decay(chance),
            SlowPeerWeight = -Positive(chance),
            SlowPeerThreshold = Positive(chance),
            SlowPeerDecay = Decay(chance),
            DecayToZero = chance.NextInt32(2) == 0 ? 0.01 : Decay(chance),
            RetainScore = TimeSpan.FromSeconds(chance.NextInt32(100)),
            DefaultTopic = chance.NextInt32(4) == 0 ? null : Topic(chance),
            Topics = TopicNames.Where(_ => chance.NextInt32(2) == 0).ToDictionary(name => name, _ => Topic(chance)),
        };
        Assert.Empty(new GossipsubOptions { Scoring = options }.Validate());
        return options;
    }

    private static TopicScoreOptions Topic(Chance chance)
    {
        double threshold = Positive(chance) + 0.5;
        return new TopicScoreOptions
        {
            Weight = Positive(chance),
            TimeInMeshWeight = Positive(chance),
            TimeInMeshQuantum = TimeSpan.FromMilliseconds(1 + chance.NextInt32(5000)),
            TimeInMeshCap = Positive(chance) + 0.5,
            FirstMessageDeliveriesWeight = Positive(chance),
            FirstMessageDeliveriesDecay = Decay(chance),
            FirstMessageDeliveriesCap = Positive(chance) + 0.5,
            MeshMessageDeliveriesWeight = -Positive(chance),
            MeshMessageDeliveriesDecay = Decay(chance),
            MeshMessageDeliveriesThreshold = threshold,
            MeshMessageDeliveriesCap = threshold + Positive(chance),
            MeshMessageDeliveriesWindow = TimeSpan.FromMilliseconds(chance.NextInt32(2000)),
            MeshMessageDeliveriesActivation = TimeSpan.FromSeconds(1 + chance.NextInt32(5)),
            MeshFailurePenaltyWeight = -Positive(chance),
            MeshFailurePenaltyDecay = Decay(chance),
            InvalidMessageDeliveriesWeight = -Positive(chance),
            InvalidMessageDeliveriesDecay = Decay(chance),
        };
    }

    // 0, usual, or as large as any may be.
    private static double Positive(Chance chance) => chance.NextInt32(6) switch
    {
        0 or 1 => 0,
        2 => 4e11,
        3 => chance.NextDouble(),
        _ => chance.NextDouble() * 20,
    };

    private static double Decay(Chance chance) => Math.Clamp(chance.NextDouble(), 1e-6, 1 - 1e-6);
}

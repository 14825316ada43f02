using Pmq.Gossipsub.Scoring;

namespace Pmq.Gossipsub.Tests.Scoring;

public sealed class ScoreRulesTests
{
    private static readonly TopicScoreOptions P3 = ScoreBench.MeshDeliveries;

    public static TheoryData<PeerScoreOptions, string> Wrong => new()
    {
        { Thresholds(new() { Gossip = 1 }), "thresholds.gossip" },
        { Thresholds(new() { Gossip = double.NaN }), "thresholds.gossip" },
        { Thresholds(new() { Gossip = double.NegativeInfinity }), "thresholds.gossip" },
        { Thresholds(new() { Publish = -49 }), "thresholds.publish" },
        { Thresholds(new() { Graylist = -199 }), "thresholds.graylist" },
        { Thresholds(new() { Graylist = double.NegativeInfinity }), "thresholds.graylist" },
        { Thresholds(new() { AcceptPeerExchange = -1 }), "thresholds.acceptPx" },
        { Thresholds(new() { OpportunisticGraft = -1 }), "thresholds.opportunisticGraft" },
        { new() { TopicScoreCap = -1 }, "topicScoreCap" },
        { new() { TopicGate = 1 }, "topicGate" },
        { new() { TopicGate = double.NaN }, "topicGate" },
        { new() { ApplicationWeight = double.NaN }, "appSpecificScore.weight" },
        { new() { IpColocationWeight = 1 }, "ipColocationFactor.weight" },
        { new() { IpColocationThreshold = 0 }, "ipColocationFactor.threshold" },
        { new() { BehaviourPenaltyWeight = 1 }, "behaviourPenalty.weight" },
        { new() { BehaviourPenaltyThreshold = -1 }, "behaviourPenalty.threshold" },
        { new() { BehaviourPenaltyDecay = 1 }, "behaviourPenalty.decay" },
        { new() { SlowPeerWeight = 1 }, "slowPeer.weight" },
        { new() { SlowPeerThreshold = double.NaN }, "slowPeer.threshold" },
        { new() { SlowPeerDecay = 0 }, "slowPeer.decay" },
        { new() { DecayInterval = TimeSpan.FromMilliseconds(999) }, "decayInterval" },
        { new() { DecayToZero = 0 }, "decayToZero" },
        { new() { DecayToZero = 1 }, "decayToZero" },
        { new() { RetainScore = TimeSpan.FromSeconds(-1) }, "retainScore" },
        { new() { MaxRetained = -1 }, "maxRetained" },
        { Topic(new() { Weight = -1 }), "defaultTopic.weight" },
        { Topic(new() { Weight = double.PositiveInfinity }), "defaultTopic.weight" },
        { Topic(new() { TimeInMeshWeight = -1 }), "defaultTopic.timeInMesh.weight" },
        { Topic(new() { TimeInMeshQuantum = TimeSpan.Zero }), "defaultTopic.timeInMesh.quantum" },
        { Topic(new() { TimeInMeshCap = 0 }), "defaultTopic.timeInMesh.cap" },
        { Topic(new() { FirstMessageDeliveriesWeight = -1 }), "defaultTopic.firstMessageDeliveries.weight" },
        { Topic(new() { FirstMessageDeliveriesDecay = 1 }), "defaultTopic.firstMessageDeliveries.decay" },
        { Topic(new() { FirstMessageDeliveriesCap = 0 }), "defaultTopic.firstMessageDeliveries.cap" },
        { Topic(P3 with { MeshMessageDeliveriesWeight = 1 }), "defaultTopic.meshMessageDeliveries.weight" },
        { Topic(P3 with { MeshMessageDeliveriesDecay = 0 }), "defaultTopic.meshMessageDeliveries.decay" },
        { Topic(P3 with { MeshMessageDeliveriesThreshold = 0 }), "defaultTopic.meshMessageDeliveries.threshold" },
        { Topic(P3 with { MeshMessageDeliveriesCap = 0 }), "defaultTopic.meshMessageDeliveries.cap" },
        {
            Topic(P3 with { MeshMessageDeliveriesWindow = TimeSpan.FromTicks(-1) }),
            "defaultTopic.meshMessageDeliveries.window"
        },
        {
            Topic(P3 with { MeshMessageDeliveriesActivation = TimeSpan.FromMilliseconds(999) }),
            "defaultTopic.meshMessageDeliveries.activation"
        },
        { Topic(P3 with { MeshFailurePenaltyWeight = 1 }), "defaultTopic.meshFailurePenalty.weight" },
        { Topic(P3 with { MeshFailurePenaltyDecay = 1.5 }), "defaultTopic.meshFailurePenalty.decay" },
        { Topic(new() { InvalidMessageDeliveriesWeight = 1 }), "defaultTopic.invalidMessageDeliveries.weight" },
        { Topic(new() { InvalidMessageDeliveriesDecay = 0 }), "defaultTopic.invalidMessageDeliveries.decay" },
        {
            new() { Topics = new Dictionary<string, TopicScoreOptions> { ["x"] = new() { Weight = -1 } } },
            "topics.x.weight"
        },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void What_is_wrong_is_named_by_its_key(PeerScoreOptions scoring, string key)
    {
        OptionFault fault = new GossipsubOptions { Scoring = scoring }.Validate()[0];

        Assert.Equal("pubsub.scoring." + key, fault.Key);
        Assert.StartsWith($"{fault.Key} is ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("; it must be ", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void The_defaults_are_valid_and_so_are_none()
    {
        Assert.Empty(new GossipsubOptions().Validate());
        Assert.Empty(new GossipsubOptions { Scoring = null }.Validate());
        Assert.Same(PeerScoreOptions.Default, new GossipsubOptions().Scoring);
        Assert.Same(TopicScoreOptions.Default, PeerScoreOptions.Default.DefaultTopic);
    }

    [Fact]
    public void The_numbers_of_a_factor_that_is_off_are_not_looked_at() => Assert.Empty(
        new GossipsubOptions
        {
            Scoring = Topic(ScoreBench.Silent with
            {
                TimeInMeshQuantum = TimeSpan.Zero,
                TimeInMeshCap = double.NaN,
                FirstMessageDeliveriesCap = -1,
                FirstMessageDeliveriesDecay = 7,
                MeshMessageDeliveriesDecay = 7,
                MeshMessageDeliveriesThreshold = double.NaN,
                MeshFailurePenaltyDecay = -1,
                InvalidMessageDeliveriesDecay = double.NaN,
            }),
        }.Validate());

    [Fact]
    public void A_decay_takes_one_to_the_end_in_the_time_given()
    {
        double decay = PeerScoreOptions.DecayOver(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(1), 0.01);

        Assert.Equal(0.01, Math.Pow(decay, 600), 12);
        Assert.Equal(decay, TopicScoreOptions.Default.FirstMessageDeliveriesDecay, 15);
    }

    private static PeerScoreOptions Thresholds(ScoreThresholds thresholds) => new() { Thresholds = thresholds };

    private static PeerScoreOptions Topic(TopicScoreOptions topic) => new() { DefaultTopic = topic };
}

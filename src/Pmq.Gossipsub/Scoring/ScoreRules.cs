namespace Pmq.Gossipsub.Scoring;

/// <summary>
/// The ranges and relations of <see cref="PeerScoreOptions"/> (gossipsub v1.1, "Parameters", and Go's validation of
/// them). All numbers are bounded, so that no sequence of events makes a score infinite or not a number.
/// </summary>
internal static class ScoreRules
{
    /// <summary>The key below which everything stands.</summary>
    public const string Prefix = "pubsub.scoring.";

    // Weight · weight · (bound of a counter)² stays far below what a double holds.
    private const double Bound = 1e12;

    public static void Check(PeerScoreOptions options, List<OptionFault> faults)
    {
        CheckThresholds(options.Thresholds, faults);
        Weight(faults, "topicScoreCap", options.TopicScoreCap, 1);
        Finite(faults, "appSpecificScore.weight", options.ApplicationWeight);
        Weight(faults, "ipColocationFactor.weight", options.IpColocationWeight, -1);
        OptionRules.InRange(
            faults, Prefix + "ipColocationFactor.threshold", options.IpColocationThreshold, 1, 1_000_000);
        Weight(faults, "behaviourPenalty.weight", options.BehaviourPenaltyWeight, -1);
        Weight(faults, "behaviourPenalty.threshold", options.BehaviourPenaltyThreshold, 1);
        Decay(faults, "behaviourPenalty.decay", options.BehaviourPenaltyDecay, options.BehaviourPenaltyWeight);
        Weight(faults, "slowPeer.weight", options.SlowPeerWeight, -1);
        Weight(faults, "slowPeer.threshold", options.SlowPeerThreshold, 1);
        Decay(faults, "slowPeer.decay", options.SlowPeerDecay, options.SlowPeerWeight);
        OptionRules.InRange(
            faults, Prefix + "decayInterval", options.DecayInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Decay(faults, "decayToZero", options.DecayToZero, 1);
        OptionRules.InRange(
            faults, Prefix + "retainScore", options.RetainScore, TimeSpan.Zero, TimeSpan.FromDays(365));
        OptionRules.InRange(faults, Prefix + "maxRetained", options.MaxRetained, 0, 1_000_000);
        if (options.TopicGate is { } gate)
        {
            Weight(faults, "topicGate", gate, -1);
        }

        if (options.DefaultTopic is { } topic)
        {
            Check(topic, "defaultTopic.", faults);
        }

        foreach ((string name, TopicScoreOptions own) in options.Topics)
        {
            Check(own, $"topics.{name}.", faults);
        }
    }

    /// <summary>Checks the numbers of one topic.</summary>
    public static void Check(TopicScoreOptions topic, string key, List<OptionFault> faults)
    {
        Weight(faults, key + "weight", topic.Weight, 1);
        if (Weight(faults, key + "timeInMesh.weight", topic.TimeInMeshWeight, 1))
        {
            OptionRules.InRange(
                faults, Prefix + key + "timeInMesh.quantum", topic.TimeInMeshQuantum, TimeSpan.FromTicks(1),
                TimeSpan.FromDays(365));
            Positive(faults, key + "timeInMesh.cap", topic.TimeInMeshCap);
        }

        if (Weight(faults, key + "firstMessageDeliveries.weight", topic.FirstMessageDeliveriesWeight, 1))
        {
            Decay(faults, key + "firstMessageDeliveries.decay", topic.FirstMessageDeliveriesDecay, 1);
            Positive(faults, key + "firstMessageDeliveries.cap", topic.FirstMessageDeliveriesCap);
        }

        // P3b is what P3 lacked: it needs P3's numbers also where P3 itself weighs nothing.
        if (Weight(faults, key + "meshMessageDeliveries.weight", topic.MeshMessageDeliveriesWeight, -1)
            | Weight(faults, key + "meshFailurePenalty.weight", topic.MeshFailurePenaltyWeight, -1))
        {
            CheckMeshDeliveries(topic, key, faults);
        }

        Decay(
            faults, key + "meshFailurePenalty.decay", topic.MeshFailurePenaltyDecay, topic.MeshFailurePenaltyWeight);
        Weight(faults, key + "invalidMessageDeliveries.weight", topic.InvalidMessageDeliveriesWeight, -1);
        Decay(
            faults, key + "invalidMessageDeliveries.decay", topic.InvalidMessageDeliveriesDecay,
            topic.InvalidMessageDeliveriesWeight);
    }

    private static void CheckMeshDeliveries(TopicScoreOptions topic, string key, List<OptionFault> faults)
    {
        const string Factor = "meshMessageDeliveries.";
        Decay(faults, key + Factor + "decay", topic.MeshMessageDeliveriesDecay, 1);
        Positive(faults, key + Factor + "threshold", topic.MeshMessageDeliveriesThreshold);
        Positive(faults, key + Factor + "cap", topic.MeshMessageDeliveriesCap);
        OptionRules.InRange(
            faults, Prefix + key + Factor + "window", topic.MeshMessageDeliveriesWindow, TimeSpan.Zero,
            TimeSpan.FromMinutes(1));
        OptionRules.InRange(
            faults, Prefix + key + Factor + "activation", topic.MeshMessageDeliveriesActivation,
            TimeSpan.FromSeconds(1), TimeSpan.FromDays(365));
    }

    private static void CheckThresholds(ScoreThresholds thresholds, List<OptionFault> faults)
    {
        const string Key = Prefix + "thresholds.";
        AtMost(faults, Key + "gossip", thresholds.Gossip, 0, "at most 0");
        AtMost(
            faults, Key + "publish", thresholds.Publish, thresholds.Gossip,
            FormattableString.Invariant($"at most gossip ({thresholds.Gossip})"));
        AtMost(
            faults, Key + "graylist", thresholds.Graylist, thresholds.Publish,
            FormattableString.Invariant($"at most publish ({thresholds.Publish})"));
        Weight(faults, "thresholds.acceptPx", thresholds.AcceptPeerExchange, 1);
        Weight(faults, "thresholds.opportunisticGraft", thresholds.OpportunisticGraft, 1);
    }

    private static void AtMost(List<OptionFault> faults, string key, double value, double most, string right) =>
        OptionRules.Require(faults, double.IsFinite(value) && value <= most, key, value, right);

    private static void Finite(List<OptionFault> faults, string key, double value) =>
        OptionRules.Require(faults, value is >= -Bound and <= Bound, Prefix + key, value, $"within ±{Bound:0}");

    /// <summary>A number that is 0 or has a given sign. Whether it is not 0: then its factor counts.</summary>
    private static bool Weight(List<OptionFault> faults, string key, double value, int sign)
    {
        string right = sign > 0 ? $"0 to {Bound:0}" : $"-{Bound:0} to 0";
        OptionRules.Require(
            faults, value * sign >= 0 && value * sign <= Bound, Prefix + key, value, right);
        return value != 0;
    }

    private static void Positive(List<OptionFault> faults, string key, double value) =>
        OptionRules.Require(faults, value is > 0 and <= Bound, Prefix + key, value, $"more than 0, at most {Bound:0}");

    private static void Decay(List<OptionFault> faults, string key, double value, double weight)
    {
        if (weight != 0)
        {
            OptionRules.Require(faults, value is > 0 and < 1, Prefix + key, value, "more than 0 and less than 1");
        }
    }
}

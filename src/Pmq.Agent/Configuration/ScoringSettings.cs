using Pmq.Gossipsub.Scoring;
using static Pmq.Agent.Configuration.SettingTypes;

namespace Pmq.Agent.Configuration;

/// <summary>
/// The keys of peer scoring: those of the Go agent under its names, and ours. What a file does not set follows from our
/// defaults, also where it sets the rest.
/// </summary>
internal static class ScoringSettings
{
    private const string Global = "pubsub.scoring.";
    private const string PerTopic = "pubsub.topics[].scoring.";
    private const string TopicsPart = "topics.*.";

    private static readonly OptionGroup<PeerScoreOptions> Peer = new OptionGroup<PeerScoreOptions>()
        .Add(
            "topicScoreCap", NotNegative, o => o.TopicScoreCap, (o, v) => o with { TopicScoreCap = v },
            "The most that all topics together can add to a score; 0 is no limit.")
        .Add(
            "topicGate", NotPositive, o => o.TopicGate ?? 0, (o, v) => o with { TopicGate = v },
            "The least score within a topic with which a peer may be in its mesh, so that other topics cannot hide "
            + "what it does there; a very low number is no gate.")
        .Add(
            "appSpecificScore.weight", Any, o => o.ApplicationWeight, (o, v) => o with { ApplicationWeight = v },
            "P5: weight of the application's score.")
        .Add(
            "ipColocationFactor.weight", NotPositive, o => o.IpColocationWeight,
            (o, v) => o with { IpColocationWeight = v },
            "P6: weight of the square of the peers on one address beyond the threshold.")
        .Add(
            "ipColocationFactor.threshold", Integer(1, 1_000_000), o => o.IpColocationThreshold,
            (o, v) => o with { IpColocationThreshold = v }, "P6: peers on one address that are free.")
        .Add(
            "ipColocationFactor.whitelist", Networks, o => o.IpColocationWhitelist,
            (o, v) => o with { IpColocationWhitelist = v }, "P6: networks that are free of it, as 10.0.0.0/8.")
        .Add(
            "behaviourPenalty.weight", NotPositive, o => o.BehaviourPenaltyWeight,
            (o, v) => o with { BehaviourPenaltyWeight = v },
            "P7: weight of the square of the misdeeds beyond the threshold: GRAFT during backoff, broken promises, "
            + "malformed and oversized control.")
        .Add(
            "behaviourPenalty.decay", Decay, o => o.BehaviourPenaltyDecay,
            (o, v) => o with { BehaviourPenaltyDecay = v }, "P7: what is left of the counter after decayInterval.")
        .Add(
            "behaviourPenalty.threshold", NotNegative, o => o.BehaviourPenaltyThreshold,
            (o, v) => o with { BehaviourPenaltyThreshold = v }, "P7: misdeeds that are free.")
        .Add(
            "slowPeer.weight", NotPositive, o => o.SlowPeerWeight, (o, v) => o with { SlowPeerWeight = v },
            "Weight of heartbeats in which messages for the peer found its queue full, beyond the threshold.")
        .Add(
            "slowPeer.decay", Decay, o => o.SlowPeerDecay, (o, v) => o with { SlowPeerDecay = v },
            "What is left of that counter after decayInterval.")
        .Add(
            "slowPeer.threshold", NotNegative, o => o.SlowPeerThreshold, (o, v) => o with { SlowPeerThreshold = v },
            "Heartbeats with a full queue that are free.")
        .Add(
            "decayInterval", Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)), o => o.DecayInterval,
            (o, v) => o with { DecayInterval = v }, "Between two decays of the counters.")
        .Add(
            "decayToZero", Decay, o => o.DecayToZero, (o, v) => o with { DecayToZero = v },
            "A counter that decays below it is 0.")
        .Add(
            "retainScore", Duration(TimeSpan.FromTicks(1), TimeSpan.FromDays(365)), o => o.RetainScore,
            (o, v) => o with { RetainScore = v },
            "How long a peer that left with a score of 0 or less is remembered, so that coming back clears nothing.")
        .Add(
            "maxRetained", Integer(0, 1_000_000), o => o.MaxRetained, (o, v) => o with { MaxRetained = v },
            "Peers that are so remembered.");

    private static readonly OptionGroup<ScoreThresholds> Thresholds = new OptionGroup<ScoreThresholds>()
        .Add(
            "gossip", NotPositive, o => o.Gossip, (o, v) => o with { Gossip = v },
            "Score below which a peer gets no gossip and its own is ignored.", "-50, at least publish")
        .Add(
            "publish", NotPositive, o => o.Publish, (o, v) => o with { Publish = v },
            "Score below which a peer outside the mesh gets none of our publications.", "-200, from graylist to gossip")
        .Add(
            "graylist", NotPositive, o => o.Graylist, (o, v) => o with { Graylist = v },
            "Score below which what a peer sends is dropped unread.", "-500, at most publish")
        .Add(
            "acceptPx", NotNegative, o => o.AcceptPeerExchange, (o, v) => o with { AcceptPeerExchange = v },
            "Score from which on the peers that a PRUNE names are connected to.")
        .Add(
            "opportunisticGraft", NotNegative, o => o.OpportunisticGraft, (o, v) => o with { OpportunisticGraft = v },
            "While the median score of a mesh is below it, better peers are grafted.");

    private static readonly OptionGroup<TopicScoreOptions> Topic = new OptionGroup<TopicScoreOptions>()
        .Add(
            "weight", NotNegative, o => o.Weight, (o, v) => o with { Weight = v },
            "The weight of the topic; 0 scores nothing in it.")
        .Add(
            "timeInMesh.weight", NotNegative, o => o.TimeInMeshWeight, (o, v) => o with { TimeInMeshWeight = v },
            "P1: weight of the time in our mesh.")
        .Add(
            "timeInMesh.quantum", Duration(TimeSpan.FromTicks(1), TimeSpan.FromDays(365)), o => o.TimeInMeshQuantum,
            (o, v) => o with { TimeInMeshQuantum = v }, "P1: time that counts one.")
        .Add(
            "timeInMesh.cap", Positive, o => o.TimeInMeshCap, (o, v) => o with { TimeInMeshCap = v },
            "P1: the most that it counts.")
        .Add(
            "firstMessageDeliveries.weight", NotNegative, o => o.FirstMessageDeliveriesWeight,
            (o, v) => o with { FirstMessageDeliveriesWeight = v },
            "P2: weight of accepted messages that the peer handed over first.")
        .Add(
            "firstMessageDeliveries.decay", Decay, o => o.FirstMessageDeliveriesDecay,
            (o, v) => o with { FirstMessageDeliveriesDecay = v }, "P2: what is left after decayInterval.")
        .Add(
            "firstMessageDeliveries.cap", Positive, o => o.FirstMessageDeliveriesCap,
            (o, v) => o with { FirstMessageDeliveriesCap = v }, "P2: the most that they count.")
        .Add(
            "meshMessageDeliveries.weight", NotPositive, o => o.MeshMessageDeliveriesWeight,
            (o, v) => o with { MeshMessageDeliveriesWeight = v },
            "P3: weight of the square of what a mesh member's deliveries lack to the threshold; 0 expects nothing.")
        .Add(
            "meshMessageDeliveries.decay", Decay, o => o.MeshMessageDeliveriesDecay,
            (o, v) => o with { MeshMessageDeliveriesDecay = v }, "P3: what is left after decayInterval.")
        .Add(
            "meshMessageDeliveries.cap", Positive, o => o.MeshMessageDeliveriesCap,
            (o, v) => o with { MeshMessageDeliveriesCap = v }, "P3: the most that they count.",
            "100, at least the threshold")
        .Add(
            "meshMessageDeliveries.threshold", Positive, o => o.MeshMessageDeliveriesThreshold,
            (o, v) => o with { MeshMessageDeliveriesThreshold = v }, "P3: deliveries below which it costs.")
        .Add(
            "meshMessageDeliveries.window", Duration(TimeSpan.FromTicks(1), TimeSpan.FromMinutes(1)),
            o => o.MeshMessageDeliveriesWindow, (o, v) => o with { MeshMessageDeliveriesWindow = v },
            "P3: how long after the verdict a copy still counts.")
        .Add(
            "meshMessageDeliveries.activation", Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(365)),
            o => o.MeshMessageDeliveriesActivation, (o, v) => o with { MeshMessageDeliveriesActivation = v },
            "P3: time in the mesh before it begins to count.")
        .Add(
            "meshFailurePenalty.weight", NotPositive, o => o.MeshFailurePenaltyWeight,
            (o, v) => o with { MeshFailurePenaltyWeight = v },
            "P3b: weight of what P3 lacked when the peer left the mesh.")
        .Add(
            "meshFailurePenalty.decay", Decay, o => o.MeshFailurePenaltyDecay,
            (o, v) => o with { MeshFailurePenaltyDecay = v }, "P3b: what is left after decayInterval.")
        .Add(
            "invalidMessageDeliveries.weight", NotPositive, o => o.InvalidMessageDeliveriesWeight,
            (o, v) => o with { InvalidMessageDeliveriesWeight = v },
            "P4: weight of the square of the messages that the node rejected or that were badly signed.")
        .Add(
            "invalidMessageDeliveries.decay", Decay, o => o.InvalidMessageDeliveriesDecay,
            (o, v) => o with { InvalidMessageDeliveriesDecay = v }, "P4: what is left after decayInterval.");

    /// <summary>Whether peers are scored.</summary>
    public static Setting<bool> Enabled { get; } = new()
    {
        Key = Global + "enabled",
        Type = SettingTypes.Boolean,
        Default = _ => true,
        Description = "Whether peers are scored; false holds nothing against anybody (the Go agent scores only where "
            + "the file has pubsub.scoring).",
    };

    private static SettingType<double> Any => Number(-1e12, 1e12, "of at most ±1e12");

    private static SettingType<double> NotPositive => Number(-1e12, 0, "of at most 0");

    private static SettingType<double> NotNegative => Number(0, 1e12, "of at least 0");

    private static SettingType<double> Positive => Number(0, 1e12, "above 0") with { ZeroIsAbsent = true };

    private static SettingType<double> Decay =>
        Number(0, Math.BitDecrement(1.0), "above 0 and below 1") with { ZeroIsAbsent = true };

    /// <summary>Every key of scoring, in the order of the reference.</summary>
    public static IEnumerable<Setting> All() =>
    [
        Enabled,
        .. Thresholds.SettingsAt(Global + "thresholds.", configuration => Of(configuration).Thresholds),
        .. Peer.SettingsAt(Global, Of),
        .. Topic.SettingsAt(Global + "defaultTopic.", configuration => Of(configuration).DefaultTopic!),
        .. Topic.SettingsAt(Global + TopicsPart, configuration => Of(configuration).DefaultTopic!),
        .. SkipAtomic(Global),
        .. Topic.SettingsAt(PerTopic + TopicsPart, configuration => Of(configuration).DefaultTopic!),
        .. SkipAtomic(PerTopic),
        .. WithoutEffect(),
    ];

    /// <summary>How peers are scored; null if they are not.</summary>
    public static PeerScoreOptions? Find(AgentConfiguration configuration) =>
        configuration.Get(Enabled) ? Of(configuration) : null;

    private static PeerScoreOptions Of(AgentConfiguration configuration)
    {
        PeerScoreOptions defaults = PeerScoreOptions.Default;
        TopicScoreOptions other = TopicOf(configuration, Global + "defaultTopic.", defaults.DefaultTopic!);
        var topics = new Dictionary<string, TopicScoreOptions>(StringComparer.Ordinal);
        foreach (string prefix in Prefixes(configuration))
        {
            string name = prefix[(prefix.IndexOf(".scoring.topics.", StringComparison.Ordinal) + 16)..^1];
            topics[name] = TopicOf(configuration, prefix, topics.GetValueOrDefault(name, other));
        }

        return Peer.Apply(configuration, Global, defaults) with
        {
            Thresholds = Followed(configuration, defaults.Thresholds),
            DefaultTopic = other,
            Topics = topics,
        };
    }

    /// <summary>The places at which topics are described: those below pubsub.scoring first.</summary>
    private static IEnumerable<string> Prefixes(AgentConfiguration configuration) => configuration.Set
        .Where(value => value.Setting.Key.Contains(".scoring." + TopicsPart, StringComparison.Ordinal))
        .Select(value => value.Key[..^value.Setting.Key[
            (value.Setting.Key.IndexOf(TopicsPart, StringComparison.Ordinal) + TopicsPart.Length)..].Length])
        .Distinct()
        .OrderByDescending(prefix => prefix.StartsWith(Global, StringComparison.Ordinal));

    private static TopicScoreOptions TopicOf(
        AgentConfiguration configuration, string prefix, TopicScoreOptions otherwise)
    {
        TopicScoreOptions topic = Topic.Apply(configuration, prefix, otherwise);
        return configuration.FindSet(prefix + "meshMessageDeliveries.cap") is null
            ? topic with
            {
                MeshMessageDeliveriesCap =
                    Math.Max(topic.MeshMessageDeliveriesCap, topic.MeshMessageDeliveriesThreshold),
            }
            : topic;
    }

    /// <summary>What is unset of the three lower thresholds stays on its side of what is set.</summary>
    private static ScoreThresholds Followed(AgentConfiguration configuration, ScoreThresholds defaults)
    {
        const string At = Global + "thresholds.";
        ScoreThresholds set = Thresholds.Apply(configuration, At, defaults);
        double? gossip = (double?)configuration.FindSet(At + "gossip")?.Value;
        double? publish = (double?)configuration.FindSet(At + "publish")?.Value;
        double? graylist = (double?)configuration.FindSet(At + "graylist")?.Value;
        double least = graylist ?? double.MinValue;
        double high = gossip ?? Math.Max(defaults.Gossip, publish ?? least);
        double middle = publish ?? Math.Max(Math.Min(defaults.Publish, high), least);
        return set with
        {
            Gossip = high,
            Publish = middle,
            Graylist = graylist ?? Math.Min(defaults.Graylist, middle),
        };
    }

    private static IEnumerable<Setting> SkipAtomic(string at) =>
        new[] { "skipAtomic", "thresholds.skipAtomic", TopicsPart + "skipAtomic" }.Select(suffix => new Setting<bool>
        {
            Key = at + suffix,
            Type = SettingTypes.Boolean,
            Description = "In the Go agent lets some numbers be set without the rest; here that may always be.",
        });

    /// <summary>What the Go agent's files may hold and neither it nor this one acts on.</summary>
    private static IEnumerable<Setting> WithoutEffect()
    {
        const string Why = "Stands in the Go agent's files and has no effect there either.";
        foreach (string at in new[] { Global, PerTopic })
        {
            yield return None(at + "behaviourPenalty.cap", NotNegative, Why);
            yield return None(at + "behaviourPenalty.window", Span, Why);
            yield return None(at + "behaviourPenalty.activation", Span, Why);
            yield return None(at + TopicsPart + "timeInMesh.decay", Decay, Why);
            yield return None(at + TopicsPart + "firstMessageDeliveries.quantum", Span, Why);
            yield return None(at + TopicsPart + "meshFailurePenalty.cap", NotNegative, Why);
            yield return None(at + TopicsPart + "meshFailurePenalty.quantum", Span, Why);
            yield return None(at + TopicsPart + "invalidMessageDeliveries.cap", NotNegative, Why);
            yield return None(at + TopicsPart + "invalidMessageDeliveries.quantum", Span, Why);
        }

        const string Once = "A peer has one score over all topics: set it below pubsub.scoring.";
        yield return None(PerTopic + "thresholds.gossip", NotPositive, Once);
        yield return None(PerTopic + "thresholds.publish", NotPositive, Once);
        yield return None(PerTopic + "thresholds.graylist", NotPositive, Once);
        yield return None(PerTopic + "thresholds.acceptPx", NotNegative, Once);
        yield return None(PerTopic + "thresholds.opportunisticGraft", NotNegative, Once);
        yield return None(PerTopic + "topicScoreCap", NotNegative, Once);
        yield return None(PerTopic + "appSpecificScore.weight", Any, Once);
        yield return None(PerTopic + "ipColocationFactor.weight", NotPositive, Once);
        yield return None(PerTopic + "ipColocationFactor.threshold", Integer(1, 1_000_000), Once);
        yield return None(PerTopic + "ipColocationFactor.whitelist", Texts, Once);
        yield return None(PerTopic + "behaviourPenalty.weight", NotPositive, Once);
        yield return None(PerTopic + "behaviourPenalty.decay", Decay, Once);
        yield return None(PerTopic + "behaviourPenalty.threshold", NotNegative, Once);
    }

    private static SettingType<TimeSpan> Span => Duration(TimeSpan.FromTicks(1), TimeSpan.FromDays(365));

    private static Setting<T> None<T>(string key, SettingType<T> type, string description)
        where T : notnull => new()
        {
            Key = key,
            Type = type,
            Description = description,
            Effect = SettingEffect.None,
        };
}

using static Pmq.Agent.Configuration.SettingTypes;

namespace Pmq.Agent.Configuration;

/// <content>The keys of peer scoring and tracing: read and checked, not acted on yet.</content>
internal static partial class AgentSettings
{
    public static readonly Setting<double> GossipThreshold =
        Checked("pubsub.scoring.thresholds.gossip", NotPositive, "Score below which a peer gets no gossip.");

    public static readonly Setting<double> PublishThreshold =
        Checked("pubsub.scoring.thresholds.publish", NotPositive, "Score below which a peer gets no publication.");

    public static readonly Setting<double> GraylistThreshold =
        Checked("pubsub.scoring.thresholds.graylist", NotPositive, "Score below which a peer is not heard.");

    /// <summary>Every setting, in the order of the reference.</summary>
    public static IReadOnlyList<Setting> All => Table.All;

    private static SettingType<double> Any => Number(double.MinValue, double.MaxValue, "of any size");

    private static SettingType<double> NotPositive => Number(double.MinValue, 0, "of at most 0");

    private static SettingType<double> NotNegative => Number(0, double.MaxValue, "of at least 0");

    private static SettingType<double> Fraction => Number(0, 1, "from 0 to 1");

    private static SettingType<TimeSpan> Span => Duration(TimeSpan.FromTicks(1), TimeSpan.FromDays(365));

    private static IEnumerable<Setting> Trace() =>
    [
        Checked("pubsub.trace", SettingTypes.Boolean, "Logs pubsub events; newer files give a mapping."),
        Checked("pubsub.trace.skiplist", Texts, "Kinds of events that are not traced."),
        Checked("pubsub.trace.jsonFile", Text, "The file that the events are written to."),
        Checked("pubsub.trace.debug", SettingTypes.Boolean, "Logs the events."),
    ];

    private static IEnumerable<Setting> Scoring(string at)
    {
        bool isGlobal = !at.Contains("[]", StringComparison.Ordinal);
        yield return Checked(at + ".skipAtomic", SettingTypes.Boolean, "Lets some scores be set without the rest.");
        yield return Checked(at + ".thresholds.skipAtomic", SettingTypes.Boolean, "The same for the thresholds.");
        yield return isGlobal ? GossipThreshold : Checked(at + ".thresholds.gossip", NotPositive, "As above.");
        yield return isGlobal ? PublishThreshold : Checked(at + ".thresholds.publish", NotPositive, "As above.");
        yield return isGlobal ? GraylistThreshold : Checked(at + ".thresholds.graylist", NotPositive, "As above.");
        yield return Checked(
            at + ".thresholds.acceptPx", NotNegative, "Score above which peers are taken from a prune.");
        yield return Checked(
            at + ".thresholds.opportunisticGraft", NotNegative, "Median score below which better peers are grafted.");
        yield return Checked(at + ".topicScoreCap", NotNegative, "The most that topics add to a score.");
        yield return Checked(at + ".appSpecificScore.weight", Any, "P5: weight of the application's score.");
        yield return Checked(at + ".ipColocationFactor.weight", NotPositive, "P6: weight of peers on one address.");
        yield return Checked(at + ".ipColocationFactor.threshold", Integer(1, 1_000_000), "P6: peers that are free.");
        yield return Checked(at + ".ipColocationFactor.whitelist", Texts, "P6: networks that are free.");
        foreach (Setting setting in Extended(at + ".behaviourPenalty", "P7"))
        {
            yield return setting;
        }

        yield return Checked(at + ".topics.*.skipAtomic", SettingTypes.Boolean, "As above, for one topic.");
        yield return Checked(at + ".topics.*.weight", NotNegative, "The weight of the topic.");
        foreach ((string name, string symbol) in new[]
        {
            ("timeInMesh", "P1"), ("firstMessageDeliveries", "P2"), ("meshFailurePenalty", "P3b"),
            ("invalidMessageDeliveries", "P4"),
        })
        {
            foreach (Setting setting in Base($"{at}.topics.*.{name}", symbol))
            {
                yield return setting;
            }

            yield return Checked($"{at}.topics.*.{name}.quantum", Span, symbol + ": time that counts one.");
        }

        foreach (Setting setting in Extended(at + ".topics.*.meshMessageDeliveries", "P3"))
        {
            yield return setting;
        }
    }

    private static IEnumerable<Setting> Base(string at, string symbol) =>
    [
        Checked(at + ".weight", Any, symbol + ": weight."),
        Checked(at + ".decay", Fraction, symbol + ": decay."),
        Checked(at + ".cap", NotNegative, symbol + ": cap."),
    ];

    private static IEnumerable<Setting> Extended(string at, string symbol) =>
    [
        .. Base(at, symbol),
        Checked(at + ".threshold", NotNegative, symbol + ": threshold."),
        Checked(at + ".window", Span, symbol + ": window."),
        Checked(at + ".activation", Span, symbol + ": activation."),
    ];

    private static Setting<T> Checked<T>(string key, SettingType<T> type, string description)
        where T : notnull => new()
        {
            Key = key,
            Type = type,
            Description = description,
            Effect = SettingEffect.None,
        };

    /// <summary>A type of its own, so that it is made after the settings, whichever file they stand in.</summary>
    private static class Table
    {
        public static readonly IReadOnlyList<Setting> All =
        [
            PrivateKey, KeyFile, ListenAddrs, Peers, Joined, Psk, DialTimeout, DisablePing, UserAgent, NatPortMap,
            AutoNat,
            LowWater, HighWater, GracePeriod, DiscoveryMode, Bootstrappers, ProtocolPrefix, ServiceTag, MdnsTag,
            RouterQueueSize, RouterWorkers, PprofEnabled, PprofPort,
            GrpcListen, GrpcTokenFile, GrpcTlsCert, GrpcTlsKey, GrpcTlsCa, GrpcInsecure, HttpListen,
            LogLevel, Libp2pLogLevel,
            Validation, Sign, MaxMessageSize, ValidationTimeout, ValidatorTimeout, ValidatorConcurrency,
            MessageIdType, MessageIdSize, FilterPattern, FilterLimit,
            MeshDegree, MeshDegreeLow, MeshDegreeHigh, MeshDegreeScore, MeshDegreeOutbound, MeshDegreeLazy,
            HeartbeatInterval, FanoutTtl, McacheLength, McacheGossip, SeenTtl,
            TopicName, TopicBufferSize, TopicRateLimit, TopicValidation, TopicSign,
            TopicValidatorTimeout, TopicValidatorConcurrency, TopicMessageIdType, TopicMessageIdSize,
            .. Trace(), .. Scoring("pubsub.scoring"), .. Scoring("pubsub.topics[].scoring"),
        ];
    }
}

namespace Pmq.Agent.Configuration;

/// <content>All of them.</content>
internal static partial class AgentSettings
{
    /// <summary>Every setting, in the order of the reference.</summary>
    public static IReadOnlyList<Setting> All => Table.All;

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
            Validation, Sign, MaxMessageSize, OutboundQueueBytes, OutboundRelayBytes, PublishDeadline, RelayDeadline,
            ValidationTimeout, ValidatorTimeout, ValidatorConcurrency,
            MessageIdType, MessageIdSize, FilterPattern, FilterLimit,
            MeshDegree, MeshDegreeLow, MeshDegreeHigh, MeshDegreeScore, MeshDegreeOutbound, MeshDegreeLazy,
            HeartbeatInterval, FanoutTtl, McacheLength, McacheGossip, SeenTtl,
            TopicName, TopicBufferSize, TopicRateLimit, TopicValidation, TopicSign,
            TopicValidatorTimeout, TopicValidatorConcurrency, TopicMessageIdType, TopicMessageIdSize,
            TopicMaxMessageSize,
            .. RouterSettings.All(), .. TraceSettings.All(), .. ScoringSettings.All(),
        ];
    }
}

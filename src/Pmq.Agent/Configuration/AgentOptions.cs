using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Pmq.Core.Addresses;
using Pmq.Core.Identity;
using Pmq.Engine;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;

namespace Pmq.Agent.Configuration;

/// <summary>
/// How an agent runs: the configuration with its files read and its values in the types that are used.
/// </summary>
internal sealed record AgentOptions
{
    /// <summary>The peer.</summary>
    public required PmqPeerOptions Peer { get; init; }

    /// <summary>Where gRPC is served.</summary>
    public required SettingValue Grpc { get; init; }

    /// <summary>Who may call it.</summary>
    public required GrpcAccess Access { get; init; }

    /// <summary>Where health and metrics are served.</summary>
    public required SettingValue Http { get; init; }

    /// <summary>Where peers can connect.</summary>
    public required SettingValue Listen { get; init; }

    /// <summary>Whether the user chose the validation mode.</summary>
    public required SettingValue Validation { get; init; }

    /// <summary>Messages that wait for one slow listener.</summary>
    public required int ListenerQueueSize { get; init; }

    /// <summary>Messages handed to a verifier and not yet judged.</summary>
    public required int VerifierMaxInFlight { get; init; }

    /// <summary>What the operator should know, one line each.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Reads the files that the configuration names and converts its values.</summary>
    /// <exception cref="ConfigurationException">A file is wrong, or the gRPC address lacks protection.</exception>
    public static AgentOptions From(AgentConfiguration configuration)
    {
        var warnings = new List<string>();
        foreach (SettingValue value in configuration.Set.Where(value => value.Setting.Effect == SettingEffect.None))
        {
            warnings.Add($"{value.Label}: read, but this version does not act on it");
        }

        GrpcAccess access = GrpcAccess.From(configuration, warnings);
        SettingValue http = configuration.Find(AgentSettings.HttpListen);
        if (!((BindAddress)http.Value!).IsLocal)
        {
            warnings.Add(
                $"{http.Label}: health and metrics, with the names of topics, can be read beyond this machine");
        }

        PmqPeerOptions peer = PeerOptions(configuration, Identity(configuration, warnings));
        CheckRouter(configuration, peer.Gossipsub);
        return new AgentOptions
        {
            Peer = peer,
            Grpc = configuration.Find(AgentSettings.GrpcListen),
            Access = access,
            Http = http,
            Listen = configuration.Find(AgentSettings.ListenAddrs),
            Validation = configuration.Find(AgentSettings.Validation),
            ListenerQueueSize = configuration.Get(AgentSettings.RouterQueueSize),
            VerifierMaxInFlight = configuration.Get(AgentSettings.ValidatorConcurrency),
            Warnings = warnings,
        };
    }

    /// <summary>The level that a Go name stands for.</summary>
    public static LogLevel Level(string name) => name switch
    {
        "debug" => LogLevel.Debug,
        "info" => LogLevel.Information,
        "warn" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => LogLevel.Critical,
    };

    private static PrivateKey? Identity(AgentConfiguration configuration, List<string> warnings)
    {
        SettingValue? file = configuration.FindSet(AgentSettings.KeyFile);
        SettingValue? key = configuration.FindSet(AgentSettings.PrivateKey);
        if (file is not null && (key is null || file.Origin.Kind > key.Origin.Kind))
        {
            PrivateKey read = KeyFile.Read(file);
            if (FileFault.OpenToOthers(file) is { } warning)
            {
                warnings.Add(warning);
            }

            return read;
        }

        if (key is not null)
        {
            return KeyFile.Decode((string)key.Value!) ?? throw new ConfigurationException(
                $"{key.Label}: must be a libp2p private key in base64; pmq keygen makes one");
        }

        warnings.Add("no --key and no privateKey: the identity is a fresh one, and another at the next start");
        return null;
    }

    /// <summary>The router's own rules, with the place of the key that breaks one. The rest is told at start.</summary>
    private static void CheckRouter(AgentConfiguration configuration, GossipsubOptions router)
    {
        foreach (OptionFault fault in router.Validate())
        {
            if (configuration.FindSet(fault.Key) is { } set)
            {
                throw new ConfigurationException($"{set.Origin}: {fault.Message.TrimEnd('.')}");
            }
        }
    }

    private static PmqPeerOptions PeerOptions(AgentConfiguration configuration, PrivateKey? identity)
    {
        IEnumerable<Multiaddr> peers = configuration.Get(AgentSettings.Peers)
            .Concat(configuration.Get(AgentSettings.Bootstrappers));
        var defaults = new PmqPeerOptions();
        return defaults with
        {
            Identity = identity,
            ListenAddresses = configuration.Get(AgentSettings.ListenAddrs),
            Peers = [.. peers.Distinct()],
            Topics = [.. configuration.Get(AgentSettings.Joined).Distinct(StringComparer.Ordinal)],
            TopicSettings = TopicSettings(configuration),
            Gossipsub = Router(configuration),
            MessageId = new MessageIdOptions(
                Algorithm(configuration.Get(AgentSettings.MessageIdType)), configuration.Get(
                    AgentSettings.MessageIdSize)),
            SubscriptionFilter = Filter(configuration),
            Validation = Mode(configuration.Get(AgentSettings.Validation)),
            VerdictTimeout = configuration.Get(AgentSettings.ValidatorTimeout),
            SignaturePolicy = Policy(configuration.Get(AgentSettings.Sign)),
            MaxMessageSize = configuration.Get(AgentSettings.MaxMessageSize),
            Trace = TraceSettings.Find(configuration),
            OutboundQueueBytes = configuration.Get(AgentSettings.OutboundQueueBytes),
            OutboundRelayBytes = configuration.Get(AgentSettings.OutboundRelayBytes),
            PublishDeadline = configuration.Get(AgentSettings.PublishDeadline),
            RelayDeadline = configuration.Get(AgentSettings.RelayDeadline),
            DialTimeout = configuration.Get(AgentSettings.DialTimeout),
            DisablePing = configuration.Get(AgentSettings.DisablePing),
            UserAgent = configuration.GetOrNull(AgentSettings.UserAgent) ?? "",
        };
    }

    private static GossipsubOptions Router(AgentConfiguration configuration) =>
        RouterSettings.Apply(configuration, Overlay(configuration)) with
        {
            Scoring = ScoringSettings.Find(configuration),
        };

    private static GossipsubOptions Overlay(AgentConfiguration configuration) => new()
    {
        MeshDegree = configuration.Get(AgentSettings.MeshDegree),
        MeshDegreeLow = configuration.Get(AgentSettings.MeshDegreeLow),
        MeshDegreeHigh = configuration.Get(AgentSettings.MeshDegreeHigh),
        MeshDegreeScore = configuration.Get(AgentSettings.MeshDegreeScore),
        MeshDegreeOutbound = configuration.Get(AgentSettings.MeshDegreeOutbound),
        GossipDegree = configuration.Get(AgentSettings.MeshDegreeLazy),
        HeartbeatInterval = configuration.Get(AgentSettings.HeartbeatInterval),
        FanoutTtl = configuration.Get(AgentSettings.FanoutTtl),
        HistoryLength = configuration.Get(AgentSettings.McacheLength),
        HistoryGossip = configuration.Get(AgentSettings.McacheGossip),
        SeenTtl = configuration.Get(AgentSettings.SeenTtl),
        MaxPendingPerTopic = Math.Max(new GossipsubOptions().MaxPendingPerTopic, LargestBuffer(configuration)),
    };

    /// <summary>The router's own bound follows, so that it is never below one that the user set.</summary>
    private static int LargestBuffer(AgentConfiguration configuration) =>
        Enumerable.Range(0, configuration.TopicCount)
            .Max(topic => (int?)configuration.FindSet(AgentSettings.TopicBufferSize, topic)?.Value) ?? 0;

    private static SubscriptionFilter? Filter(AgentConfiguration configuration)
    {
        Regex? pattern = configuration.GetOrNull(AgentSettings.FilterPattern);
        var filter = new SubscriptionFilter();
        int limit = configuration.SetOr(AgentSettings.FilterLimit, filter.Limit);
        return pattern is null && limit == filter.Limit
            ? null
            : filter with { Pattern = pattern?.ToString() ?? "", Limit = limit };
    }

    private static Dictionary<string, TopicOptions> TopicSettings(AgentConfiguration configuration)
    {
        var settings = new Dictionary<string, TopicOptions>(StringComparer.Ordinal);
        for (int topic = 0; topic < configuration.TopicCount; topic++)
        {
            settings.Add((string)configuration.FindSet(AgentSettings.TopicName, topic)!.Value!, new TopicOptions
            {
                Validation = configuration.FindSet(AgentSettings.TopicValidation, topic) is { } validation
                    ? Mode((string)validation.Value!)
                    : null,
                SignaturePolicy = configuration.FindSet(AgentSettings.TopicSign, topic) is { } sign
                    ? Policy((string)sign.Value!)
                    : null,
                MessageId = TopicMessageId(configuration, topic),
                ValidationQueueSize = (int?)configuration.FindSet(AgentSettings.TopicBufferSize, topic)?.Value,
                VerdictTimeout =
                    (TimeSpan?)configuration.FindSet(AgentSettings.TopicValidatorTimeout, topic)?.Value,
                VerdictConcurrency =
                    (int?)configuration.FindSet(AgentSettings.TopicValidatorConcurrency, topic)?.Value,
                MaxMessageSize = (int?)configuration.FindSet(AgentSettings.TopicMaxMessageSize, topic)?.Value,
                Mesh = RouterSettings.FindMesh(configuration, topic),
            });
        }

        return settings;
    }

    private static MessageIdOptions? TopicMessageId(AgentConfiguration configuration, int topic)
    {
        SettingValue? type = configuration.FindSet(AgentSettings.TopicMessageIdType, topic);
        SettingValue? size = configuration.FindSet(AgentSettings.TopicMessageIdSize, topic);
        return type is null && size is null
            ? null
            : new MessageIdOptions(
                Algorithm((string?)type?.Value ?? configuration.Get(AgentSettings.MessageIdType)),
                (int?)size?.Value ?? configuration.Get(AgentSettings.MessageIdSize));
    }

    private static MessageIdAlgorithm Algorithm(string word) =>
        word is "md5" ? MessageIdAlgorithm.Md5 : MessageIdAlgorithm.Sha256;

    private static ValidationMode Mode(string word) => word is "none" ? ValidationMode.None : ValidationMode.Required;

    private static SignaturePolicy Policy(string word) =>
        word is "strict" ? SignaturePolicy.StrictSign : SignaturePolicy.StrictNoSign;
}

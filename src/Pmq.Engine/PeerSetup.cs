using System.Text.RegularExpressions;
using Pmq.Core.Addresses;
using Pmq.Core.Identity;
using Pmq.Engine.Gossip;
using Pmq.Engine.Tracing;
using Pmq.Engine.Validation;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Scoring;
using Pmq.Libp2p;
using Pmq.Libp2p.Swarm;

namespace Pmq.Engine;

/// <summary>Checks a peer's options and makes of them what its parts need.</summary>
internal static class PeerSetup
{
    private const int LeastMessageSize = 1024;
    private const int MostMessageSize = 64 * 1024 * 1024;

    /// <summary>The router's options, or a fault that names the key.</summary>
    /// <exception cref="PmqOptionsException">An option is out of range or contradicts another.</exception>
    public static GossipsubOptions Check(PmqPeerOptions options)
    {
        InRange("pubsub.maxMessageSize", options.MaxMessageSize, LeastMessageSize, MostMessageSize);
        InRange("pubsub.outboundQueueBytes", options.OutboundQueueBytes, options.MaxMessageSize, int.MaxValue);
        if (options.OutboundRelayBytes is { } relayBytes)
        {
            InRange("pubsub.outboundRelayBytes", relayBytes, options.MaxMessageSize, int.MaxValue);
        }

        Positive("pubsub.publishDeadline", options.PublishDeadline);
        Positive("pubsub.relayDeadline", options.RelayDeadline);
        InRange("pubsub.inboundQueueBytes", options.InboundQueueBytes, 4096, 16 * 1024 * 1024);
        InRange("pubsub.publishRate", options.PublishRate, 0, int.MaxValue);
        Positive("pubsub.verdictTimeout", options.VerdictTimeout);
        Positive("dialTimeout", options.DialTimeout);
        if (options.UserAgent.Length > 200)
        {
            throw new PmqOptionsException(
                "userAgent", $"userAgent has {options.UserAgent.Length} characters; identify tells at most 200.");
        }

        Positive("redialMinDelay", options.RedialMinDelay);
        if (options.RedialMaxDelay < options.RedialMinDelay)
        {
            throw new PmqOptionsException(
                "redialMaxDelay",
                $"redialMaxDelay = {options.RedialMaxDelay} must be at least redialMinDelay, "
                + $"which is {options.RedialMinDelay}.");
        }

        foreach (Multiaddr address in options.Peers)
        {
            if (address.Peer is null)
            {
                throw new PmqOptionsException(
                    "peers", $"peers: {address} names no peer; it must end in /p2p/<peer id>.");
            }
        }

        GossipsubOptions gossipsub = GossipsubOptionsOf(options);
        foreach (OptionFault fault in gossipsub.Validate())
        {
            throw new PmqOptionsException(fault.Key, fault.Message);
        }

        if (options.Trace is { } trace)
        {
            Check(trace);
        }

        foreach ((string topic, TopicOptions settings) in options.TopicSettings)
        {
            if (settings.ValidationQueueSize is { } size)
            {
                InRange($"pubsub.topics.{topic}.bufferSize", size, 1, gossipsub.MaxPendingPerTopic);
            }

            if (settings.VerdictTimeout is { } timeout)
            {
                Positive($"pubsub.topics.{topic}.msgValidator.timeout", timeout);
            }

            InRange(
                $"pubsub.topics.{topic}.msgValidator.concurrency", settings.VerdictConcurrency ?? 1, 1, 1_000_000);
        }

        return gossipsub;
    }

    private static void Check(TraceOptions options)
    {
        InRange("pubsub.trace.bufferBytes", options.BufferBytes, 64 * 1024, 256 * 1024 * 1024);
        InRange("pubsub.trace.maxFileBytes", options.MaxFileBytes, 1024 * 1024, long.MaxValue);
        if (options is { JsonFile: { } json, ProtobufFile: { } protobuf } && AreInEachOthersWay(json, protobuf))
        {
            throw new PmqOptionsException(
                "pubsub.trace.protobufFile",
                $"pubsub.trace.protobufFile = {protobuf} must be another file than pubsub.trace.jsonFile = {json}, and "
                + $"neither the other with {TraceFile.AsideSuffix} at its end: so it is named when it is put aside.");
        }
    }

    private static bool AreInEachOthersWay(string first, string second)
    {
        first = Path.GetFullPath(first);
        second = Path.GetFullPath(second);
        return first == second || first + TraceFile.AsideSuffix == second || second + TraceFile.AsideSuffix == first;
    }

    public static void Check(PeerScoreOptions? scoring)
    {
        if (new GossipsubOptions { Scoring = scoring }.Validate() is [OptionFault fault, ..])
        {
            throw new PmqOptionsException(fault.Key, fault.Message);
        }
    }

    public static void Check(ListenOptions options)
    {
        InRange("queueSize", options.QueueSize, 1, 1_000_000);
        InRange("maxRate", options.MaxRate, 0, long.MaxValue);
    }

    public static void Check(VerifierOptions options) => InRange("maxInFlight", options.MaxInFlight, 1, 1_000_000);

    public static DriverOptions DriverOptionsOf(PmqPeerOptions options, GossipsubOptions gossipsub) => new()
    {
        Gossipsub = gossipsub,
        ValidationOf = topic => options.TopicSettings.GetValueOrDefault(topic)?.Validation ?? options.Validation,
        MaxPendingOf = topic =>
            options.TopicSettings.GetValueOrDefault(topic)?.ValidationQueueSize ?? gossipsub.MaxPendingPerTopic,
        VerificationOf = topic => RulesOf(options, topic),
        LongestVerdictTimeout = options.TopicSettings.Values
            .Select(settings => settings.VerdictTimeout ?? TimeSpan.Zero).Append(options.VerdictTimeout).Max(),
        ValidateOwn = options.ValidateOwn,
        Outbound = new OutboundOptions
        {
            PublishBytes = options.OutboundQueueBytes,
            RelayBytes = options.OutboundRelayBytes ?? options.OutboundQueueBytes,
            PublishDeadline = options.PublishDeadline,
            RelayDeadline = options.RelayDeadline,
        },
        InboundQueueBytes = options.InboundQueueBytes,
    };

    private static VerificationRules RulesOf(PmqPeerOptions options, string topic)
    {
        TopicOptions? settings = options.TopicSettings.GetValueOrDefault(topic);
        return new VerificationRules(
            settings?.VerdictTimeout ?? options.VerdictTimeout, settings?.VerdictConcurrency ?? int.MaxValue);
    }

    public static Libp2pHostOptions HostOptionsOf(PmqPeerOptions options, PrivateKey identity) => new()
    {
        Identity = identity,
        ListenAddresses = options.ListenAddresses,
        UserAgent = options.UserAgent,
        DisablePing = options.DisablePing,
        DialTimeout = options.DialTimeout,

        // Whoever dials has waits of its own: the keepers of named peers, and the connector for those that others told
        // of.
        DialBackoff = new DialBackoffOptions { Base = options.RedialMinDelay / 2, Coefficient = TimeSpan.Zero },
        TimeProvider = options.TimeProvider,
        LoggerFactory = options.LoggerFactory,
        MeterFactory = options.MeterFactory,
    };

    private static GossipsubOptions GossipsubOptionsOf(PmqPeerOptions options)
    {
        var rules = new TopicRules(options.SignaturePolicy, options.MessageId);
        var topics = new Dictionary<string, TopicRules>(StringComparer.Ordinal);
        foreach ((string topic, TopicOptions settings) in options.TopicSettings)
        {
            topics.Add(
                topic,
                new TopicRules(
                    settings.SignaturePolicy ?? options.SignaturePolicy, settings.MessageId ?? options.MessageId,
                    settings.ValidationQueueSize, settings.Mesh, settings.MaxMessageSize));
        }

        return options.Gossipsub with
        {
            MaxMessageSize = options.MaxMessageSize,
            DefaultRules = rules,
            Topics = topics,
            SubscriptionFilter = FilterOf(options.SubscriptionFilter),
            RpcLimits = options.SubscriptionFilter is { } filter
                ? options.Gossipsub.RpcLimits with { MaxSubscriptions = filter.Limit }
                : options.Gossipsub.RpcLimits,
        };
    }

    private static Func<string, bool>? FilterOf(SubscriptionFilter? filter)
    {
        if (filter is null)
        {
            return null;
        }

        InRange("pubsub.subFilter.limit", filter.Limit, 1, 10_000);
        if (filter.Pattern.Length == 0)
        {
            return null;
        }

        try
        {
            // Topics come from peers: an engine that backtracks could be made to run for ages.
            var pattern = new Regex(filter.Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return pattern.IsMatch;
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException)
        {
            throw new PmqOptionsException(
                "pubsub.subFilter.pattern",
                $"pubsub.subFilter.pattern = {filter.Pattern} is no regular expression of the non-backtracking kind: "
                + fault.Message);
        }
    }

    private static void InRange(string key, long value, long least, long most)
    {
        if (value < least || value > most)
        {
            throw new PmqOptionsException(key, $"{key} = {value} must be between {least} and {most}.");
        }
    }

    private static void Positive(string key, TimeSpan value)
    {
        if (value <= TimeSpan.Zero)
        {
            throw new PmqOptionsException(key, $"{key} = {value} must be above zero.");
        }
    }
}

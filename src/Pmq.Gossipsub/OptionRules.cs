using System.Globalization;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Protection;
using Pmq.Gossipsub.Scoring;

namespace Pmq.Gossipsub;

/// <summary>
/// The ranges and relations of <see cref="GossipsubOptions"/> (gossipsub.md: a mesh that cannot be kept is refused).
/// </summary>
internal static class OptionRules
{
    private const string Overlay = "pubsub.overlay.";

    public static List<OptionFault> Check(GossipsubOptions options)
    {
        List<OptionFault> faults = [];
        CheckDegrees(options.DefaultMesh, Overlay, faults);
        bool isFraction = options.GossipFactor is >= 0 and <= 1;
        Require(faults, isFraction, Overlay + "gossipFactor", options.GossipFactor, "0 to 1");
        CheckTopics(options, faults);
        CheckControl(options, faults);
        CheckHistory(options, faults);
        CheckTimes(options, faults);
        CheckLimits(options, faults);
        CheckProtection(options.QueueProtection, faults);
        if (options.Scoring is { } scoring)
        {
            ScoreRules.Check(scoring, faults);
        }

        return faults;
    }

    private static void CheckDegrees(MeshParameters mesh, string keys, List<OptionFault> faults)
    {
        int d = mesh.Degree;
        int low = mesh.Low;
        int high = mesh.High;
        int outbound = mesh.Outbound;
        InRange(faults, keys + "d", d, 0, 1000);
        InRange(faults, keys + "dlazy", mesh.GossipDegree, 0, 1000);
        Require(faults, low >= 0 && low <= d, keys + "dlo", low, $"0 to d ({d})");
        Require(faults, high >= d && high <= 10_000, keys + "dhi", high, $"d ({d}) to 10000");
        Require(faults, mesh.Score >= 0 && mesh.Score <= high, keys + "dscore", mesh.Score, $"0 to dhi ({high})");

        // 0 is always legal, so that a bootstrapper can set all to 0.
        bool fits = outbound == 0 || (outbound > 0 && outbound < low && 2 * outbound < d);
        Require(faults, fits, keys + "dout", outbound, $"less than dlo ({low}) and than half of d ({d})");
    }

    private static void CheckTopics(GossipsubOptions options, List<OptionFault> faults)
    {
        CheckTopic(options, options.DefaultRules, "pubsub.", faults);
        foreach ((string topic, TopicRules rules) in options.Topics)
        {
            CheckTopic(options, rules, $"pubsub.topics.{topic}.", faults);
        }
    }

    private static void CheckTopic(GossipsubOptions options, TopicRules rules, string keys, List<OptionFault> faults)
    {
        if (rules.Mesh is { } mesh)
        {
            CheckDegrees(mesh, keys + "overlay.", faults);
        }

        if (rules.MaxMessageSize is { } size)
        {
            bool fits = size >= 128 && size <= options.MaxMessageSize;
            Require(
                faults, fits, keys + "maxMessageSize", size,
                $"128 to pubsub.maxMessageSize ({options.MaxMessageSize})");
        }
    }

    private static void CheckControl(GossipsubOptions options, List<OptionFault> faults)
    {
        const int Many = 1_000_000;
        InRange(faults, Overlay + "iDontWantThreshold", options.IDontWantThreshold, 0, 1 << 30);
        InRange(faults, Overlay + "maxIDontWantIds", options.MaxIDontWantIds, 0, Many);
        InRange(faults, Overlay + "maxIDontWantMessages", options.MaxIDontWantMessages, 0, Many);
        InRange(faults, Overlay + "iDontWantTTL", options.IDontWantTtl, 1, 100);
        InRange(faults, Overlay + "maxRecoveries", options.MaxRecoveries, 0, Many);
        InRange(faults, Overlay + "prunePeers", options.PrunePeers, 0, 64);
        InRange(faults, Overlay + "maxExchangedPeers", options.MaxExchangedPeers, 0, 10_000);
        InRange(faults, Overlay + "directConnectTicks", options.DirectConnectTicks, 1, 100_000);
        InRange(faults, Overlay + "maxDoubtfulSignatures", options.MaxDoubtfulSignatures, 0, Many);
        InRange(faults, "pubsub.directPeers (count)", options.DirectPeers.Count, 0, 1000);
    }

    private static void CheckHistory(GossipsubOptions options, List<OptionFault> faults)
    {
        InRange(faults, Overlay + "mCacheLen", options.HistoryLength, 1, 100);
        bool fits = options.HistoryGossip >= 0 && options.HistoryGossip <= options.HistoryLength;
        Require(
            faults, fits, Overlay + "mCacheGossip", options.HistoryGossip, $"0 to mCacheLen ({options.HistoryLength})");
        AtLeastMessage(faults, options, Overlay + "mCacheBytes", options.HistoryBytes);
        InRange(faults, Overlay + "mCacheMessages", options.MaxHistory, 1, 1 << 24);
        InRange(faults, Overlay + "maxSeen", options.MaxSeen, 3, 1 << 28);
    }

    private static void CheckTimes(GossipsubOptions options, List<OptionFault> faults)
    {
        TimeSpan second = TimeSpan.FromSeconds(1);
        TimeSpan minute = TimeSpan.FromMinutes(1);
        TimeSpan hour = TimeSpan.FromHours(1);
        InRange(
            faults, Overlay + "heartbeatInterval", options.HeartbeatInterval, TimeSpan.FromMilliseconds(10), minute);
        InRange(faults, Overlay + "heartbeatInitialDelay", options.HeartbeatInitialDelay, TimeSpan.Zero, minute);
        InRange(faults, Overlay + "fanoutTTL", options.FanoutTtl, TimeSpan.Zero, 24 * hour);
        InRange(faults, Overlay + "seenTTL", options.SeenTtl, second, 24 * hour);
        InRange(faults, Overlay + "pruneBackoff", options.PruneBackoff, second, hour);
        InRange(faults, Overlay + "unsubscribeBackoff", options.UnsubscribeBackoff, second, hour);
        InRange(faults, Overlay + "maxBackoff", options.MaxBackoff, second, 24 * hour);
        InRange(faults, Overlay + "backoffSlack", options.BackoffSlack, TimeSpan.Zero, minute);
        InRange(faults, Overlay + "graftFloodThreshold", options.GraftFloodThreshold, TimeSpan.Zero, hour);
        InRange(
            faults, Overlay + "iWantFollowupTime", options.IWantFollowupTime, TimeSpan.FromMilliseconds(10), minute);
    }

    private static void CheckLimits(GossipsubOptions options, List<OptionFault> faults)
    {
        const int Many = 1_000_000;
        InRange(faults, "pubsub.maxMessageSize", options.MaxMessageSize, 1024, 64 * 1024 * 1024);
        InRange(faults, Overlay + "maxIHaveLength", options.MaxIHaveLength, 0, Many);
        InRange(faults, Overlay + "maxIHaveMessages", options.MaxIHaveMessages, 0, Many);
        InRange(faults, Overlay + "maxIWantLength", options.MaxIWantLength, 0, Many);
        InRange(faults, Overlay + "maxIWantBytes", options.MaxIWantBytes, 0, 1L << 40);
        InRange(faults, Overlay + "gossipRetransmission", options.GossipRetransmission, 0, 1000);
        InRange(faults, Overlay + "opportunisticGraftTicks", options.OpportunisticGraftTicks, 1, Many);
        InRange(faults, Overlay + "opportunisticGraftPeers", options.OpportunisticGraftPeers, 0, 1000);
        InRange(faults, Overlay + "maxWantedIds", options.MaxWantedIds, 0, Many);
        InRange(faults, Overlay + "maxBackoffs", options.MaxBackoffsPerTopic, 0, Many);
        InRange(faults, "pubsub.validationQueueSize", options.MaxPendingPerTopic, 1, Many);
        AtLeastMessage(faults, options, "pubsub.validationQueueBytes", options.MaxPendingBytesPerTopic);
        InRange(faults, "pubsub.subFilter.limit", options.MaxTopicsPerPeer, 1, Many);
        InRange(faults, "pubsub.maxTopics", options.MaxTopics, 1, Many);
        bool fits = options.RpcLimits.MaxTopicLength >= 1
            && options.RpcLimits.MaxTopicLength <= options.MaxMessageSize / 2;
        Require(
            faults, fits, "pubsub.maxTopicLength", options.RpcLimits.MaxTopicLength,
            $"1 to half of maxMessageSize ({options.MaxMessageSize})");
    }

    private static void CheckProtection(QueueProtectionOptions? options, List<OptionFault> faults)
    {
        const string Keys = "pubsub.queueProtection.";
        if (options is null)
        {
            return;
        }

        TimeSpan second = TimeSpan.FromSeconds(1);
        TimeSpan day = TimeSpan.FromDays(1);
        InRange(faults, Keys + "threshold", options.Threshold, double.Epsilon, 1e9);
        InRange(faults, Keys + "quiet", options.Quiet, TimeSpan.FromTicks(1), day);
        InRange(faults, Keys + "decayInterval", options.DecayInterval, second, TimeSpan.FromHours(1));
        InRange(faults, Keys + "decayToZero", options.DecayToZero, double.Epsilon, 1 - 1e-9);
        InRange(faults, Keys + "globalDecayTime", options.GlobalDecayTime, options.DecayInterval, day);
        InRange(faults, Keys + "sourceDecayTime", options.SourceDecayTime, options.DecayInterval, 30 * day);
        InRange(faults, Keys + "duplicateWeight", options.DuplicateWeight, 0, 1e9);
        InRange(faults, Keys + "ignoreWeight", options.IgnoreWeight, 1, 1e9);
        InRange(faults, Keys + "rejectWeight", options.RejectWeight, options.IgnoreWeight, 1e9);
        InRange(faults, Keys + "retainSource", options.RetainSource, TimeSpan.Zero, 7 * day);
        InRange(faults, Keys + "maxSources", options.MaxSources, 1, 1_000_000);
        foreach ((string topic, double weight) in options.DeliveryWeights)
        {
            InRange(faults, $"{Keys}deliveryWeights.{topic}", weight, 0, 1e9);
        }
    }

    private static void AtLeastMessage(List<OptionFault> faults, GossipsubOptions options, string key, long value) =>
        Require(
            faults, value >= options.MaxMessageSize, key, value, $"at least maxMessageSize ({options.MaxMessageSize})");

    internal static void InRange<T>(List<OptionFault> faults, string key, T value, T min, T max)
        where T : IComparable<T>, IFormattable =>
        Require(
            faults, value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0, key, value,
            string.Create(CultureInfo.InvariantCulture, $"{min} to {max}"));

    internal static void Require<T>(List<OptionFault> faults, bool holds, string key, T value, string right)
        where T : IFormattable
    {
        if (!holds)
        {
            faults.Add(new OptionFault(
                key, string.Create(CultureInfo.InvariantCulture, $"{key} is {value}; it must be {right}.")));
        }
    }
}

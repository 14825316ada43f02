using Pmq.Core.Runtime;
using Pmq.Gossipsub.Protection;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

public sealed class OptionTests
{
    public static TheoryData<GossipsubOptions, string> Wrong => new()
    {
        { new GossipsubOptions { MeshDegree = -1, MeshDegreeLow = -1 }, "pubsub.overlay.d" },
        { new GossipsubOptions { MeshDegreeLow = 7 }, "pubsub.overlay.dlo" },
        { new GossipsubOptions { MeshDegreeHigh = 5 }, "pubsub.overlay.dhi" },
        { new GossipsubOptions { MeshDegreeScore = 13 }, "pubsub.overlay.dscore" },
        { new GossipsubOptions { MeshDegreeOutbound = 3 }, "pubsub.overlay.dout" },
        { new GossipsubOptions { MeshDegreeLow = 2, MeshDegreeOutbound = 2 }, "pubsub.overlay.dout" },
        { new GossipsubOptions { GossipDegree = -1 }, "pubsub.overlay.dlazy" },
        { new GossipsubOptions { GossipFactor = double.NaN }, "pubsub.overlay.gossipFactor" },
        { new GossipsubOptions { HistoryLength = 2 }, "pubsub.overlay.mCacheGossip" },
        { new GossipsubOptions { HistoryLength = 0, HistoryGossip = 0 }, "pubsub.overlay.mCacheLen" },
        { new GossipsubOptions { HeartbeatInterval = TimeSpan.Zero }, "pubsub.overlay.heartbeatInterval" },
        { new GossipsubOptions { SeenTtl = TimeSpan.FromDays(2) }, "pubsub.overlay.seenTTL" },
        { new GossipsubOptions { FanoutTtl = TimeSpan.FromSeconds(-1) }, "pubsub.overlay.fanoutTTL" },
        { new GossipsubOptions { MaxMessageSize = 1023 }, "pubsub.maxMessageSize" },
        { new GossipsubOptions { HistoryBytes = 1024 }, "pubsub.overlay.mCacheBytes" },
        { new GossipsubOptions { MaxPendingPerTopic = 0 }, "pubsub.validationQueueSize" },
        { new GossipsubOptions { MaxTopics = 0 }, "pubsub.maxTopics" },
        { Guarded(new() { Threshold = double.NaN }), "pubsub.queueProtection.threshold" },
        { Guarded(new() { Quiet = TimeSpan.Zero }), "pubsub.queueProtection.quiet" },
        { Guarded(new() { DecayInterval = TimeSpan.FromMilliseconds(999) }), "pubsub.queueProtection.decayInterval" },
        { Guarded(new() { DecayToZero = 1 }), "pubsub.queueProtection.decayToZero" },
        { Guarded(new() { GlobalDecayTime = TimeSpan.Zero }), "pubsub.queueProtection.globalDecayTime" },
        { Guarded(new() { SourceDecayTime = TimeSpan.Zero }), "pubsub.queueProtection.sourceDecayTime" },
        { Guarded(new() { DuplicateWeight = -1 }), "pubsub.queueProtection.duplicateWeight" },
        { Guarded(new() { IgnoreWeight = 0.5 }), "pubsub.queueProtection.ignoreWeight" },
        { Guarded(new() { RejectWeight = 0.5 }), "pubsub.queueProtection.rejectWeight" },
        { Guarded(new() { RetainSource = TimeSpan.FromDays(8) }), "pubsub.queueProtection.retainSource" },
        { Guarded(new() { MaxSources = 0 }), "pubsub.queueProtection.maxSources" },
        {
            Guarded(new() { DeliveryWeights = new Dictionary<string, double> { ["t"] = -1 } }),
            "pubsub.queueProtection.deliveryWeights.t"
        },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void What_is_wrong_is_named_by_its_key(GossipsubOptions options, string key)
    {
        OptionFault fault = options.Validate()[0];

        Assert.Equal(key, fault.Key);
        Assert.StartsWith($"{key} is ", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
        Assert.Throws<ArgumentException>(
            () => new GossipsubRouter(options, TestPeers.Id(1), new SeededChance(1), TimeSpan.Zero));
    }

    [Fact]
    public void A_message_tells_key_value_and_what_would_be_right() => Assert.Equal(
        "pubsub.overlay.dlo is 7; it must be 0 to d (6).",
        new GossipsubOptions { MeshDegreeLow = 7 }.Validate()[0].Message);

    [Fact]
    public void The_defaults_are_the_specified_ones()
    {
        GossipsubOptions options = new();

        Assert.Empty(options.Validate());
        Assert.Equal((6, 5, 12, 4, 2), Degrees(options));
        Assert.Equal((6, 0.25), (options.GossipDegree, options.GossipFactor));
        Assert.Equal((5, 3), (options.HistoryLength, options.HistoryGossip));
        Assert.Equal(
            (5000, 10, 3), (options.MaxIHaveLength, options.MaxIHaveMessages, options.GossipRetransmission));
        Assert.Equal(1024 * 1024, options.MaxMessageSize);
        Assert.Equal(
            [0.1, 1, 60, 60, 10, 10, 3, 120],
            new[]
            {
                options.HeartbeatInitialDelay, options.HeartbeatInterval, options.FanoutTtl, options.PruneBackoff,
                options.UnsubscribeBackoff, options.GraftFloodThreshold, options.IWantFollowupTime, options.SeenTtl,
            }.Select(time => time.TotalSeconds));
    }

    [Theory]
    [InlineData(0, 0, 0, 0, 0)]
    [InlineData(1, 1, 12, 1, 0)]
    [InlineData(2, 2, 12, 2, 0)]
    [InlineData(3, 3, 12, 3, 1)]
    [InlineData(4, 4, 12, 4, 1)]
    [InlineData(5, 5, 12, 4, 2)]
    [InlineData(8, 5, 16, 4, 2)]
    [InlineData(100, 5, 200, 4, 2)]
    public void What_is_unset_follows_D(int d, int low, int high, int score, int outbound)
    {
        GossipsubOptions options = new() { MeshDegree = d };

        Assert.Empty(options.Validate());
        Assert.Equal((d, low, high, score, outbound), Degrees(options));
    }

    [Fact]
    public void What_is_unset_follows_D_low() => Assert.Equal(
        1, new GossipsubOptions { MeshDegreeLow = 2 }.EffectiveOutbound);

    [Fact]
    public void All_degrees_zero_are_legal_for_a_bootstrapper() => Assert.Empty(
        new GossipsubOptions
        {
            MeshDegree = 0,
            MeshDegreeLow = 0,
            MeshDegreeHigh = 0,
            MeshDegreeScore = 0,
            MeshDegreeOutbound = 0,
        }.Validate());

    [Fact]
    public void Protocol_ids_read_back()
    {
        Assert.Equal(["/meshsub/1.2.0", "/meshsub/1.1.0", "/meshsub/1.0.0", "/floodsub/1.0.0"], PubsubProtocols.Ids);
        Assert.All(PubsubProtocols.Ids, id =>
        {
            Assert.True(PubsubProtocols.TryParse(id, out PubsubProtocol protocol));
            Assert.Equal(id, PubsubProtocols.IdOf(protocol));
        });
        Assert.False(PubsubProtocols.TryParse("/meshsub/9", out _));
    }

    private static (int D, int Low, int High, int Score, int Outbound) Degrees(GossipsubOptions options) =>
        (options.MeshDegree, options.EffectiveLow, options.EffectiveHigh, options.EffectiveScore,
            options.EffectiveOutbound);

    private static GossipsubOptions Guarded(QueueProtectionOptions options) => new() { QueueProtection = options };
}

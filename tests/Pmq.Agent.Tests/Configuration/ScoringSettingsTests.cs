using System.Net;
using System.Reflection;
using Pmq.Agent.Configuration;
using Pmq.Engine;
using Pmq.Engine.Tracing;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Agent.Tests.Configuration;

/// <summary>What a file says of scores, traces and the router reaches the options; what it leaves out follows.</summary>
public sealed class ScoringSettingsTests
{
    private const string EveryTopicKey =
        """
        weight: 2
        timeInMesh: {weight: 0.5, quantum: 7s, cap: 3}
        firstMessageDeliveries: {weight: 0.25, decay: 0.5, cap: 4}
        meshMessageDeliveries: {weight: -2, decay: 0.25, cap: 30, threshold: 20, window: 2s, activation: 9s}
        meshFailurePenalty: {weight: -3, decay: 0.125}
        invalidMessageDeliveries: {weight: -4, decay: 0.75}
        """;

    private const string EveryKey =
        """
        thresholds: {gossip: -10, publish: -20, graylist: -30, acceptPx: 1, opportunisticGraft: 2}
        topicScoreCap: 5
        topicGate: -1
        appSpecificScore: {weight: 3}
        ipColocationFactor: {weight: -6, threshold: 7, whitelist: [10.0.0.0/8, "fd00::/8"]}
        behaviourPenalty: {weight: -1, decay: 0.5, threshold: 2}
        slowPeer: {weight: -2, decay: 0.25, threshold: 8}
        decayInterval: 2s
        decayToZero: 0.5
        retainScore: 2h
        maxRetained: 9
        """;

    [Fact]
    public void Every_number_of_a_score_can_be_set()
    {
        PeerScoreOptions set = Scoring(
            EveryKey + "\ndefaultTopic:\n" + Indented(EveryTopicKey, 2) + "\ntopics: {own: {weight: 9}}");

        AllDiffer(PeerScoreOptions.Default, set);
        AllDiffer(new ScoreThresholds(), set.Thresholds);
        AllDiffer(TopicScoreOptions.Default, set.DefaultTopic!);
        Assert.Equal([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8")], set.IpColocationWhitelist);
        Assert.Equal(-6, set.IpColocationWeight);
        Assert.Equal(TimeSpan.FromSeconds(9), set.DefaultTopic!.MeshMessageDeliveriesActivation);
    }

    [Fact]
    public void A_topic_takes_what_its_own_numbers_leave_out_from_the_default_topic()
    {
        GossipsubOptions router = Router(
            """
            scoring:
              defaultTopic: {weight: 7}
              topics:
                some.topic: {timeInMesh: {cap: 3}}
            topics:
              - name: some.topic
                scoring:
                  topics:
                    some.topic: {timeInMesh: {quantum: 3s}}
            """);

        Assert.Equal(
            TopicScoreOptions.Default with
            {
                Weight = 7,
                TimeInMeshCap = 3,
                TimeInMeshQuantum = TimeSpan.FromSeconds(3),
            },
            Assert.Contains("some.topic", router.Scoring!.Topics));
        Assert.Empty(router.Validate());
    }

    [Theory]
    [InlineData("{gossip: -600}", -600, -600, -600)]
    [InlineData("{publish: -10}", -10, -10, -500)]
    [InlineData("{graylist: -100}", -50, -100, -100)]
    [InlineData("{graylist: -10}", -10, -10, -10)]
    [InlineData("{gossip: -1, graylist: -9}", -1, -9, -9)]
    [InlineData("{}", -50, -200, -500)]
    public void Thresholds_that_are_not_set_stay_on_their_side_of_what_is(
        string thresholds, double gossip, double publish, double graylist)
    {
        PeerScoreOptions set = Scoring("thresholds: " + thresholds);

        Assert.Equal(
            new ScoreThresholds { Gossip = gossip, Publish = publish, Graylist = graylist }, set.Thresholds);
    }

    [Fact]
    public void A_threshold_of_deliveries_lifts_a_cap_that_is_not_set()
    {
        Assert.Equal(
            400,
            Scoring("defaultTopic: {meshMessageDeliveries: {weight: -1, threshold: 400}}")
                .DefaultTopic!.MeshMessageDeliveriesCap);
    }

    [Fact]
    public void Scoring_is_on_unless_it_is_switched_off()
    {
        Assert.Equal(PeerScoreOptions.Default.Thresholds, Router("maxMessageSize: 4096").Scoring!.Thresholds);
        Assert.Null(Router("scoring: {enabled: false}").Scoring);
    }

    [Theory]
    [InlineData(
        "scoring: {thresholds: {gossip: 1}}", "pmq.yaml:2: pubsub.scoring.thresholds.gossip = 1: must be a number of at most 0")]
    [InlineData(
        "scoring: {thresholds: {gossip: -2, graylist: -1}}",
        "pmq.yaml:2: pubsub.scoring.thresholds.graylist = -1: must be at most pubsub.scoring.thresholds.gossip, which is -2 (pmq.yaml:2)")]
    [InlineData(
        "scoring: {behaviourPenalty: {decay: 1}}",
        "pmq.yaml:2: pubsub.scoring.behaviourPenalty.decay = 1: must be a number above 0 and below 1")]
    [InlineData(
        "scoring: {ipColocationFactor: {whitelist: [10.0.0.0/64]}}",
        "pmq.yaml:2: pubsub.scoring.ipColocationFactor.whitelist = [10.0.0.0/64]: must be a network as 10.0.0.0/8 or fd00::/8")]
    [InlineData(
        "scoring: {topics: {t: {timeInMesh: {wight: 1}}}}",
        "pmq.yaml:2: unknown key pubsub.scoring.topics.t.timeInMesh.wight; did you mean pubsub.scoring.topics.t.timeInMesh.weight?")]
    [InlineData(
        "queueProtection: {quiet: 48h}",
        "pmq.yaml:2: pubsub.queueProtection.quiet = 48h: must be a duration from 100ns to 24h0m0s, as 1m30s or in nanoseconds")]
    public void A_wrong_value_is_named_with_what_would_be_right(string line, string fault) =>
        Assert.Equal(fault, Configurations.Fault("pmq.yaml", "pubsub:\n  " + line));

    [Fact]
    public void What_contradicts_itself_is_named_with_its_place()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("pmq.yaml", "pubsub:\n  queueProtection: {ignoreWeight: 9, rejectWeight: 8}");

        var refused = Assert.Throws<ConfigurationException>(() => AgentOptions.From(Configurations.Load(path)));

        Assert.StartsWith(
            $"{path}:2: pubsub.queueProtection.rejectWeight", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void A_weight_of_rejects_that_is_not_set_follows_that_of_ignores() =>
        Assert.Equal(20, Router("queueProtection: {ignoreWeight: 20}").QueueProtection!.RejectWeight);

    [Fact]
    public void A_wrong_event_is_answered_with_the_names_of_all()
    {
        string fault = Configurations.Fault("pmq.yaml", "pubsub: {trace: {skiplist: [RPC]}}");

        Assert.StartsWith(
            "pmq.yaml:1: pubsub.trace.skiplist = [RPC]: must be one of PUBLISH_MESSAGE, ", fault,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_trace_goes_where_the_file_says()
    {
        TraceOptions? trace = Options(
            "trace: {jsonFile: a, protobufFile: b, skiplist: [RECV_RPC, GRAFT], debug: true, "
            + "bufferBytes: 65536, maxFileBytes: 1048576}").Peer.Trace;

        Assert.Equal(("a", "b", true), (trace!.JsonFile, trace.ProtobufFile, trace.Log));
        Assert.Equal([TraceKind.ReceiveRpc, TraceKind.Graft], trace.Skip.Order());
        Assert.Equal((65536, 1048576L), (trace.BufferBytes, trace.MaxFileBytes));
        Assert.True(Options("trace: true").Peer.Trace!.Log);
        Assert.Null(Options("trace: {skiplist: [GRAFT]}").Peer.Trace);
    }

    [Fact]
    public void The_routers_own_keys_reach_it()
    {
        const string Peer = "/ip4/127.0.0.1/tcp/1/p2p/12D3KooWNBpcEZvtNLkAuHf3RdsRcokeQQNc2WrgU7iHipwVAKWM";
        GossipsubOptions router = Router(
            $$"""
            overlay: {gossipFactor: 0.5, floodPublish: true, pruneBackoff: 2s, unsubscribeBackoff: 3s,
              opportunisticGraftTicks: 4, opportunisticGraftPeers: 5, peerExchange: true, prunePeers: 6,
              peerExchangePublicOnly: true, iDontWantThreshold: 7}
            directPeers: ["{{Peer}}"]
            queueProtection: {threshold: 0.5, quiet: 2m, duplicateWeight: 1, ignoreWeight: 2, rejectWeight: 3,
              retainSource: 1h, maxSources: 4}
            """);

        Assert.Equal((0.5, true, 4, 5), (
            router.GossipFactor, router.FloodPublish, router.OpportunisticGraftTicks, router.OpportunisticGraftPeers));
        Assert.Equal((2, 3), (router.PruneBackoff.TotalSeconds, router.UnsubscribeBackoff.TotalSeconds));
        Assert.Equal((true, 6, true, 7), (
            router.PeerExchange, router.PrunePeers, router.PeerExchangePublicOnly, router.IDontWantThreshold));
        Assert.Equal(Peer, Assert.Single(Assert.Single(router.DirectPeers).Addresses).ToString());
        Assert.Equal((0.5, 1, 2, 3, 4), (
            router.QueueProtection!.Threshold, router.QueueProtection.DuplicateWeight,
            router.QueueProtection.IgnoreWeight, router.QueueProtection.RejectWeight,
            router.QueueProtection.MaxSources));
        Assert.Empty(router.Validate());
        Assert.Null(Router("queueProtection: {enabled: false}").QueueProtection);
    }

    [Fact]
    public void A_topic_can_have_a_mesh_a_size_and_times_of_its_own()
    {
        PmqPeerOptions peer = Options(
            """
            overlay: {d: 8, dlo: 7, dlazy: 9}
            topics:
              - name: own
                overlay: {d: 3}
                maxMessageSize: 4096
                msgValidator: {timeout: 2s, concurrency: 4}
              - {name: lazy, overlay: {dlazy: 2}}
              - {name: same}
            """).Peer;

        Assert.Equal(new MeshParameters { Degree = 3, GossipDegree = 9 }, peer.TopicSettings["own"].Mesh);
        Assert.Equal(
            new MeshParameters { Degree = 8, DegreeLow = 7, GossipDegree = 2 }, peer.TopicSettings["lazy"].Mesh);
        Assert.Null(peer.TopicSettings["same"].Mesh);
        Assert.Equal(
            (4096, TimeSpan.FromSeconds(2), 4),
            (peer.TopicSettings["own"].MaxMessageSize, peer.TopicSettings["own"].VerdictTimeout,
                peer.TopicSettings["own"].VerdictConcurrency));
    }

    [Fact]
    public void What_waits_for_a_peer_is_bounded_by_keys_that_follow_the_largest_message()
    {
        PmqPeerOptions set = Options(
            "{outboundQueueBytes: 2000000, outboundRelayBytes: 3000000, publishDeadline: 7s, relayDeadline: 300ms}").Peer;
        PmqPeerOptions follows = Options("maxMessageSize: 8388608").Peer;
        PmqPeerOptions half = Options("outboundQueueBytes: 2000000").Peer;

        Assert.Equal(
            (2_000_000, 3_000_000, TimeSpan.FromSeconds(7), TimeSpan.FromMilliseconds(300)),
            (set.OutboundQueueBytes, set.OutboundRelayBytes, set.PublishDeadline, set.RelayDeadline));
        Assert.Equal((33_554_432, 33_554_432), (follows.OutboundQueueBytes, follows.OutboundRelayBytes));
        Assert.Equal((2_000_000, 2_000_000), (half.OutboundQueueBytes, half.OutboundRelayBytes));
    }

    [Fact]
    public void What_a_topic_cannot_say_of_a_peers_score_is_warned_of_and_skipAtomic_is_not()
    {
        AgentOptions options = Options(
            "topics: [{name: t, scoring: {skipAtomic: true, topicScoreCap: 4, "
            + "topics: {t: {skipAtomic: true, weight: 1}}}}]");

        Assert.Single(
            options.Warnings, warning => warning.Contains("does not act on it", StringComparison.Ordinal)
                && warning.Contains("pubsub.topics[0].scoring.topicScoreCap", StringComparison.Ordinal));
        Assert.DoesNotContain(options.Warnings, warning => warning.Contains("skipAtomic", StringComparison.Ordinal));
    }

    private static void AllDiffer<T>(T defaults, T set)
    {
        foreach (PropertyInfo property in typeof(T).GetProperties().Where(property => property.SetMethod is not null))
        {
            Assert.False(
                Equals(property.GetValue(defaults), property.GetValue(set)), $"{property.Name} is as by default");
        }
    }

    private static PeerScoreOptions Scoring(string yaml) => Router("scoring:\n" + Indented(yaml, 2)).Scoring!;

    private static GossipsubOptions Router(string yaml) => Options(yaml).Peer.Gossipsub;

    private static AgentOptions Options(string yaml) =>
        AgentOptions.From(Configurations.Yaml("pubsub:\n" + Indented(yaml, 2) + "\n"));

    private static string Indented(string text, int by) =>
        string.Join('\n', text.Split('\n').Select(line => new string(' ', by) + line));
}

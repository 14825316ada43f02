using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests.Scoring;

/// <summary>Options with one factor on at a time, and the events that count, in one line each.</summary>
internal static class ScoreBench
{
    public const string Topic = "t";

    /// <summary>No factor of a topic counts.</summary>
    public static TopicScoreOptions Silent { get; } = new()
    {
        TimeInMeshWeight = 0,
        FirstMessageDeliveriesWeight = 0,
        InvalidMessageDeliveriesWeight = 0,
    };

    /// <summary>
    /// P3 and P3b as the tests want them: threshold 4, window 10 ms, active after 1 s, no decay to speak of.
    /// </summary>
    public static TopicScoreOptions MeshDeliveries { get; } = Silent with
    {
        MeshMessageDeliveriesWeight = -1,
        MeshMessageDeliveriesThreshold = 4,
        MeshMessageDeliveriesCap = 100,
        MeshMessageDeliveriesDecay = 0.999_999,
        MeshMessageDeliveriesWindow = TimeSpan.FromMilliseconds(10),
        MeshMessageDeliveriesActivation = TimeSpan.FromSeconds(1),
        MeshFailurePenaltyWeight = -1,
        MeshFailurePenaltyDecay = 0.999_999,
    };

    /// <summary>Nothing but the topic counts, and nothing is done about a score.</summary>
    public static PeerScoreOptions Only(TopicScoreOptions topic) => new()
    {
        DefaultTopic = topic,
        TopicScoreCap = 0,
        TopicGate = null,
        BehaviourPenaltyWeight = 0,
        IpColocationWeight = 0,
        SlowPeerWeight = 0,
        Thresholds = new ScoreThresholds { Gossip = -1e9, Publish = -1e9, Graylist = -1e9 },
    };

    public static RouterHarness Router(TopicScoreOptions topic) => Router(Only(topic));

    public static RouterHarness Router(PeerScoreOptions? scoring)
    {
        RouterHarness router = new(new GossipsubOptions { Scoring = scoring, QueueProtection = null });
        router.Join(Topic);
        return router;
    }

    public static double Score(this RouterHarness router, GossipPeer peer) => router.Router.ScoreOf(peer);

    public static PeerScoreView Explain(this RouterHarness router, GossipPeer peer) =>
        router.Router.ExplainScore(peer.Id, router.Now)!;

    public static TopicScoreView ExplainTopic(this RouterHarness router, GossipPeer peer) =>
        Assert.Single(router.Explain(peer).Topics);

    public static void Send(this RouterHarness router, GossipPeer peer, string data, string topic = Topic) =>
        router.Receive(peer, new RpcBuilder().Publish(topic, data));

    public static GossipMessage LastValidating(this RouterHarness router) => router.Validating.Last();

    /// <summary>A peer hands over a message, and the node judges it.</summary>
    public static void SendJudged(
        this RouterHarness router, GossipPeer peer, string data, Verdict verdict, string topic = Topic)
    {
        router.Send(peer, data, topic);
        router.Judge(router.LastValidating(), verdict);
    }

    public static void SendMany(this RouterHarness router, GossipPeer peer, int count, Verdict verdict)
    {
        for (int i = 0; i < count; i++)
        {
            router.SendJudged(peer, $"{router.Router.Counters.MessagesReceived}", verdict);
        }
    }

    public static bool IsInMesh(this RouterHarness router, GossipPeer peer, string topic = Topic) =>
        router.Router.MeshOf(topic).Contains(peer);
}

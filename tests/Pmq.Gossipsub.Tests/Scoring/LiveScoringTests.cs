using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;
using static Pmq.Gossipsub.Tests.Scoring.ScoreBench;

namespace Pmq.Gossipsub.Tests.Scoring;

public sealed class LiveScoringTests
{
    [Fact]
    public void Counters_are_cut_to_the_new_caps()
    {
        TopicScoreOptions topic = Silent with
        {
            FirstMessageDeliveriesWeight = 1,
            FirstMessageDeliveriesCap = 50,
            FirstMessageDeliveriesDecay = 0.9,
        };
        RouterHarness router = Router(topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 50, Verdict.Accept);
        router.Router.SetTopicScoring(Topic, topic with { FirstMessageDeliveriesCap = 10 });
        Assert.Equal(10, router.Score(peer));

        router.SendMany(peer, 1, Verdict.Accept);
        Assert.Equal(10, router.Score(peer));
    }

    [Fact]
    public void New_weights_act_at_once_on_what_was_counted_before()
    {
        TopicScoreOptions topic = Silent with { InvalidMessageDeliveriesWeight = -1 };
        RouterHarness router = Router(topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 100, Verdict.Reject);
        Assert.Equal(-10_000, router.Score(peer));

        router.Router.SetTopicScoring(Topic, topic with { InvalidMessageDeliveriesWeight = -10 });
        Assert.Equal(-100_000, router.Score(peer));
        router.Router.SetTopicScoring(Topic, null);
        Assert.Equal(-10_000, router.Score(peer));
    }

    [Fact]
    public void A_factor_that_is_switched_off_forgets_what_it_counted()
    {
        TopicScoreOptions topic = Silent with { InvalidMessageDeliveriesWeight = -1 };
        RouterHarness router = Router(topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 3, Verdict.Reject);
        router.Router.SetTopicScoring(
            Topic, topic with { InvalidMessageDeliveriesWeight = 0, InvalidMessageDeliveriesDecay = double.NaN });
        router.Heartbeat(3);
        Assert.Equal(0, router.Score(peer));

        router.Router.SetTopicScoring(Topic, topic);
        Assert.Equal(0, router.Score(peer));
    }

    [Fact]
    public void Members_of_a_mesh_count_their_time_from_when_scoring_is_switched_on()
    {
        RouterHarness router = new(new GossipsubOptions { Scoring = null });
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.Heartbeat(5);
        Assert.Equal(0, router.Score(peer));
        Assert.Null(router.Router.ExplainScore(peer.Id, router.Now));

        router.Router.SetScoring(
            Only(Silent with { TimeInMeshWeight = 1, TimeInMeshQuantum = TimeSpan.FromSeconds(1) }));
        router.Heartbeat(3);
        Assert.Equal(3, router.Score(peer));

        router.Router.SetScoring(null);
        router.Heartbeat();
        Assert.Equal(0, router.Score(peer));
        Assert.Empty(router.Router.ExplainScores(router.Now));
    }

    [Fact]
    public void Numbers_that_are_not_valid_are_refused_and_change_nothing()
    {
        RouterHarness router = Router(Only(Silent));
        PeerScoreOptions before = router.Router.Scoring!;

        ArgumentException fault = Assert.Throws<ArgumentException>(
            () => router.Router.SetTopicScoring("u", new TopicScoreOptions { Weight = -1 }));
        Assert.StartsWith("pubsub.scoring.topics.u.weight is -1; it must be", fault.Message, StringComparison.Ordinal);
        Assert.Same(before, router.Router.Scoring);
    }

    [Fact]
    public void A_score_is_explained_by_its_factors()
    {
        RouterHarness router = Router(PeerScoreOptions.Default with { BehaviourPenaltyThreshold = 0 });
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 7, Verdict.Accept);
        router.SendMany(peer, 2, Verdict.Reject);
        router.Violate(peer, RpcViolation.Malformed);
        router.Router.SetApplicationScore(peer.Id, 3);
        router.Advance(TimeSpan.FromSeconds(65));

        PeerScoreView view = router.Explain(peer);
        TopicScoreView topic = Assert.Single(view.Topics);
        Assert.Equal(router.Score(peer), view.Total);
        Assert.Equal(
            view.Total,
            view.TopicTotal + view.Application.Contribution + view.IpColocation.Contribution
                + view.BehaviourPenalty.Contribution + view.SlowPeer.Contribution,
            12);
        Assert.Equal(
            topic.Total,
            topic.MeshTime.Contribution + topic.FirstMessageDeliveries.Contribution
                + topic.MeshMessageDeliveries.Contribution + topic.MeshFailurePenalty.Contribution
                + topic.InvalidMessageDeliveries.Contribution,
            12);
        Assert.Equal([peer.Id], router.Router.ExplainScores(router.Now).Select(v => v.Peer));
    }
}

using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;
using static Pmq.Gossipsub.Tests.Scoring.ScoreBench;

namespace Pmq.Gossipsub.Tests.Scoring;

public sealed class RetentionTests
{
    private static readonly TopicScoreOptions Invalid = Silent with
    {
        FirstMessageDeliveriesWeight = 1,
        InvalidMessageDeliveriesWeight = -1,
        InvalidMessageDeliveriesDecay = 0.5,
    };

    [Fact]
    public void A_bad_score_is_there_again_when_the_peer_comes_back_and_has_not_decayed()
    {
        RouterHarness router = Router(Invalid);
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 3, Verdict.Reject);
        router.RemovePeer(peer);
        router.Heartbeat(20);

        GossipPeer back = router.AddPeer(Topic, id: peer.Id);
        Assert.Equal(-9, router.Score(back));
        router.Heartbeat();
        Assert.Equal(-2.25, router.Score(back));
    }

    [Fact]
    public void A_bad_score_is_forgotten_after_the_time_set()
    {
        RouterHarness router = Router(Only(Invalid) with { RetainScore = TimeSpan.FromSeconds(10) });
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 3, Verdict.Reject);
        router.RemovePeer(peer);
        router.Advance(TimeSpan.FromSeconds(9));
        PeerScoreView view = router.Explain(peer);
        Assert.False(view.IsConnected);
        Assert.Equal(TimeSpan.FromSeconds(1), view.Remaining);

        router.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(router.Router.ExplainScore(peer.Id, router.Now));
        Assert.Equal(0, router.Router.RetainedScores);
    }

    [Fact]
    public void A_positive_score_is_forgotten_at_once()
    {
        RouterHarness router = Router(Invalid);
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 5, Verdict.Accept);
        router.SendMany(peer, 1, Verdict.Reject);
        Assert.Equal(4, router.Score(peer));
        router.RemovePeer(peer);

        Assert.Null(router.Router.ExplainScore(peer.Id, router.Now));
        Assert.Equal(0, router.Score(router.AddPeer(Topic, id: peer.Id)));
    }

    [Fact]
    public void First_deliveries_are_not_kept()
    {
        RouterHarness router = Router(Invalid);
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 5, Verdict.Accept);
        router.SendMany(peer, 3, Verdict.Reject);
        Assert.Equal(-4, router.Score(peer));
        router.RemovePeer(peer);

        Assert.Equal(-9, router.Score(router.AddPeer(Topic, id: peer.Id)));
    }

    [Fact]
    public void Leaving_the_mesh_by_disconnecting_counts_as_P3b()
    {
        RouterHarness router = Router(MeshDeliveries);
        GossipPeer peer = router.AddPeer(Topic);
        router.Heartbeat(2);
        router.RemovePeer(peer);

        TopicScoreView topic = Assert.Single(router.Explain(peer).Topics);
        Assert.Equal(new ScoreFactor(16, -16), topic.MeshFailurePenalty);
        Assert.False(topic.IsInMesh);
        Assert.Equal(-16, router.Score(router.AddPeer(id: peer.Id)));
    }

    [Fact]
    public void A_score_is_not_cleared_by_taking_the_subscription_back()
    {
        RouterHarness router = Router(Invalid);
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 3, Verdict.Reject);
        router.Receive(peer, new RpcBuilder().Subscribe(Topic, false));
        router.Receive(peer, new RpcBuilder().Subscribe(Topic));

        Assert.Equal(-9, router.Score(peer));
        Assert.False(router.IsInMesh(peer));
    }

    [Fact]
    public void A_score_is_not_cleared_when_we_leave_the_topic_and_join_it_again()
    {
        RouterHarness router = Router(Invalid);
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 3, Verdict.Reject);
        router.Receive(peer, new RpcBuilder().Subscribe(Topic, false));
        router.Leave(Topic);
        router.Advance(TimeSpan.Zero);
        router.Join(Topic);

        Assert.Equal(-9, router.Score(peer));
    }

    [Fact]
    public void A_message_that_is_rejected_after_its_sender_left_counts_when_it_comes_back()
    {
        RouterHarness router = Router(Invalid);
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 4, Verdict.Accept);
        router.Send(peer, "late");
        GossipMessage message = router.LastValidating();
        router.RemovePeer(peer);
        router.Judge(message, Verdict.Reject);

        Assert.Equal(-1, router.Score(router.AddPeer(Topic, id: peer.Id)));
    }

    [Fact]
    public void A_message_that_is_rejected_after_its_sender_came_back_counts_too()
    {
        RouterHarness router = Router(Invalid);
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 4, Verdict.Accept);
        router.Send(peer, "late");
        GossipMessage message = router.LastValidating();
        router.RemovePeer(peer);
        GossipPeer back = router.AddPeer(Topic, id: peer.Id);
        router.Judge(message, Verdict.Reject);

        Assert.Equal(-1, router.Score(back));
    }

    [Fact]
    public void Those_that_left_without_a_trace_take_no_memory()
    {
        RouterHarness router = Router(PeerScoreOptions.Default);
        foreach (GossipPeer peer in router.AddPeers(50, Topic))
        {
            router.RemovePeer(peer);
        }

        Assert.Equal(0, router.Router.RetainedScores);
        Assert.Empty(router.Router.ExplainScores(router.Now));
    }

    [Fact]
    public void Beyond_the_bound_the_oldest_that_is_not_negative_goes_and_then_the_best()
    {
        // P7 within its threshold is remembered at a score of 0.
        RouterHarness router = Router(Only(Invalid) with
        {
            MaxRetained = 4,
            BehaviourPenaltyWeight = -1,
            BehaviourPenaltyThreshold = 10,
        });
        Leave(0, 0, 3, 2, 5);
        Assert.Equal([0, -9, -4, -25], Kept());
        Leave(4);
        Assert.Equal([-9, -4, -25, -16], Kept());
        Leave(1);
        Assert.Equal([-9, -4, -25, -16], Kept());
        Leave(6);
        Assert.Equal([-9, -25, -16, -36], Kept());

        void Leave(params int[] rejected)
        {
            foreach (int count in rejected)
            {
                GossipPeer peer = router.AddPeer(Topic);
                router.Violate(peer, RpcViolation.Malformed);
                router.SendMany(peer, count, Verdict.Reject);
                router.RemovePeer(peer);
            }
        }

        // Peers are numbered in the order in which they came.
        IEnumerable<double> Kept() => router.Router.ExplainScores(router.Now).Select(view => view.Total);
    }

    [Fact]
    public void Nothing_is_kept_where_nothing_shall_be()
    {
        foreach (PeerScoreOptions options in new[]
        {
            Only(Invalid) with { RetainScore = TimeSpan.Zero }, Only(Invalid) with { MaxRetained = 0 },
        })
        {
            RouterHarness router = Router(options);
            GossipPeer peer = router.AddPeer(Topic);
            router.Send(peer, "late");
            router.RemovePeer(peer);
            router.Judge(router.LastValidating(), Verdict.Reject);
            router.Heartbeat();

            Assert.Equal(0, router.Router.RetainedScores);
        }
    }
}

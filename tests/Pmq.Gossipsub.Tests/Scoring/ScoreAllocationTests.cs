using Pmq.Core.Runtime;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.State;
using Pmq.Gossipsub.Tests.Fixtures;
using static Pmq.Gossipsub.Tests.Scoring.ScoreBench;

namespace Pmq.Gossipsub.Tests.Scoring;

public sealed class ScoreAllocationTests
{
    [Fact]
    public void Scores_with_every_factor_on_allocate_nothing_for_a_message()
    {
        // P3b makes the router note who handed over what; P3 itself would empty the mesh of those that only receive.
        PeerScoreOptions every = PeerScoreOptions.Default with
        {
            DefaultTopic = TopicScoreOptions.Default with
            {
                MeshFailurePenaltyWeight = -1,
                MeshMessageDeliveriesThreshold = 100,
            },
        };

        Assert.Equal(AllocatedWith(null), AllocatedWith(every), 1024.0 * 16);
    }

    [Fact]
    public void A_score_is_read_and_a_heartbeat_refreshes_scores_without_allocation()
    {
        RouterHarness router = Router(PeerScoreOptions.Default);
        GossipPeer[] peers = router.AddPeers(30, Topic);
        router.SendMany(peers[0], 3, Verdict.Reject);
        router.Heartbeat(3);
        PeerScores scores = new(PeerScoreOptions.Default, new MessageKeyComparer(new SeededChance(1)), default);
        foreach (GossipPeer peer in peers)
        {
            scores.Add(peer);
            scores.OnMisdeed(peer, 20);
        }

        scores.Refresh(TimeSpan.FromSeconds(1));
        long before = GC.GetAllocatedBytesForCurrentThread();
        double sum = 0;
        for (int i = 2; i < 30; i++)
        {
            scores.Refresh(TimeSpan.FromSeconds(i));
            foreach (GossipPeer peer in peers)
            {
                sum += router.Router.ScoreOf(peer);
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(sum < 0);
    }

    private static double AllocatedWith(PeerScoreOptions? scoring)
    {
        const int Messages = ForwardingRouter.MessagesPerHeartbeat;
        ForwardingRouter forwarding = new(
            new GossipsubOptions { MaxSeen = 60_000, Scoring = scoring }, mesh: 8, payload: 64, copies: 3);
        forwarding.Run(4 * ForwardingRouter.MessagesPerHeartbeat);
        long before = GC.GetAllocatedBytesForCurrentThread();
        forwarding.Run(Messages);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}

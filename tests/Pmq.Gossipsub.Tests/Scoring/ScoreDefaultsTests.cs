using System.Net;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;
using static Pmq.Gossipsub.Tests.Scoring.ScoreBench;

namespace Pmq.Gossipsub.Tests.Scoring;

/// <summary>The arithmetic that the documentation of <see cref="PeerScoreOptions"/> promises.</summary>
public sealed class ScoreDefaultsTests
{
    private static readonly ScoreThresholds Thresholds = PeerScoreOptions.Default.Thresholds;

    [Theory]
    [InlineData(1, true, true, true)]
    [InlineData(3, true, true, true)]
    [InlineData(4, false, true, true)]
    [InlineData(6, false, true, true)]
    [InlineData(7, false, false, true)]
    [InlineData(10, false, false, true)]
    [InlineData(11, false, false, false)]
    public void A_new_peer_loses_mesh_gossip_publications_and_hearing_with_so_many_rejected_messages(
        int rejected, bool gossip, bool publish, bool heard)
    {
        RouterHarness router = Router(PeerScoreOptions.Default);
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, rejected, Verdict.Reject);
        double score = router.Score(peer);

        Assert.Equal(
            (gossip, publish, heard),
            (score >= Thresholds.Gossip, score >= Thresholds.Publish, score >= Thresholds.Graylist));
        router.Heartbeat();
        Assert.False(router.IsInMesh(peer));
        router.Send(peer, "heard?");
        Assert.Equal(heard, router.LastValidating().Data.Span.SequenceEqual("heard?"u8));
    }

    [Theory]
    [InlineData(2, true, true)]
    [InlineData(3, false, true)]
    [InlineData(4, false, true)]
    [InlineData(5, false, false)]
    public void A_peer_with_all_the_standing_there_is_loses_them_a_little_later(int rejected, bool mesh, bool gossip)
    {
        RouterHarness router = Router(PeerScoreOptions.Default);
        router.Join("u");
        GossipPeer peer = router.AddPeer(Topic);
        router.Receive(peer, new RpcBuilder().Subscribe("u"));
        router.Advance(TimeSpan.FromMinutes(5.1));
        for (int i = 0; i < 20; i++)
        {
            router.SendJudged(peer, $"t {i}", Verdict.Accept);
            router.SendJudged(peer, $"u {i}", Verdict.Accept, "u");
        }

        Assert.Equal(50, router.Score(peer), 6);
        router.SendMany(peer, rejected, Verdict.Reject);
        Assert.Equal(gossip, router.Score(peer) >= Thresholds.Gossip);
        router.Heartbeat();
        Assert.Equal(mesh, router.IsInMesh(peer));
        Assert.True(router.IsInMesh(peer, "u") || router.Score(peer) < 0);
    }

    [Fact]
    public void A_peer_that_relays_one_bad_message_a_minute_in_a_busy_overlay_stays_in_the_mesh()
    {
        RouterHarness router = Router(PeerScoreOptions.Default);
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 20, Verdict.Accept);
        double worst = 0;
        for (int minute = 0; minute < 120; minute++)
        {
            router.SendMany(peer, 1, Verdict.Reject);
            worst = Math.Min(worst, router.ExplainTopic(peer).InvalidMessageDeliveries.Contribution);
            for (int i = 0; i < 60; i++)
            {
                router.Heartbeat();
                router.SendMany(peer, i % 3 == 0 ? 1 : 0, Verdict.Accept);
                Assert.True(router.IsInMesh(peer));
            }

            router.Take();
        }

        Assert.InRange(worst, -14, -13);
    }

    [Fact]
    public void A_peer_that_relays_one_bad_message_a_minute_and_nothing_else_is_heard_and_told_of_ids()
    {
        RouterHarness router = Router(PeerScoreOptions.Default);
        GossipPeer peer = router.AddPeer(Topic);
        double worst = 0;
        for (int minute = 0; minute < 60; minute++)
        {
            router.SendMany(peer, 1, Verdict.Reject);
            worst = Math.Min(worst, router.Score(peer));
            router.Heartbeat(60);
            router.Take();
        }

        Assert.InRange(worst, -14, Thresholds.Gossip / 4);
    }

    [Theory]
    [InlineData(10, 0, 1)]
    [InlineData(100, 145, 155)]
    [InlineData(1000, 295, 305)]
    public void After_so_many_rejected_messages_a_peer_is_heard_again_in_so_many_seconds(int rejected, int from, int to)
    {
        RouterHarness router = Router(Graylistless());
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, rejected, Verdict.Reject);
        router.Take();
        router.Router.SetScoring(PeerScoreOptions.Default);

        int heard = SecondsUntil(router, () => router.Score(peer) >= Thresholds.Graylist);
        int gossip = SecondsUntil(router, () => router.Score(peer) >= Thresholds.Gossip);
        int mesh = SecondsUntil(router, () => router.Score(peer) >= 0);

        Assert.InRange(heard, from, to);
        Assert.InRange(gossip, 70, 80);
        Assert.InRange(mesh, 370, 380);
    }

    [Theory]
    [InlineData(10, 0)]
    [InlineData(11, -5)]
    [InlineData(14, -80)]
    [InlineData(20, -500)]
    [InlineData(21, -605)]
    public void Peers_on_one_address_are_free_up_to_ten_and_not_heard_beyond_twenty(int count, double score)
    {
        RouterHarness router = Router(PeerScoreOptions.Default);
        GossipPeer[] peers = router.AddPeers(count, Topic);
        foreach (GossipPeer peer in peers)
        {
            router.Router.SetAddresses(peer, [IPAddress.Parse("192.0.2.1")]);
        }

        Assert.All(peers, peer => Assert.Equal(score, router.Score(peer)));
    }

    [Fact]
    public void One_heartbeat_of_broken_promises_is_forgiven_and_three_in_a_row_end_in_the_graylist()
    {
        RouterHarness router = Router(PeerScoreOptions.Default);
        GossipPeer peer = router.AddPeer(Topic);
        List<double> scores = [];
        for (int i = 0; i < 7; i++)
        {
            for (int k = 0; k < 10; k++)
            {
                router.Receive(peer, new RpcBuilder().IHave(Topic, RouterHarness.IdOf($"{i} {k}")));
            }

            router.Heartbeat();
            scores.Add(router.Score(peer));
        }

        int first = scores.FindIndex(_ => router.Router.Counters.MisbehavioursOf(Misbehaviour.BrokenPromise) > 0);
        Assert.True(first >= 0);
        int negative = scores.FindIndex(score => score < 0);
        Assert.InRange(scores[negative], Thresholds.Graylist, -1);
        Assert.True(scores[negative + 1] < Thresholds.Graylist);
    }

    [Fact]
    public void An_idle_overlay_punishes_nobody()
    {
        RouterHarness router = Router(PeerScoreOptions.Default);
        GossipPeer[] peers = router.AddPeers(6, Topic);
        router.Advance(TimeSpan.FromHours(1));

        Assert.All(peers, peer => Assert.Equal(5, router.Score(peer)));
        Assert.All(peers, peer => Assert.True(router.IsInMesh(peer)));
    }

    private static PeerScoreOptions Graylistless() => PeerScoreOptions.Default with
    {
        Thresholds = Thresholds with { Graylist = -1e12 },
    };

    private static int SecondsUntil(RouterHarness router, Func<bool> condition)
    {
        int seconds = 0;
        while (!condition())
        {
            router.Heartbeat();
            router.Take();
            Assert.InRange(++seconds, 0, 2000);
        }

        return seconds;
    }
}

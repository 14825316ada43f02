using Pmq.Core.Hosting;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>What keeps a mesh at its size: joining, the heartbeat, scores.</summary>
public sealed class MeshTests
{
    private const string Topic = "reports";

    [Fact]
    public void Join_announces_the_topic_and_grafts_known_peers_up_to_D_at_once()
    {
        RouterHarness router = new();
        GossipPeer[] peers = router.AddPeers(10, Topic);
        router.Take();

        Assert.Equal(JoinOutcome.Joined, router.Join(Topic));

        Assert.Equal(6, router.Router.MeshOf(Topic).Count);
        Assert.All(peers, peer => Assert.Equal([(Topic, true)], router.SentTo(peer).Subscriptions));
        Assert.Equal(
            router.Router.MeshOf(Topic),
            peers.Where(peer => router.SentTo(peer).Grafts.Contains(Topic)).OrderBy(peer => peer.Id));
        Assert.Equal(6, router.Effects.Count(e => e.Kind == EffectKind.Grafted));
    }

    [Fact]
    public void The_first_heartbeat_is_due_after_100_ms_and_the_others_a_second_apart()
    {
        RouterHarness router = new();

        Assert.Equal(TimeSpan.FromMilliseconds(100), router.Router.NextHeartbeat);
        router.Heartbeat();
        Assert.Equal(TimeSpan.FromMilliseconds(1100), router.Router.NextHeartbeat);
        router.Now = TimeSpan.FromSeconds(9); // A late one is not made up for.
        router.Router.Heartbeat(router.Now, new EffectList());
        Assert.Equal(TimeSpan.FromSeconds(10), router.Router.NextHeartbeat);
    }

    [Fact]
    public void Subscription_and_graft_leave_in_one_rpc()
    {
        RouterHarness router = new();
        GossipPeer peer = router.AddPeer(Topic);
        router.Take();

        router.Join(Topic);

        Assert.Single(router.SentTo(peer).Sizes);
    }

    [Fact]
    public void Heartbeat_grafts_up_to_D_when_the_mesh_is_below_D_low()
    {
        RouterHarness router = new();
        router.Join(Topic);
        router.AddPeers(12, Topic);
        foreach (GossipPeer peer in router.Router.MeshOf(Topic).Take(2))
        {
            router.RemovePeer(peer);
        }

        Assert.Equal(4, router.Router.MeshOf(Topic).Count);
        router.Heartbeat();

        Assert.Equal(6, router.Router.MeshOf(Topic).Count);
    }

    [Fact]
    public void Heartbeat_leaves_a_mesh_of_D_low_alone()
    {
        RouterHarness router = new();
        router.Join(Topic);
        router.AddPeers(12, Topic);
        router.RemovePeer(router.Router.MeshOf(Topic)[0]);

        router.Heartbeat();

        Assert.Equal(5, router.Router.MeshOf(Topic).Count);
    }

    [Fact]
    public void Heartbeat_prunes_a_mesh_of_D_high_to_D()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(12);
        foreach (GossipPeer peer in peers)
        {
            router.Receive(peer, new RpcBuilder().Graft(Topic));
        }

        Assert.Equal(12, router.Router.MeshOf(Topic).Count);
        router.Take();
        router.Heartbeat();

        Assert.Equal(6, router.Router.MeshOf(Topic).Count);
        Assert.Equal(6, peers.Count(peer => router.SentTo(peer).Prunes.Contains((Topic, 60UL))));
    }

    [Fact]
    public void A_cut_mesh_keeps_D_out_peers_that_we_dialed()
    {
        for (ulong seed = 0; seed < 50; seed++)
        {
            RouterHarness router = new(seed: seed);
            router.Join(Topic);
            foreach (GossipPeer peer in router.AddPeers(11, direction: ConnectionDirection.Inbound))
            {
                router.Receive(peer, new RpcBuilder().Graft(Topic));
            }

            foreach (GossipPeer peer in router.AddPeers(2))
            {
                router.Receive(peer, new RpcBuilder().Graft(Topic));
            }

            router.Heartbeat();

            Assert.Equal(6, router.Router.MeshOf(Topic).Count);
            Assert.Equal(2, router.Router.MeshOf(Topic).Count(p => p.Direction == ConnectionDirection.Outbound));
        }
    }

    [Fact]
    public void A_mesh_without_peers_that_we_dialed_grafts_D_out_of_them()
    {
        RouterHarness router = new();
        router.Join(Topic);
        router.AddPeers(6, Topic, ConnectionDirection.Inbound);
        router.AddPeers(5, Topic);
        Assert.DoesNotContain(router.Router.MeshOf(Topic), p => p.Direction == ConnectionDirection.Outbound);

        router.Heartbeat();

        Assert.Equal(2, router.Router.MeshOf(Topic).Count(p => p.Direction == ConnectionDirection.Outbound));
        Assert.Equal(8, router.Router.MeshOf(Topic).Count);
    }

    [Fact]
    public void A_peer_below_zero_is_pruned_at_the_heartbeat_and_not_grafted_again()
    {
        ScoreTable scores = new();
        RouterHarness router = new(policy: scores);
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        scores.Scores[peer] = -1;

        router.Heartbeat();
        router.Receive(peer, new RpcBuilder().Graft(Topic));

        Assert.Empty(router.Router.MeshOf(Topic));
    }

    [Fact]
    public void A_cut_mesh_keeps_the_D_score_best()
    {
        ScoreTable scores = new();
        RouterHarness router = new(policy: scores);
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(12);
        for (int i = 0; i < peers.Length; i++)
        {
            scores.Scores[peers[i]] = i;
            router.Receive(peers[i], new RpcBuilder().Graft(Topic));
        }

        router.Heartbeat();

        Assert.All(peers[8..], peer => Assert.Contains(peer, router.Router.MeshOf(Topic)));
    }

    [Fact]
    public void A_cut_mesh_keeps_who_delivered_before_who_only_takes_places()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            RouterHarness router = new(
                new GossipsubOptions { MeshDegreeScore = 2 }, seed);
            router.Join(Topic);
            GossipPeer[] peers = router.AddPeers(12, direction: ConnectionDirection.Inbound);
            foreach (GossipPeer peer in peers)
            {
                router.Receive(peer, new RpcBuilder().Graft(Topic));
            }

            // The first two deliver most and are kept by score; the next four deliver once, and the lot is theirs.
            foreach (GossipPeer peer in peers[..6].Concat(peers[..2]))
            {
                router.Receive(peer, new RpcBuilder().Publish(Topic, $"{router.Validating.Count()} of {seed}"));
                router.Judge(router.Validating.Last(), Verdict.Accept);
            }

            router.Heartbeat();

            Assert.Equal(peers[..6].Order(ById), router.Router.MeshOf(Topic));
        }
    }

    private static readonly Comparer<GossipPeer> ById =
        Comparer<GossipPeer>.Create(static (a, b) => a.Id.CompareTo(b.Id));
}

using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>Who was pruned stays out for its backoff, and who grafts nevertheless pays.</summary>
public sealed class BackoffTests
{
    private const string Topic = "reports";

    [Fact]
    public void A_pruned_peer_is_not_grafted_until_its_backoff_has_passed()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);

        router.Receive(peer, new RpcBuilder().Prune(Topic, 20));

        Assert.Empty(router.Router.MeshOf(Topic));
        Assert.Single(router.Effects, e => e.Kind == EffectKind.Pruned);
        router.Advance(TimeSpan.FromSeconds(20.9)); // A heartbeat after the backoff, within the slack.
        Assert.Empty(router.Router.MeshOf(Topic));
        router.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([peer], router.Router.MeshOf(Topic));
    }

    [Fact]
    public void A_prune_without_a_backoff_counts_as_the_default_one()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);

        router.Receive(peer, new RpcBuilder().Prune(Topic));

        Assert.True(router.Router.IsInBackoff(Topic, peer.Id, TimeSpan.FromSeconds(59)));
        Assert.False(router.Router.IsInBackoff(Topic, peer.Id, TimeSpan.FromSeconds(60)));
    }

    [Theory]
    [InlineData(3601UL)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    public void A_backoff_beyond_the_limit_is_cut_to_it(ulong seconds)
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);

        router.Receive(peer, new RpcBuilder().Prune(Topic, seconds));

        Assert.True(router.Router.IsInBackoff(Topic, peer.Id, TimeSpan.FromSeconds(3599)));
        Assert.False(router.Router.IsInBackoff(Topic, peer.Id, TimeSpan.FromSeconds(3600)));
    }

    [Fact]
    public void A_graft_during_backoff_is_refused_and_penalised_twice_while_the_prune_is_fresh()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = Pruned(router);
        router.Advance(TimeSpan.FromSeconds(5));
        router.Take();

        router.Receive(peer, new RpcBuilder().Graft(Topic));

        Assert.Equal(2, router.Penalties(peer, Misbehaviour.GraftDuringBackoff));
        Assert.Equal([(Topic, 60UL)], router.SentTo(peer).Prunes);
        Assert.DoesNotContain(peer, router.Router.MeshOf(Topic));
    }

    [Fact]
    public void A_graft_during_backoff_begins_the_backoff_anew()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = Pruned(router);
        router.Advance(TimeSpan.FromSeconds(30));
        router.Take();

        router.Receive(peer, new RpcBuilder().Graft(Topic));

        Assert.Equal(1, router.Penalties(peer, Misbehaviour.GraftDuringBackoff));
        Assert.True(router.Router.IsInBackoff(Topic, peer.Id, router.Now + TimeSpan.FromSeconds(59)));
    }

    [Fact]
    public void A_backoff_outlives_the_connection()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = Pruned(router);
        PeerId id = peer.Id;
        router.RemovePeer(peer);
        router.Take();

        GossipPeer again = router.AddPeer(Topic, id: id);
        router.Receive(again, new RpcBuilder().Graft(Topic));

        Assert.Equal(2, router.Penalties(again, Misbehaviour.GraftDuringBackoff));
        Assert.DoesNotContain(again, router.Router.MeshOf(Topic));
    }

    [Fact]
    public void Backoffs_are_bounded_and_swept()
    {
        RouterHarness router = new(new GossipsubOptions { MaxBackoffsPerTopic = 3 });
        router.Join(Topic);
        foreach (GossipPeer peer in router.AddPeers(5))
        {
            router.Receive(peer, new RpcBuilder().Prune(Topic, 5));
        }

        Assert.Equal(2, router.Router.Counters.BackoffsNotNoted);
        router.Advance(TimeSpan.FromSeconds(16));
        router.Receive(router.AddPeer(), new RpcBuilder().Prune(Topic, 5));
        Assert.Equal(2, router.Router.Counters.BackoffsNotNoted);
    }

    [Fact]
    public void Leaving_prunes_the_mesh_and_both_sides_back_off_for_the_unsubscribe_backoff()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.Take();

        Assert.True(router.Leave(Topic));

        SentRpc sent = router.SentTo(peer);
        Assert.Equal([(Topic, false)], sent.Subscriptions);
        Assert.Equal([(Topic, 10UL)], sent.Prunes);
        router.Join(Topic);
        Assert.Empty(router.Router.MeshOf(Topic));
        router.Advance(TimeSpan.FromSeconds(12));
        Assert.Equal([peer], router.Router.MeshOf(Topic));
    }

    [Fact]
    public void Joining_does_not_graft_a_peer_in_backoff()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.Receive(peer, new RpcBuilder().Prune(Topic, 30));
        router.Leave(Topic);
        router.Advance(TimeSpan.FromSeconds(15)); // Our own backoff has passed, the peer's has not.

        router.Join(Topic);

        Assert.Empty(router.Router.MeshOf(Topic));
        router.Advance(TimeSpan.FromSeconds(18));
        Assert.Equal([peer], router.Router.MeshOf(Topic));
    }

    [Fact]
    public void Leaving_keeps_away_from_a_peer_of_v1_0_for_the_default_backoff_since_it_cannot_be_told_another()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic, protocol: PubsubProtocol.Meshsub10);

        router.Leave(Topic);

        Assert.True(router.Router.IsInBackoff(Topic, peer.Id, TimeSpan.FromSeconds(59)));
        Assert.False(router.Router.IsInBackoff(Topic, peer.Id, TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void A_prune_to_a_peer_of_v1_0_tells_no_backoff()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic, protocol: PubsubProtocol.Meshsub10);
        router.Take();

        router.Leave(Topic);

        Assert.Equal([(Topic, 0UL)], router.SentTo(peer).Prunes);
    }

    /// <summary>A peer that grafted and was pruned by us at a heartbeat.</summary>
    private static GossipPeer Pruned(RouterHarness router)
    {
        GossipPeer[] peers = router.AddPeers(12, direction: ConnectionDirection.Inbound);
        foreach (GossipPeer peer in peers)
        {
            router.Receive(peer, new RpcBuilder().Graft(Topic));
        }

        router.Heartbeat();
        return peers.First(peer => !router.Router.MeshOf(Topic).Contains(peer));
    }
}

using Pmq.Core.Hosting;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>What follows from a GRAFT, and whom we graft ourselves.</summary>
public sealed class GraftTests
{
    private const string Topic = "reports";

    [Fact]
    public void A_full_mesh_refuses_the_graft_of_a_peer_that_dialed_us_but_takes_one_that_we_dialed()
    {
        RouterHarness router = new();
        router.Join(Topic);
        foreach (GossipPeer peer in router.AddPeers(12))
        {
            router.Receive(peer, new RpcBuilder().Graft(Topic));
        }

        GossipPeer inbound = router.AddPeer(direction: ConnectionDirection.Inbound);
        GossipPeer outbound = router.AddPeer();
        router.Receive(inbound, new RpcBuilder().Graft(Topic));
        router.Receive(outbound, new RpcBuilder().Graft(Topic));

        Assert.Equal([(Topic, 60UL)], router.SentTo(inbound).Prunes);
        Assert.Empty(router.SentTo(outbound).Prunes);
        Assert.Contains(outbound, router.Router.MeshOf(Topic));
        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void A_graft_for_a_topic_that_we_have_not_joined_gets_no_answer()
    {
        RouterHarness router = new();
        GossipPeer peer = router.AddPeer();

        router.Receive(peer, new RpcBuilder().Graft("nowhere"));

        Assert.Empty(router.Effects);
        Assert.Equal(0, router.Router.KnownTopicCount);
    }

    [Fact]
    public void A_graft_of_a_peer_in_the_mesh_changes_nothing()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.Take();

        router.Receive(peer, new RpcBuilder().Graft(Topic));

        Assert.Empty(router.Effects);
    }

    [Fact]
    public void Three_grafts_in_one_rpc_are_all_taken()
    {
        RouterHarness router = new();
        foreach (string topic in (string[])["a", "b", "c"])
        {
            router.Join(topic);
        }

        GossipPeer peer = router.AddPeer();
        router.Receive(peer, new RpcBuilder().Graft("a").Graft("b").Graft("c"));

        Assert.Equal(["a", "b", "c"], router.Router.MeshTopicsOf(peer));
        Assert.Equal(["a", "b", "c"], router.Router.TopicsOf(peer));
    }

    [Fact]
    public void A_peer_that_announces_the_topic_is_grafted_at_once_while_the_mesh_is_below_D()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(8, Topic);

        Assert.Equal(peers[..6].OrderBy(p => p.Id), router.Router.MeshOf(Topic));
        Assert.Equal([Topic], router.SentTo(peers[0]).Grafts);
        Assert.Empty(router.SentTo(peers[7]).Grafts);
    }

    [Theory]
    [InlineData(PubsubProtocol.Meshsub10, 0, 0, 0)]
    [InlineData(PubsubProtocol.Meshsub11, 60, 12, 0)]
    [InlineData(PubsubProtocol.Meshsub12, 60, 12, 1)]
    public void Each_version_is_told_no_more_than_it_knows(
        PubsubProtocol protocol, ulong backoff, int exchanged, int unwanted)
    {
        RouterHarness full = new(new GossipsubOptions { PeerExchange = true });
        full.Join(Topic);
        foreach (GossipPeer member in full.AddPeers(12, direction: ConnectionDirection.Inbound))
        {
            full.Receive(member, new RpcBuilder().Graft(Topic));
        }

        GossipPeer refused = full.AddPeer(Topic, ConnectionDirection.Inbound, protocol);
        full.Receive(refused, new RpcBuilder().Graft(Topic));
        Assert.Equal([(Topic, backoff)], full.SentTo(refused).Prunes);
        Assert.Equal(exchanged, full.SentTo(refused).ExchangedPeers.Count);

        RouterHarness router = RouterHarness.Joined(out GossipPeer[] sender, 1);
        GossipPeer told = router.AddPeer(Topic, protocol: protocol);
        router.Receive(sender[0], new RpcBuilder().Publish(Topic, new string('x', 2000)));
        Assert.Contains(told, router.Router.MeshOf(Topic));
        Assert.Equal(unwanted, router.SentTo(told).IDontWants.Count);
    }

    [Fact]
    public void A_bootstrapper_with_all_degrees_zero_grafts_nobody()
    {
        RouterHarness router = new(new GossipsubOptions { MeshDegree = 0 });
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.Receive(peer, new RpcBuilder().Graft(Topic));
        router.Heartbeat(2);

        Assert.Empty(router.Router.MeshOf(Topic));
        Assert.Equal([(Topic, 60UL)], router.SentTo(peer).Prunes);
    }
}

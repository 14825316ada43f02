using Pmq.Core.Addresses;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.State;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>Peers with whom a link is agreed on: connected always, in no mesh, sent everything.</summary>
public sealed class DirectPeerTests
{
    private const string Topic = "reports";

    private static readonly DirectPeer Direct = new(TestPeers.Id(500), [Multiaddr.Parse("/ip4/192.0.2.1/tcp/4001")]);

    [Fact]
    public void A_direct_peer_that_is_missing_is_connected_after_the_initial_delay_and_every_300_heartbeats()
    {
        RouterHarness router = Agreed();
        Assert.Empty(router.Connecting);

        router.Heartbeat();
        ConnectTarget target = Assert.Single(router.Connecting);
        Assert.Equal((Direct.Id, true), (target.Peer, target.IsDirect));
        Assert.Equal(Direct.Addresses, target.Addresses);

        router.Take();
        router.Heartbeat(299);
        Assert.Empty(router.Connecting);
        router.Heartbeat();
        Assert.Single(router.Connecting);
    }

    [Fact]
    public void A_direct_peer_that_is_there_is_not_connected_and_one_that_was_lost_is_at_the_next_heartbeat()
    {
        RouterHarness router = Agreed();
        GossipPeer peer = router.AddPeer(id: Direct.Id);
        router.Heartbeat(301);
        Assert.Empty(router.Connecting);

        router.RemovePeer(peer);
        router.Heartbeat();

        Assert.Single(router.Connecting);
    }

    [Fact]
    public void A_direct_peer_is_in_no_mesh_and_no_fanout()
    {
        RouterHarness router = Agreed();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic, id: Direct.Id);
        router.Receive(peer, new RpcBuilder().Subscribe("elsewhere"));
        router.Publish("elsewhere", "m");

        router.Heartbeat(3);

        Assert.True(peer.IsDirect);
        Assert.Empty(router.Router.MeshOf(Topic));
        Assert.Empty(router.Router.FanoutOf("elsewhere"));
        Assert.Empty(router.SentTo(peer).Grafts);
        Assert.Equal([peer], router.RecipientsOf("m"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_direct_peer_gets_every_message_though_it_is_in_no_mesh(bool flood)
    {
        RouterHarness router = new(new GossipsubOptions { DirectPeers = [Direct], FloodPublish = flood });
        router.Join(Topic);
        GossipPeer[] mesh = router.AddPeers(6, Topic);
        GossipPeer direct = router.AddPeer(Topic, id: Direct.Id);
        router.Take();

        router.Publish(Topic, "ours");
        Accept(router, mesh[0], "another's");
        Accept(router, direct, "its own");

        Assert.Single(router.RecipientsOf("ours"), direct);
        Assert.Single(router.RecipientsOf("another's"), direct);
        Assert.DoesNotContain(direct, router.RecipientsOf("its own"));
        Assert.Equal(mesh.OrderBy(p => p.Id), router.RecipientsOf("its own").OrderBy(p => p.Id));
    }

    [Fact]
    public void A_direct_peer_is_told_no_gossip()
    {
        RouterHarness router = Agreed();
        router.Join(Topic);
        GossipPeer direct = router.AddPeer(Topic, id: Direct.Id);
        GossipPeer[] others = router.AddPeers(8, Topic);
        router.Publish(Topic, "m");
        router.Take();

        router.Heartbeat();

        Assert.Empty(router.SentTo(direct).IHaves);
        Assert.Contains(others, peer => router.SentTo(peer).IHaves.Count > 0);
    }

    [Fact]
    public void A_graft_of_a_direct_peer_is_refused_without_peer_exchange()
    {
        RouterHarness router = new(new GossipsubOptions { DirectPeers = [Direct], PeerExchange = true });
        router.Join(Topic);
        router.AddPeers(6, Topic);
        GossipPeer direct = router.AddPeer(Topic, id: Direct.Id);
        router.Take();

        router.Receive(direct, new RpcBuilder().Graft(Topic));

        Assert.DoesNotContain(direct, router.Router.MeshOf(Topic));
        Assert.Equal([(Topic, 60UL)], router.SentTo(direct).Prunes);
        Assert.Empty(router.SentTo(direct).ExchangedPeers);
        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void A_direct_peer_is_always_admitted()
    {
        RouterHarness router = new(
            new GossipsubOptions { DirectPeers = [Direct] }, policy: new ScoreTable { Admission = Admission.None });
        router.Join(Topic);
        GossipPeer direct = router.AddPeer(id: Direct.Id);
        GossipPeer other = router.AddPeer();

        router.Receive(other, new RpcBuilder().Subscribe(Topic).Publish(Topic, "not heard"));
        router.Receive(direct, new RpcBuilder().Subscribe(Topic).Publish(Topic, "heard"));

        Assert.Equal([direct], router.Router.PeersOf(Topic));
        Assert.Equal("heard", RouterHarness.Text(router.Validating.Single()));
    }

    [Fact]
    public void Direct_peers_come_and_go_at_run_time()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic, id: Direct.Id);
        Assert.Equal([peer], router.Router.MeshOf(Topic));

        router.Do((r, effects) => r.AddDirectPeer(Direct, router.Now, effects));
        Assert.Empty(router.Router.MeshOf(Topic));
        Assert.Equal([Direct], router.Router.DirectPeers);
        router.Publish(Topic, "to a direct peer");
        Assert.Equal([peer], router.RecipientsOf("to a direct peer"));

        Assert.True(router.Router.RemoveDirectPeer(Direct.Id));
        Assert.False(router.Router.RemoveDirectPeer(Direct.Id));
        router.Advance(TimeSpan.FromSeconds(63)); // The backoff of the PRUNE.
        Assert.Equal([peer], router.Router.MeshOf(Topic));
        router.RemovePeer(peer);
        router.Take();
        router.Heartbeat(300);
        Assert.Empty(router.Connecting);
    }

    [Fact]
    public void A_direct_peer_that_is_named_at_run_time_and_missing_is_connected_at_once()
    {
        RouterHarness router = new();

        router.Do((r, effects) => r.AddDirectPeer(Direct, router.Now, effects));

        Assert.Equal(Direct.Id, Assert.Single(router.Connecting).Peer);
    }

    private static RouterHarness Agreed() => new(new GossipsubOptions { DirectPeers = [Direct] });

    private static void Accept(RouterHarness router, GossipPeer sender, string data)
    {
        router.Receive(sender, new RpcBuilder().Publish(Topic, data));
        router.Judge(router.Validating.Last(), Verdict.Accept);
    }
}

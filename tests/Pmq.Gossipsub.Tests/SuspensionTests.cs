using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>A peer to which nothing can be written, and our own goodbye.</summary>
public sealed class SuspensionTests
{
    private const string Topic = "reports";

    [Fact]
    public void A_suspended_peer_is_in_no_mesh_and_its_place_is_filled_by_another()
    {
        RouterHarness router = RouterHarness.Joined(
            out GossipPeer[] peers, 3, new GossipsubOptions { MeshDegree = 2, MeshDegreeLow = 2, MeshDegreeHigh = 2 });
        GossipPeer mute = router.Router.MeshOf(Topic)[0];
        GossipPeer spare = peers.Single(peer => !router.Router.MeshOf(Topic).Contains(peer));

        Suspend(router, mute);
        router.Heartbeat();

        Assert.DoesNotContain(mute, router.Router.MeshOf(Topic));
        Assert.Contains(spare, router.Router.MeshOf(Topic));
        Assert.Contains(mute, router.Router.PeersOf(Topic));
    }

    [Theory]
    [InlineData(PubsubProtocol.Meshsub12, false, false)]
    [InlineData(PubsubProtocol.Floodsub, false, false)]
    [InlineData(PubsubProtocol.Meshsub12, true, false)]
    [InlineData(PubsubProtocol.Meshsub12, false, true)]
    public void A_suspended_peer_is_sent_no_message_and_no_gossip(PubsubProtocol protocol, bool isDirect, bool floods)
    {
        RouterHarness router = new(new GossipsubOptions { FloodPublish = floods });
        router.Join(Topic);
        GossipPeer mute = router.AddPeer(Topic, protocol: protocol);
        GossipPeer other = router.AddPeer(Topic);
        if (isDirect)
        {
            router.Do((core, effects) => core.AddDirectPeer(new DirectPeer(mute.Id, []), router.Now, effects));
        }

        Suspend(router, mute);
        router.Take();
        router.Publish(Topic, "x");
        router.Heartbeat(3);

        Assert.Equal([other], router.RecipientsOf("x"));
        Assert.Empty(router.SentTo(mute).IHaves);
    }

    [Fact]
    public void What_a_suspended_peer_sends_is_taken_but_its_graft_is_refused()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer mute, out GossipPeer other);
        Suspend(router, mute);
        router.Take();

        router.Receive(mute, new RpcBuilder().Subscribe("another").Graft(Topic).Publish(Topic, "x"));

        Assert.DoesNotContain(mute, router.Router.MeshOf(Topic));
        Assert.Empty(router.SentTo(mute).Prunes);
        Assert.Contains("another", router.Router.TopicsOf(mute));
        router.Judge(router.Validating.Single(), Verdict.Accept);
        Assert.Equal([other], router.RecipientsOf("x"));
        router.Reannounce(mute, PubsubProtocol.Meshsub12);
        Assert.Equal([Topic], router.SentTo(mute).Prunes.Select(prune => prune.Topic));
    }

    [Fact]
    public void A_suspended_peer_that_goes_before_it_could_be_told_may_graft_when_it_comes_again()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer mute, out _);
        Suspend(router, mute);
        router.Receive(mute, new RpcBuilder().Graft(Topic));
        router.RemovePeer(mute);

        GossipPeer again = router.AddPeer(id: mute.Id);
        router.Receive(again, new RpcBuilder().Subscribe(Topic).Graft(Topic));

        Assert.Equal(0, router.Penalties());
        Assert.Contains(again, router.Router.MeshOf(Topic));
    }

    [Fact]
    public void A_peer_that_takes_a_stream_again_is_told_what_meshes_it_is_not_in_and_its_backoff_begins_then()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer mute, out _);
        Suspend(router, mute);
        router.Heartbeat(30);
        router.Take();

        router.Reannounce(mute, PubsubProtocol.Meshsub12);

        Assert.Equal([Topic], router.SentTo(mute).Prunes.Select(prune => prune.Topic));
        router.Receive(mute, new RpcBuilder().Graft(Topic));
        Assert.Equal(1, router.Penalties());
        router.Take();
        router.Reannounce(mute, PubsubProtocol.Meshsub12);
        Assert.Empty(router.SentTo(mute).Prunes);
    }

    [Theory]
    [InlineData(PubsubProtocol.Meshsub12)]
    [InlineData(PubsubProtocol.Floodsub)]
    public void A_peer_that_takes_a_stream_again_is_sent_messages_again(PubsubProtocol protocol)
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic, protocol: protocol);
        Suspend(router, peer);
        Suspend(router, peer);

        router.Reannounce(peer, protocol);
        router.Heartbeat(12);
        router.Publish(Topic, "x");

        Assert.Equal([peer], router.RecipientsOf("x"));
    }

    [Fact]
    public void A_promise_is_not_broken_by_a_stream_that_broke()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 2);
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, RouterHarness.IdOf("x")));
        router.Receive(peers[1], new RpcBuilder().IHave(Topic, RouterHarness.IdOf("y")));

        Suspend(router, peers[0]);
        router.Reannounce(peers[1], PubsubProtocol.Meshsub12);
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, RouterHarness.IdOf("z")));
        router.Heartbeat(6);

        Assert.Equal(0, router.Penalties());
        Assert.DoesNotContain(RouterHarness.IdOf("z"), router.SentTo(peers[0]).IWants);
    }

    [Fact]
    public void A_suspended_peer_that_grafts_was_not_told_of_its_backoff_and_is_not_blamed()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 1);
        Suspend(router, peers[0]);

        router.Receive(peers[0], new RpcBuilder().Graft(Topic));

        Assert.Empty(router.Router.MeshOf(Topic));
        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void Goodbye_takes_the_announcements_back_and_begins_no_backoff()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer first, out GossipPeer second);

        router.Do((core, effects) => core.SayGoodbye(router.Now, effects));

        foreach (GossipPeer peer in new[] { first, second })
        {
            SentRpc sent = router.SentTo(peer);
            Assert.Equal([(Topic, false)], sent.Subscriptions);
            Assert.Empty(sent.Prunes);
        }

        Assert.Empty(router.Router.Topics);
        Assert.Equal(2, router.Effects.Count(effect => effect.Kind == EffectKind.Pruned));
    }

    private static void Suspend(RouterHarness router, GossipPeer peer) =>
        router.Do((core, effects) => core.Suspend(peer, effects));
}

using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>What is advertised, and how requests for it are answered.</summary>
public sealed class GossipTests
{
    private const string Topic = "reports";

    [Fact]
    public void Heartbeat_advertises_to_D_lazy_peers_outside_the_mesh_at_least()
    {
        (RouterHarness router, GossipPeer[] peers) = Crowd(16);
        router.Publish(Topic, "m");
        router.Take();

        router.Heartbeat();

        GossipPeer[] told = [.. peers.Where(peer => router.SentTo(peer).IHaves.Count > 0)];
        Assert.Equal(6, told.Length);
        Assert.Empty(told.Intersect(router.Router.MeshOf(Topic)));
        Assert.All(told, peer => Assert.Equal([(Topic, RouterHarness.IdOf("m"))], router.SentTo(peer).IHaves));
    }

    [Fact]
    public void Heartbeat_advertises_to_a_quarter_of_a_large_crowd()
    {
        (RouterHarness router, GossipPeer[] peers) = Crowd(46);
        router.Publish(Topic, "m");
        router.Take();

        router.Heartbeat();

        Assert.Equal(10, peers.Count(peer => router.SentTo(peer).IHaves.Count > 0));
    }

    [Fact]
    public void A_message_is_advertised_for_three_heartbeats_and_answered_for_five()
    {
        (RouterHarness router, GossipPeer[] peers) = Crowd(7);
        GossipPeer lurker = peers.Single(p => !router.Router.MeshOf(Topic).Contains(p));
        router.Publish(Topic, "m");
        List<int> advertised = [];
        for (int i = 0; i < 5; i++)
        {
            router.Take();
            router.Heartbeat();
            advertised.Add(router.SentTo(lurker).IHaves.Count);
        }

        Assert.Equal([1, 1, 1, 0, 0], advertised);
        router.Receive(lurker, new RpcBuilder().IWant(RouterHarness.IdOf("m")));
        Assert.Empty(router.RecipientsOf("m"));
        Assert.Equal(1, router.Router.Counters.IWantIdsUnknown);
    }

    [Fact]
    public void Who_was_told_stands_behind_at_the_heartbeats_that_advertise_the_same_message()
    {
        (RouterHarness router, GossipPeer[] peers) = Crowd(26);
        router.Publish(Topic, "m");
        List<GossipPeer> told = [];
        for (int i = 0; i < 3; i++)
        {
            router.Take();
            router.Heartbeat();
            told.AddRange(peers.Where(peer => router.SentTo(peer).IHaves.Count > 0));
        }

        Assert.Equal(18, told.Count);
        Assert.Equal(18, told.Distinct().Count());
    }

    [Fact]
    public void All_are_told_before_anyone_twice_where_few_are_left()
    {
        (RouterHarness router, GossipPeer[] peers) = Crowd(14);
        router.Publish(Topic, "m");
        List<GossipPeer> told = [];
        for (int i = 0; i < 2; i++)
        {
            router.Take();
            router.Heartbeat();
            told.AddRange(peers.Where(peer => router.SentTo(peer).IHaves.Count > 0));
        }

        Assert.Equal(12, told.Count);
        Assert.Equal(8, told.Distinct().Count());
    }

    [Fact]
    public void A_newcomer_of_the_mesh_is_told_once_what_went_round_before_it_came()
    {
        (RouterHarness router, _) = Crowd(6);
        router.Publish(Topic, "m");
        router.Heartbeat();
        GossipPeer newcomer = router.AddPeers(1, Topic)[0];
        router.Receive(newcomer, new RpcBuilder().Graft(Topic));
        Assert.Contains(newcomer, router.Router.MeshOf(Topic));
        router.Take();

        router.Heartbeat();

        Assert.Equal([(Topic, RouterHarness.IdOf("m"))], router.SentTo(newcomer).IHaves);
        router.Take();
        router.Heartbeat();
        Assert.Empty(router.SentTo(newcomer).IHaves);
    }

    [Fact]
    public void A_mesh_that_has_died_is_told_what_it_missed_together_with_the_graft()
    {
        (RouterHarness router, GossipPeer[] peers) = Crowd(12);
        GossipPeer[] mesh = [.. router.Router.MeshOf(Topic)];
        GossipPeer[] others = [.. peers.Except(mesh)];
        router.Publish(Topic, "m");
        foreach (GossipPeer peer in mesh)
        {
            router.RemovePeer(peer);
        }

        router.Take();
        router.Heartbeat();

        Assert.Equal(others.OrderBy(peer => peer.Id), router.Router.MeshOf(Topic).OrderBy(peer => peer.Id));
        Assert.All(others, peer => Assert.Equal([(Topic, RouterHarness.IdOf("m"))], router.SentTo(peer).IHaves));
        Assert.All(others, peer => Assert.Equal([Topic], router.SentTo(peer).Grafts));
    }

    [Fact]
    public void More_ids_than_one_ihave_may_hold_are_told_in_different_parts_to_different_peers()
    {
        RouterHarness router = new(new GossipsubOptions { MaxIHaveLength = 10 });
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(12, Topic);
        router.Heartbeat();
        for (int i = 0; i < 40; i++)
        {
            router.Publish(Topic, $"m{i}");
        }

        router.Take();
        router.Heartbeat();

        GossipPeer[] told = [.. peers.Where(peer => router.SentTo(peer).IHaves.Count > 0)];
        Assert.Equal(6, told.Length);
        Assert.All(told, peer => Assert.Equal(10, router.SentTo(peer).IHaves.Count));
        Assert.True(told.SelectMany(peer => router.SentTo(peer).IHaves).Distinct().Count() > 10);
    }

    [Fact]
    public void What_many_are_told_is_encoded_once_and_what_one_is_told_is_its_own()
    {
        (RouterHarness router, GossipPeer[] peers) = Crowd(46);
        router.Publish(Topic, "m");
        router.Take();
        router.Heartbeat();

        Effect[] told = [.. router.Effects.Where(effect => effect.Kind == EffectKind.SendControl)];
        Assert.True(told.Length >= 10);
        Assert.All(told, effect => Assert.True(effect.Frame.Equals(told[0].Frame)));

        router.Take();
        router.ReceiveInOneTurn(
            [.. peers.Select((peer, i) => (peer, new RpcBuilder().IHave(Topic, RouterHarness.IdOf($"x{i / 2}"))))]);

        Assert.All(
            peers.Index().Where(one => one.Index % 2 == 0),
            one => Assert.Equal([RouterHarness.IdOf($"x{one.Index / 2}")], router.SentTo(one.Item).IWants));
    }

    [Fact]
    public void Only_rpcs_with_an_ihave_use_up_the_ten_of_a_heartbeat()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 1);
        for (int i = 0; i < 30; i++)
        {
            router.Receive(peers[0], new RpcBuilder().IDontWant(RouterHarness.IdOf("x")).Graft(Topic));
        }

        for (int i = 0; i < 12; i++)
        {
            router.Receive(peers[0], new RpcBuilder().IHave(Topic, RouterHarness.IdOf($"m{i}")));
        }

        Assert.Equal(10, router.SentTo(peers[0]).IWants.Count);
        Assert.Equal(2, router.Router.Counters.IHaveRpcsOverLimit);
        Assert.Equal(30, router.Router.Counters.IDontWantIds);
    }

    [Fact]
    public void An_iwant_for_one_id_is_answered_three_times()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 1);
        router.Publish(Topic, "m");
        router.Take();
        for (int i = 0; i < 50; i++)
        {
            router.Receive(peers[0], new RpcBuilder().IWant(RouterHarness.IdOf("m")));
        }

        Assert.Equal(3, router.RecipientsOf("m").Count);
        Assert.All(
            router.Effects.Where(e => e.Kind == EffectKind.SendMessage),
            e => Assert.Equal(SendClass.IwantAnswer, e.SendClass));
    }

    [Fact]
    public void Reconnecting_does_not_renew_the_three_answers()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 1);
        router.Publish(Topic, "m");
        router.Take();
        GossipPeer peer = peers[0];
        for (int i = 0; i < 5; i++)
        {
            router.Receive(peer, new RpcBuilder().IWant(RouterHarness.IdOf("m")));
            router.RemovePeer(peer);
            peer = router.AddPeer(Topic, id: peer.Id);
        }

        Assert.Equal(3, router.RecipientsOf("m").Count);
    }

    [Fact]
    public void Ids_of_iwants_are_bounded_in_each_heartbeat()
    {
        RouterHarness router = new(new GossipsubOptions { MaxIWantLength = 4 });
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);

        router.Receive(
            peer, new RpcBuilder().IWant([.. Enumerable.Range(0, 10).Select(i => RouterHarness.IdOf($"m{i}"))]));

        Assert.Equal(4, router.Router.Counters.IWantIdsUnknown);
        Assert.Equal(6, router.Router.Counters.IWantIdsOverLimit);
    }

    [Fact]
    public void Requests_of_one_turn_leave_in_one_rpc()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 1);
        router.Receive(peers[0], new RpcBuilder()
            .IHave(Topic, RouterHarness.IdOf("a"))
            .IHave(Topic, RouterHarness.IdOf("b"), RouterHarness.IdOf("c")));

        SentRpc sent = router.SentTo(peers[0]);
        Assert.Equal(3, sent.IWants.Count);
        Assert.Single(sent.Sizes);
    }

    [Fact]
    public void The_history_is_bounded_by_bytes_and_the_oldest_go_first()
    {
        RouterHarness router = new(new GossipsubOptions { MaxMessageSize = 1024, HistoryBytes = 2048 });
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        string[] data = [.. Enumerable.Range(0, 5).Select(i => new string((char)('a' + i), 600))];
        foreach (string text in data)
        {
            router.Publish(Topic, text);
        }

        router.Take();
        router.Receive(peer, new RpcBuilder().IWant([.. data.Select(RouterHarness.IdOf)]));

        Assert.Equal(
            data[2..],
            router.Effects.Where(e => e.Kind == EffectKind.SendMessage).Select(e => RouterHarness.Text(e.Message)));
        router.Heartbeat();
        Assert.Equal(2, router.Router.Counters.HistoryEvictions);
    }

    private static (RouterHarness Router, GossipPeer[] Peers) Crowd(int count)
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, count);
        router.Heartbeat(); // From now on nobody is new in the mesh.
        return (router, peers);
    }
}

using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

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
    public void More_ids_than_one_ihave_may_hold_are_told_in_different_parts_to_different_peers()
    {
        RouterHarness router = new(new GossipsubOptions { MaxIHaveLength = 10 });
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(12, Topic);
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
    public void An_advertised_id_that_is_unknown_is_asked_for_and_answered_by_the_message()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 1);
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, RouterHarness.IdOf("m")));

        Assert.Equal([RouterHarness.IdOf("m")], router.SentTo(peers[0]).IWants);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "m"));
        Assert.Single(router.Validating);
        Assert.Equal(0, router.Router.WantedCount);
    }

    [Fact]
    public void What_is_seen_or_waits_is_not_asked_for()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 1);
        router.Publish(Topic, "seen");
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "waits"));
        router.Take();

        router.Receive(
            peers[0], new RpcBuilder().IHave(Topic, RouterHarness.IdOf("seen"), RouterHarness.IdOf("waits")));

        Assert.Empty(router.Effects);
    }

    [Fact]
    public void An_ihave_for_a_topic_that_we_have_not_joined_is_ignored()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 1);

        router.Receive(peers[0], new RpcBuilder().IHave("other", RouterHarness.IdOf("m")));

        Assert.Empty(router.Effects);
    }

    [Theory]
    [InlineData("DA39A3EE5E6B4B0D3255BFEF95601890AFD80709")] // upper case
    [InlineData("da39a3ee5e6b4b0d3255bfef95601890afd807")] // too short
    [InlineData("da39a3ee5e6b4b0d3255bfef95601890afd80709ff")] // too long
    [InlineData("zz39a3ee5e6b4b0d3255bfef95601890afd80709")] // no hexadecimal
    [InlineData("")]
    public void An_advertised_id_of_another_shape_is_dropped_and_counted(string id)
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 1);

        router.Receive(peers[0], new RpcBuilder().IHave(Topic, id));

        Assert.Empty(router.Effects);
        Assert.Equal(1, router.Router.Counters.IdsOfOtherShape);
    }

    [Fact]
    public void One_request_is_in_flight_for_each_id_and_the_next_advertiser_is_asked_after_the_follow_up_time()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 3);
        string id = RouterHarness.IdOf("m");
        foreach (GossipPeer peer in peers)
        {
            router.Receive(peer, new RpcBuilder().IHave(Topic, id));
        }

        Assert.Equal([1, 0, 0], peers.Select(p => router.SentTo(p).IWants.Count));
        router.Take();
        router.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal([0, 1, 0], peers.Select(p => router.SentTo(p).IWants.Count));
        Assert.Equal(1, router.Penalties(peers[0], Misbehaviour.BrokenPromise));
        router.Take();
        router.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal([0, 0, 1], peers.Select(p => router.SentTo(p).IWants.Count));
        router.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(0, router.Router.WantedCount);
        Assert.Equal(1, router.Penalties(peers[2], Misbehaviour.BrokenPromise));
    }

    [Fact]
    public void A_promise_kept_in_time_is_no_offence()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 1);
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, RouterHarness.IdOf("m")));
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "m"));

        router.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void A_promise_that_meets_our_full_queue_is_kept()
    {
        RouterHarness router = new(new GossipsubOptions { MaxPendingPerTopic = 1 });
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.Receive(peer, new RpcBuilder().IHave(Topic, RouterHarness.IdOf("m")));
        router.Receive(peer, new RpcBuilder().Publish(Topic, "other").Publish(Topic, "m"));

        router.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void A_forged_answer_does_not_keep_the_promise()
    {
        GossipsubOptions options = new() { DefaultRules = new TopicRules(SignaturePolicy.StrictSign, default) };
        RouterHarness router = new(options);
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        RouterHarness author = new(options, identity: TestPeers.Key(99));
        router.Receive(peer, new RpcBuilder().IHave(Topic, RouterHarness.IdOf("m")));
        router.Receive(peer, new RpcBuilder().Publish(author.Compose(Topic, "m")));

        router.Signature(router.Verifying.Single(), SignatureVerdict.Invalid);
        router.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(1, router.Penalties(peer, Misbehaviour.InvalidSignature));
        Assert.Equal(1, router.Penalties(peer, Misbehaviour.BrokenPromise));
    }

    [Fact]
    public void Leaving_the_topic_forgets_what_was_asked_for_on_it()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 1);
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, RouterHarness.IdOf("m")));

        router.Leave(Topic);
        router.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(0, router.Router.WantedCount);
        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void A_peer_that_left_breaks_no_promise_and_the_next_advertiser_is_asked()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 2);
        string id = RouterHarness.IdOf("m");
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, id));
        router.Receive(peers[1], new RpcBuilder().IHave(Topic, id));
        router.RemovePeer(peers[0]);

        router.Heartbeat();

        Assert.Equal([id], router.SentTo(peers[1]).IWants);
        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void Ids_asked_of_one_peer_are_bounded_in_each_heartbeat()
    {
        RouterHarness router = new(new GossipsubOptions { MaxIHaveLength = 5 });
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        string[] ids = [.. Enumerable.Range(0, 20).Select(i => RouterHarness.IdOf($"m{i}"))];

        router.Receive(peer, new RpcBuilder().IHave(Topic, ids[..10]));
        Assert.Equal(5, router.SentTo(peer).IWants.Count);
        Assert.Equal(5, router.Router.Counters.IHaveIdsOverLimit);
        router.Take();
        router.Heartbeat();
        router.Receive(peer, new RpcBuilder().IHave(Topic, ids[10..]));
        Assert.Equal(5, router.SentTo(peer).IWants.Count);
    }

    [Fact]
    public void Ids_asked_for_are_bounded_over_all_peers()
    {
        RouterHarness router = new(new GossipsubOptions { MaxWantedIds = 3 });
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);

        router.Receive(
            peer, new RpcBuilder().IHave(Topic, [.. Enumerable.Range(0, 9).Select(i => RouterHarness.IdOf($"m{i}"))]));

        Assert.Equal(3, router.Router.WantedCount);
        Assert.Equal(6, router.Router.Counters.IHaveIdsOverLimit);
    }

    [Fact]
    public void Only_rpcs_with_an_ihave_use_up_the_ten_of_a_heartbeat()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 1);
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
        RouterHarness router = Joined(out GossipPeer[] peers, 1);
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
        RouterHarness router = Joined(out GossipPeer[] peers, 1);
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
        RouterHarness router = Joined(out GossipPeer[] peers, 1);
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

    private static RouterHarness Joined(out GossipPeer[] peers, int count)
    {
        RouterHarness router = new();
        router.Join(Topic);
        peers = router.AddPeers(count, Topic);
        router.Take();
        return router;
    }

    private static (RouterHarness Router, GossipPeer[] Peers) Crowd(int count)
    {
        RouterHarness router = Joined(out GossipPeer[] peers, count);
        return (router, peers);
    }
}

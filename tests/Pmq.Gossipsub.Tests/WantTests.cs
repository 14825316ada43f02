using Pmq.Core.Identity;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>What is asked for when it is advertised, of whom, and what follows when it does not come.</summary>
public sealed class WantTests
{
    private const string Topic = "reports";

    [Fact]
    public void An_advertised_id_that_is_unknown_is_asked_for_and_answered_by_the_message()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 1);
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, RouterHarness.IdOf("m")));

        Assert.Equal([RouterHarness.IdOf("m")], router.SentTo(peers[0]).IWants);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "m"));
        Assert.Single(router.Validating);
        Assert.Equal(0, router.Router.WantedCount);
    }

    [Fact]
    public void What_is_seen_or_waits_is_not_asked_for()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 1);
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
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 1);

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
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 1);

        router.Receive(peers[0], new RpcBuilder().IHave(Topic, id));

        Assert.Empty(router.Effects);
        Assert.Equal(1, router.Router.Counters.IdsOfOtherShape);
    }

    [Fact]
    public void One_request_is_in_flight_for_each_id_and_the_next_advertiser_is_asked_after_the_follow_up_time()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 3);
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
        Assert.Equal(0, router.Penalties()); // They were asked long after they had advertised it.
    }

    [Fact]
    public void A_promise_kept_in_time_is_no_offence()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 1);
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

    // Others keep a message for two heartbeats after they advertised it last: who squats on an id must not make them
    // look as if they did not keep their word.
    [Fact]
    public void A_later_advertiser_that_no_longer_has_the_message_breaks_no_promise()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 2);
        string id = RouterHarness.IdOf("m");
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, id));
        router.Receive(peers[1], new RpcBuilder().IHave(Topic, id));

        router.Heartbeat(12);

        Assert.Equal([id], router.SentTo(peers[1]).IWants);
        Assert.Equal(1, router.Penalties(peers[0], Misbehaviour.BrokenPromise));
        Assert.Equal(0, router.Penalties(peers[1], Misbehaviour.BrokenPromise));
    }

    // Whoever advertised first was good then; when its turn comes it is not.
    [Fact]
    public void The_next_advertiser_is_not_asked_once_it_is_below_the_gossip_threshold()
    {
        RouterHarness router = new(new GossipsubOptions
        {
            Scoring = new PeerScoreOptions { Thresholds = new ScoreThresholds { Gossip = -10 } },
        });
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(2, Topic);
        string id = RouterHarness.IdOf("x");
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, id));
        router.Receive(peers[1], new RpcBuilder().IHave(Topic, id));
        router.Router.SetApplicationScore(peers[1].Id, -10.1);
        router.Take();

        router.Heartbeat(5);

        Assert.Empty(router.SentTo(peers[1]).IWants);
    }

    [Fact]
    public void Leaving_the_topic_forgets_what_was_asked_for_on_it()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 1);
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, RouterHarness.IdOf("m")));

        router.Leave(Topic);
        router.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(0, router.Router.WantedCount);
        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void A_peer_that_left_breaks_no_promise_and_the_next_advertiser_is_asked()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 2);
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
    public void What_was_asked_of_a_peer_that_breaks_promises_is_asked_of_others_at_once()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer squatter = router.AddPeer(Topic);
        GossipPeer honest = router.AddPeer(Topic);
        string[] early = [.. Enumerable.Range(0, 10).Select(i => RouterHarness.IdOf($"early {i}"))];
        string[] late = [.. Enumerable.Range(0, 10).Select(i => RouterHarness.IdOf($"late {i}"))];
        router.Receive(squatter, new RpcBuilder().IHave(Topic, early));
        router.Advance(TimeSpan.FromSeconds(2));
        router.Receive(squatter, new RpcBuilder().IHave(Topic, late));
        router.Receive(honest, new RpcBuilder().IHave(Topic, [.. early, .. late]));
        Assert.Empty(router.SentTo(honest).IWants);

        router.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(early.Concat(late).Order(), router.SentTo(honest).IWants.Order());
        Assert.Equal(10, router.Penalties(squatter, Misbehaviour.BrokenPromise));

        router.Take();
        router.Receive(squatter, new RpcBuilder().IHave(Topic, RouterHarness.IdOf("next")));
        router.Receive(honest, new RpcBuilder().IHave(Topic, RouterHarness.IdOf("next")));
        Assert.Single(router.SentTo(squatter).IWants);
        Assert.Single(router.SentTo(honest).IWants);
    }

    [Fact]
    public void A_better_advertiser_takes_the_place_of_a_worse_one_and_is_asked_first()
    {
        ScoreTable scores = new();
        RouterHarness router = new(policy: scores);
        router.Join(Topic);
        GossipPeer[] squatters = router.AddPeers(5, Topic);
        GossipPeer honest = router.AddPeer(Topic);
        scores.Scores[honest] = 1;
        foreach (GossipPeer peer in squatters.Append(honest))
        {
            router.Receive(peer, new RpcBuilder().IHave(Topic, RouterHarness.IdOf("m")));
        }

        Assert.Single(router.SentTo(squatters[0]).IWants);
        router.Advance(TimeSpan.FromSeconds(4));
        Assert.Single(router.SentTo(honest).IWants);
        Assert.All(squatters[1..], peer => Assert.Empty(router.SentTo(peer).IWants));
    }
}

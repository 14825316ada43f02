using Pmq.Core.Identity;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;
using Pmq.Gossipsub.Tests.Scoring;

namespace Pmq.Gossipsub.Tests;

/// <summary>What peers that know the source try, so that honest messages or honest peers suffer.</summary>
public sealed class ByzantineTests
{
    private const string Topic = "reports";

    private static readonly GossipsubOptions Signed = new()
    {
        DefaultRules = new TopicRules(SignaturePolicy.StrictSign, default),
    };

    [Fact]
    public void An_answer_in_our_own_name_does_not_make_us_forget_who_else_has_the_message()
    {
        RouterHarness router = new(Signed);
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(2, Topic);
        string id = RouterHarness.IdOf("m");
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, id));
        router.Receive(peers[1], new RpcBuilder().IHave(Topic, id));

        router.Receive(peers[0], new RpcBuilder().Publish(new RouterHarness(Signed).Compose(Topic, "m")));
        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.SelfOrigin));
        router.Heartbeat();

        Assert.Equal([id], router.SentTo(peers[1]).IWants);
    }

    [Fact]
    public void An_answer_with_a_doubtful_signature_does_not_make_us_forget_who_else_has_the_message()
    {
        RouterHarness router = new(Signed);
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(2, Topic);
        string id = RouterHarness.IdOf("m");
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, id));
        router.Receive(peers[1], new RpcBuilder().IHave(Topic, id));

        router.Receive(peers[0], new RpcBuilder().Publish(Author(5).Compose(Topic, "m")));
        router.Signature(router.Verifying.Single(), SignatureVerdict.NotCanonical);
        router.Heartbeat();

        Assert.Equal([id], router.SentTo(peers[1]).IWants);
        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void Who_passes_on_a_sequence_number_that_others_take_is_doubted_and_not_blamed()
    {
        RouterHarness router = new(Signed);
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        for (byte i = 0; i < 8; i++)
        {
            router.Receive(peer, new RpcBuilder().Raw(2, RpcBuilder.Fields(
                (1, TestPeers.Id(3).Bytes.ToArray()), (2, [i]), (3, new byte[i]), (4, "reports"u8.ToArray()),
                (5, new byte[64]))));
        }

        Assert.Empty(router.Verifying);
        Assert.Equal(0, router.Penalties());
        Assert.Equal(8, router.Router.Counters.Drops(MessageDrop.SignatureNotCanonical));
    }

    // Go's signature covers fields that nobody knows, and Go passes them on; we can only find it bad.
    [Fact]
    public void Who_passes_on_a_signed_field_that_we_do_not_know_is_doubted_and_not_blamed()
    {
        RouterHarness router = new(Signed);
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        GossipMessage message = Author(5).Compose(Topic, "m");
        byte[] unknown = RpcBuilder.Fields(
            (1, message.From.ToArray()), (2, message.Data.ToArray()), (3, new byte[8]), (4, "reports"u8.ToArray()),
            (5, new byte[64]), (9, [1]));

        router.Receive(peer, new RpcBuilder().Raw(2, unknown));
        router.VerifyAll();

        Assert.Equal(0, router.Penalties());
        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.SignatureNotCanonical));
    }

    [Fact]
    public void A_forged_copy_that_waits_does_not_make_us_deaf_to_who_has_the_true_one()
    {
        RouterHarness router = new(Signed);
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(2, Topic);
        string id = RouterHarness.IdOf("m");
        router.Receive(peers[0], new RpcBuilder().Publish(Author(5).Compose(Topic, "m")));
        router.Receive(peers[1], new RpcBuilder().IHave(Topic, id));
        Assert.Empty(router.SentTo(peers[1]).IWants);

        router.Signature(router.Verifying.Single(), SignatureVerdict.Invalid);
        router.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal([id], router.SentTo(peers[1]).IWants);
        Assert.Equal(0, router.Penalties(peers[1], Misbehaviour.BrokenPromise));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_waits_and_turns_out_to_be_true_is_asked_of_nobody(bool isJudged)
    {
        RouterHarness router = new(Signed);
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(2, Topic);
        router.Receive(peers[0], new RpcBuilder().Publish(Author(5).Compose(Topic, "m")));
        if (isJudged)
        {
            router.VerifyAll();
        }

        router.Receive(peers[1], new RpcBuilder().IHave(Topic, RouterHarness.IdOf("m")));
        router.VerifyAll();
        router.Judge(router.Validating.Single(), Verdict.Accept);
        router.Advance(TimeSpan.FromSeconds(4));

        Assert.Empty(router.SentTo(peers[1]).IWants);
        Assert.Equal(0, router.Router.WantedCount);
    }

    // Else we would graft honest peers within their backoff, heartbeat after heartbeat, and be graylisted by them.
    [Fact]
    public void Identities_that_come_and_go_do_not_fill_the_table_of_backoffs()
    {
        RouterHarness router = new(new GossipsubOptions { MaxBackoffsPerTopic = 8 });
        router.Join(Topic);
        for (int i = 0; i < 20; i++)
        {
            GossipPeer gone = router.AddPeer();
            router.Receive(gone, new RpcBuilder().Prune(Topic, 3600));
            router.RemovePeer(gone);
        }

        GossipPeer honest = router.AddPeer(Topic);
        router.Receive(honest, new RpcBuilder().Prune(Topic, 60));
        router.Take();
        router.Heartbeat(30);

        Assert.Empty(router.SentTo(honest).Grafts);
        Assert.Empty(router.Router.MeshOf(Topic));
    }

    [Fact]
    public void Any_number_of_peers_that_advertise_what_does_not_exist_leave_each_other_its_part()
    {
        RouterHarness router = new(new GossipsubOptions { MaxWantedIds = 100 });
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(10, Topic);
        foreach (GossipPeer squatter in peers[1..])
        {
            router.Receive(squatter, new RpcBuilder().IHave(
                Topic, [.. Enumerable.Range(0, 100).Select(i => RouterHarness.IdOf($"{squatter.Id} {i}"))]));
        }

        router.Receive(peers[0], new RpcBuilder().IHave(Topic, RouterHarness.IdOf("true")));

        Assert.Equal([RouterHarness.IdOf("true")], router.SentTo(peers[0]).IWants);
    }

    [Fact]
    public void Peers_that_have_not_announced_a_topic_do_not_fill_its_queue()
    {
        RouterHarness router = new(new GossipsubOptions { MaxPendingPerTopic = 40 });
        router.Join(Topic);
        GossipPeer[] honest = router.AddPeers(2, Topic);
        GossipPeer[] strangers = router.AddPeers(6);
        for (int i = 0; i < 40; i++)
        {
            router.Receive(strangers[i % 6], new RpcBuilder().Publish(Topic, $"flood {i}"));
        }

        router.Take();
        for (int i = 0; i < 3; i++)
        {
            router.Receive(honest[0], new RpcBuilder().Publish(Topic, $"true {i}"));
        }

        Assert.Equal(3, router.Validating.Count());
    }

    [Fact]
    public void A_peer_that_breaks_its_stream_does_not_hold_up_what_it_was_asked_for()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 2);
        string id = RouterHarness.IdOf("m");
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, id));
        router.Receive(peers[1], new RpcBuilder().IHave(Topic, id));

        router.Reannounce(peers[0], PubsubProtocol.Meshsub12);
        router.Heartbeat();

        Assert.Equal([id], router.SentTo(peers[1]).IWants);
        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void Misdeeds_that_are_forgiven_are_not_forgiven_anew_with_each_connection()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer();
        for (int i = 0; i < 3; i++)
        {
            router.Receive(peer, new RpcBuilder().Publish(Topic, $"good {i}"));
            router.Judge(router.Validating.Last(), Verdict.Accept);
            for (int j = 0; j < 9; j++)
            {
                router.Violate(peer, RpcViolation.Malformed);
            }

            router.RemovePeer(peer);
            peer = router.AddPeer(id: peer.Id);
        }

        Assert.True(router.Router.ScoreOf(peer) < -500);
    }

    [Fact]
    public void Grafts_of_one_rpc_for_one_topic_are_refused_once()
    {
        RouterHarness router = new(new GossipsubOptions { PeerExchange = true });
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(30, Topic, Core.Hosting.ConnectionDirection.Inbound);
        GossipPeer greedy = router.AddPeer(Topic, Core.Hosting.ConnectionDirection.Inbound);
        foreach (GossipPeer peer in peers)
        {
            router.Receive(peer, new RpcBuilder().Graft(Topic));
        }

        long before = router.Router.Counters.PrunesSent;
        RpcBuilder rpc = new();
        for (int i = 0; i < 100; i++)
        {
            rpc.Graft(Topic);
        }

        router.Receive(greedy, rpc);

        Assert.DoesNotContain(greedy, router.Router.MeshOf(Topic));
        Assert.Equal(before + 1, router.Router.Counters.PrunesSent);
    }

    [Fact]
    public void Who_squats_on_an_id_in_number_does_not_outlast_those_that_have_it()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 4);
        string id = RouterHarness.IdOf("m");
        foreach (GossipPeer peer in peers)
        {
            router.Receive(peer, new RpcBuilder().IHave(Topic, id));
        }

        router.Advance(TimeSpan.FromSeconds(5.5));

        Assert.All(peers, peer => Assert.Equal([id], router.SentTo(peer).IWants));
    }

    [Fact]
    public void By_default_nobody_can_earn_to_be_believed_about_other_peers()
    {
        RouterHarness router = new(new GossipsubOptions { PeerExchange = true });
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.Advance(TimeSpan.FromMinutes(6));
        for (int i = 0; i < 50; i++)
        {
            router.Receive(peer, new RpcBuilder().Publish(Topic, $"{i}"));
            router.Judge(router.Validating.Last(), Verdict.Accept);
        }

        Assert.True(router.Router.ScoreOf(peer) > 20);
        router.Receive(peer, new RpcBuilder().PruneWithPeers(Topic, (TestPeers.Id(900), [])));

        Assert.Empty(router.Connecting);
        Assert.True(PeerScoreOptions.Default.Thresholds.AcceptPeerExchange > PeerScoreOptions.Default.TopicScoreCap);
    }

    // The process was stopped for a minute: what the mesh sent meanwhile lies unread.
    [Fact]
    public void A_pause_of_ours_makes_nobody_lack_deliveries()
    {
        RouterHarness router = ScoreBench.Router(ScoreBench.MeshDeliveries with
        {
            MeshMessageDeliveriesDecay = 0.9,
            MeshMessageDeliveriesActivation = TimeSpan.FromSeconds(10),
        });
        GossipPeer old = router.AddPeer(ScoreBench.Topic);
        router.Heartbeat(9);
        router.SendMany(old, 20, Verdict.Accept);
        router.Heartbeat(2);
        GossipPeer young = router.AddPeer(ScoreBench.Topic);
        router.Heartbeat();

        router.Now += TimeSpan.FromMinutes(1);
        router.Do((core, effects) => core.Heartbeat(router.Now, effects));
        router.Heartbeat();

        Assert.Equal(0, router.Score(old));
        Assert.Equal(0, router.Score(young));
    }

    private static RouterHarness Author(ulong key) => new(Signed, identity: TestPeers.Key(key));
}

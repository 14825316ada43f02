using Pmq.Core.Hosting;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>What was found in other implementations and published: each by its number.</summary>
public sealed class AdvisoryTests
{
    private const string Topic = "reports";

    // gossipsub v1.0 had no answer to spam: who sent it kept its place and was heard.
    [Fact]
    public void CVE_2020_12821_spam_costs_a_peer_its_place_and_then_its_hearing()
    {
        RouterHarness router = RouterHarness.Joined(
            out GossipPeer[] peers, 3, new GossipsubOptions { Scoring = PeerScoreOptions.Default });
        int judged = 0;
        for (int i = 0; i < 50; i++)
        {
            router.Take();
            router.Receive(peers[0], new RpcBuilder().Publish(Topic, $"spam {i}"));
            foreach (GossipMessage message in router.Validating.ToArray())
            {
                judged++;
                router.Judge(message, Verdict.Reject);
            }

            if (i == 0)
            {
                router.Heartbeat();
                Assert.DoesNotContain(peers[0], router.Router.MeshOf(Topic));
            }
        }

        Assert.InRange(judged, 2, 20); // The node is asked no more.
        Assert.Equal(peers[1..].OrderBy(p => p.Id), router.Router.MeshOf(Topic));
        Assert.All(peers[1..], peer => Assert.True(router.Router.ScoreOf(peer) >= 0));
        router.RemovePeer(peers[0]);
        GossipPeer again = router.AddPeer(Topic, id: peers[0].Id);
        Assert.True(router.Router.ScoreOf(again) < PeerScoreOptions.Default.Thresholds.Graylist);
    }

    // Scores of several topics were added before anything was compared: one topic paid for another (ACL2s, Kumar et
    // al., 2024).
    [Fact]
    public void CVE_2022_47547_good_standing_on_one_topic_buys_no_place_in_the_mesh_of_another()
    {
        TopicScoreOptions expecting = new()
        {
            MeshMessageDeliveriesWeight = -0.1,
            MeshMessageDeliveriesThreshold = 5,
            MeshMessageDeliveriesActivation = TimeSpan.FromSeconds(5),
        };
        RouterHarness router = new(new GossipsubOptions
        {
            Scoring = new PeerScoreOptions { DefaultTopic = expecting },
        });
        router.Join(Topic);
        router.Join("starved");
        GossipPeer masked = router.AddPeer(Topic);
        router.Receive(masked, new RpcBuilder().Subscribe("starved"));
        for (int beat = 0; beat < 12; beat++)
        {
            router.Receive(masked, new RpcBuilder().Publish(Topic, $"good {beat}").Publish(Topic, $"also {beat}"));
            foreach (GossipMessage message in router.Validating.Where(m => m.IsWaiting).ToArray())
            {
                router.Judge(message, Verdict.Accept);
            }

            router.Heartbeat();
        }

        Assert.True(router.Router.ScoreOf(masked) > 5, $"The score is {router.Router.ScoreOf(masked)}.");
        Assert.Equal([masked], router.Router.MeshOf(Topic));
        Assert.Empty(router.Router.MeshOf("starved"));
    }

    // The same by another way: who is in good standing as a whole is forgotten when it leaves, and with that also what
    // it did on one topic.
    [Fact]
    public void CVE_2022_47547_what_another_topic_hides_is_not_cleared_by_coming_back()
    {
        RouterHarness router = RouterHarness.Joined(
            out GossipPeer[] peers, 1, new GossipsubOptions { Scoring = PeerScoreOptions.Default });
        router.Join("good");
        router.Receive(peers[0], new RpcBuilder().Subscribe("good"));
        for (int i = 0; i < 25; i++)
        {
            router.Receive(peers[0], new RpcBuilder().Publish("good", $"good {i}"));
            router.Judge(router.Validating.Last(), Verdict.Accept);
        }

        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "bad"));
        router.Judge(router.Validating.Last(), Verdict.Reject);
        router.Heartbeat();
        Assert.True(router.Router.ScoreOf(peers[0]) > 0);
        Assert.Empty(router.Router.MeshOf(Topic));

        router.RemovePeer(peers[0]);
        GossipPeer again = router.AddPeer(Topic, ConnectionDirection.Outbound, id: peers[0].Id);
        router.Advance(TimeSpan.FromSeconds(70)); // Past the backoff of the PRUNE.

        Assert.True(router.Router.ScoreOf(again) < 0);
        Assert.Empty(router.Router.MeshOf(Topic));
    }

    // rust-libp2p: a PRUNE with the largest backoff ended the process when it was added to the time.
    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(long.MaxValue / TimeSpan.TicksPerSecond)]
    [InlineData((long.MaxValue / TimeSpan.TicksPerSecond) + 1UL)]
    public void GHSA_gc42_3jg7_rxr2_the_largest_backoff_overflows_nothing(ulong seconds)
    {
        RouterHarness router = Joined(out GossipPeer peer);
        router.Now = TimeSpan.FromDays(10_000);

        router.Receive(peer, new RpcBuilder().Prune(Topic, seconds));

        Assert.True(router.Router.IsInBackoff(Topic, peer.Id, router.Now + TimeSpan.FromHours(23.9)));
        Assert.False(router.Router.IsInBackoff(Topic, peer.Id, router.Now + TimeSpan.FromHours(24)));
    }

    // The same crate: the backoff was stored well and overflowed when a heartbeat or a later PRUNE reckoned with it.
    [Fact]
    public void GHSA_xqmp_fxgv_xvq5_the_largest_backoff_survives_heartbeats_and_another_prune()
    {
        RouterHarness router = Joined(out GossipPeer peer);
        router.Receive(peer, new RpcBuilder().Prune(Topic, ulong.MaxValue));

        router.Heartbeat(30); // Two sweeps.
        router.Receive(peer, new RpcBuilder().Prune(Topic, ulong.MaxValue).Graft(Topic));
        router.Heartbeat(30);
        router.Leave(Topic);
        router.Heartbeat(30);

        Assert.True(router.Router.IsInBackoff(Topic, peer.Id, router.Now));
        Assert.Empty(router.Router.MeshOf(Topic));
    }

    // rust-libp2p before 0.49.5: each GRAFT for a topic that nobody had joined left an entry.
    [Fact]
    public void GHSA_g3g5_x568_qvqx_grafts_for_unknown_topics_leave_no_state()
    {
        RouterHarness router = Joined(out GossipPeer peer);
        router.Take();

        for (int i = 0; i < 20; i++)
        {
            RpcBuilder rpc = new();
            for (int k = 0; k < 500; k++)
            {
                rpc.Graft($"made up {i} {k}").Prune($"made up too {i} {k}", 60);
            }

            router.Receive(peer, rpc);
        }

        Assert.Equal(1, router.Router.KnownTopicCount);
        Assert.Equal([Topic], router.Router.TopicsOf(peer));
        Assert.DoesNotContain(router.Effects, e => e.Kind == EffectKind.SendControl);
    }

    // js-libp2p, and by reports go, cpp and py: announcements of ever new topics filled the heap.
    [Fact]
    public void GHSA_4f8r_922h_2vgv_announcements_of_any_number_of_topics_cost_bounded_memory()
    {
        // Without scores: with them such a peer is soon not heard at all.
        RouterHarness router = new(new GossipsubOptions { Scoring = null });
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(4);
        Announce(router, peers, 0);
        int known = router.Router.KnownTopicCount;

        for (int round = 1; round < 50; round++)
        {
            Announce(router, peers, round);
        }

        Assert.Equal(known, router.Router.KnownTopicCount);
        Assert.All(peers, peer => Assert.InRange(router.Router.TopicsOf(peer).Count, 0, 100));

        // What is taken back makes room, and leaves nothing either.
        for (int round = 50; round < 60; round++)
        {
            foreach (GossipPeer peer in peers)
            {
                RpcBuilder back = new();
                foreach (string topic in router.Router.TopicsOf(peer))
                {
                    back.Subscribe(topic, false);
                }

                router.Receive(peer, back);
            }

            Assert.Equal(1, router.Router.KnownTopicCount);
            Announce(router, peers, round);
            Assert.Equal(known, router.Router.KnownTopicCount);
        }
    }

    // js-libp2p: an RPC was decoded whole before its parts were counted.
    [Fact]
    public void js_3520_limits_hold_before_memory_is_allocated()
    {
        RpcScanner scanner = new(new GossipsubOptions());
        RpcView view = new();
        byte[] subscriptions = Repeated(400_000, [0x0A, 0x00]); // rpc.subscriptions, empty
        byte[] ids = new RpcBuilder().Control(2, Repeated(400_000, [0x0A, 0x00])).Build(); // iwant.messageIDs, empty
        byte[] grafts = new RpcBuilder().Raw(3, Repeated(400_000, [0x1A, 0x00])).Build(); // control.graft, empty
        scanner.Scan(subscriptions, view);

        long before = GC.GetAllocatedBytesForCurrentThread();
        RpcViolation[] found = [scanner.Scan(subscriptions, view), scanner.Scan(ids, view), scanner.Scan(grafts, view)];
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(
            [RpcViolation.TooManySubscriptions, RpcViolation.TooManyIds, RpcViolation.TooManyControlEntries], found);
        Assert.InRange(allocated, 0, 1024);
    }

    // nim-libp2p: who took its announcement back began with a clean sheet.
    [Fact]
    public void nim_402_taking_back_an_announcement_keeps_the_score()
    {
        RouterHarness router = RouterHarness.Joined(
            out GossipPeer[] peers, 1, new GossipsubOptions { Scoring = PeerScoreOptions.Default });
        for (int i = 0; i < 3; i++)
        {
            router.Receive(peers[0], new RpcBuilder().Publish(Topic, $"bad {i}"));
            router.Judge(router.Validating.Last(), Verdict.Reject);
        }

        double score = router.Router.ScoreOf(peers[0]);
        Assert.True(score < 0);
        router.Receive(peers[0], new RpcBuilder().Subscribe(Topic, false));
        Assert.InRange(router.Router.ScoreOf(peers[0]), double.MinValue, score);
        router.Receive(peers[0], new RpcBuilder().Subscribe(Topic).Graft(Topic));

        Assert.InRange(router.Router.ScoreOf(peers[0]), double.MinValue, score);
        Assert.Empty(router.Router.MeshOf(Topic));
    }

    private static RouterHarness Joined(out GossipPeer peer)
    {
        RouterHarness router = new(new GossipsubOptions { MaxBackoff = TimeSpan.FromHours(24) });
        router.Join(Topic);
        peer = router.AddPeer(Topic, ConnectionDirection.Inbound);
        return router;
    }

    private static void Announce(RouterHarness router, GossipPeer[] peers, int round)
    {
        for (int p = 0; p < peers.Length; p++)
        {
            RpcBuilder rpc = new();
            for (int i = 0; i < 900; i++)
            {
                rpc.Subscribe($"made up {p} {round} {i}");
            }

            router.Receive(peers[p], rpc);
        }

        router.Take();
    }

    private static byte[] Repeated(int times, byte[] field) =>
        [.. Enumerable.Repeat(field, times).SelectMany(bytes => bytes)];
}

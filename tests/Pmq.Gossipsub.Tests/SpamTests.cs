using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>Attackers that speak raw RPCs, against the scores that an agent has by default.</summary>
public sealed class SpamTests
{
    private const string Topic = "reports";

    private static readonly GossipsubOptions Scored = new() { Scoring = PeerScoreOptions.Default };

    [Fact]
    public void A_peer_that_advertises_what_it_never_sends_is_asked_within_bounds_and_loses_its_standing()
    {
        RouterHarness router = RouterHarness.Joined(
            out GossipPeer[] peers, 2, Scored with { MaxIHaveLength = 50, MaxIHaveMessages = 5 });
        int number = 0;
        List<double> scores = [router.Router.ScoreOf(peers[0])];
        for (int beat = 0; beat < 8; beat++)
        {
            router.Take();
            for (int i = 0; i < 20; i++)
            {
                router.Receive(peers[0], new RpcBuilder().IHave(Topic, Ids(20, ref number)));
            }

            Assert.InRange(router.SentTo(peers[0]).IWants.Count, 0, 50);
            router.Heartbeat();
            scores.Add(router.Router.ScoreOf(peers[0]));
        }

        Assert.Equal(0, scores[0]);
        Assert.True(scores[^1] < 0, $"The score is {scores[^1]}.");
        Assert.DoesNotContain(peers[0], router.Router.MeshOf(Topic));
        Assert.True(router.Router.ScoreOf(peers[1]) >= 0);
    }

    [Fact]
    public void A_new_heartbeat_gives_a_new_quota_of_requests()
    {
        RouterHarness router = RouterHarness.Joined(
            out GossipPeer[] peers, 1, Scored with { MaxIHaveLength = 10 });
        int number = 0;
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, Ids(30, ref number)));
        Assert.Equal(10, router.SentTo(peers[0]).IWants.Count);

        router.Heartbeat();
        router.Take();
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, Ids(30, ref number)));

        Assert.Equal(10, router.SentTo(peers[0]).IWants.Count);
    }

    [Fact]
    public void A_peer_that_grafts_again_and_again_during_backoff_falls_and_is_heard_no_more()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 1, Scored);
        GossipPeer attacker = peers[0];
        router.Receive(attacker, new RpcBuilder().Prune(Topic, 60));
        double last = router.Router.ScoreOf(attacker);
        int replies = 0;
        for (int i = 0; i < 60; i++)
        {
            router.Take();
            router.Receive(attacker, new RpcBuilder().Graft(Topic));
            Assert.DoesNotContain(attacker, router.Router.MeshOf(Topic));
            double score = router.Router.ScoreOf(attacker);
            if (router.SentTo(attacker).Prunes.Count == 0)
            {
                break;
            }

            replies++;
            Assert.True(score <= last, $"{score} after {last}");
            last = score;
        }

        Assert.InRange(replies, 1, 30);
        Assert.True(last < PeerScoreOptions.Default.Thresholds.Graylist, $"The score is {last}.");
        router.Take();
        router.Receive(attacker, new RpcBuilder().Graft(Topic).Publish(Topic, "m"));
        Assert.Empty(router.Effects);
    }

    [Fact]
    public void A_peer_that_sends_a_hundred_forgeries_is_below_zero_and_out_of_the_mesh()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 2, Scored with
        {
            DefaultRules = new TopicRules(SignaturePolicy.StrictSign, default),
        });
        RouterHarness author = new(router.Options, identity: TestPeers.Key(9));
        int checks = 0;
        for (int i = 0; i < 100; i++)
        {
            router.Receive(peers[0], Forged(author.Compose(Topic, $"m{i}")));
            checks += router.Verifying.Count();
            router.VerifyAll();
            router.Take();
        }

        router.Heartbeat();

        Assert.InRange(checks, 1, 30); // Each costs us a check: not all of them may.
        Assert.True(router.Router.ScoreOf(peers[0]) < 0);
        Assert.Equal([peers[1]], router.Router.MeshOf(Topic));
        Assert.True(router.Router.ScoreOf(peers[1]) >= 0);
    }

    [Fact]
    public void Ignore_leaves_the_score_and_reject_lowers_it()
    {
        RouterHarness router = RouterHarness.Joined(out GossipPeer[] peers, 2, Scored);

        Judge(router, peers[0], "ignored", Verdict.Ignore);
        Judge(router, peers[1], "rejected", Verdict.Reject);

        Assert.Equal(0, router.Router.ScoreOf(peers[0]));
        Assert.True(router.Router.ScoreOf(peers[1]) < 0);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "ignored"));
        Assert.Equal(0, router.Router.ScoreOf(peers[0]));
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "rejected"));
        Assert.True(router.Router.ScoreOf(peers[0]) < 0);
    }

    [Theory]
    [InlineData(ValidationLoss.Timeout)]
    [InlineData(ValidationLoss.QueueFull)]
    [InlineData(ValidationLoss.VerifierLost)]
    public void A_local_fault_never_lowers_a_score(ValidationLoss loss)
    {
        RouterHarness router = RouterHarness.Joined(
            out GossipPeer[] peers, 2, Scored with { MaxPendingPerTopic = 1 });
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, RouterHarness.IdOf("m"), RouterHarness.IdOf("n")));
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "m").Publish(Topic, "n")); // The second finds it full.
        router.Receive(peers[1], new RpcBuilder().Publish(Topic, "m"));
        router.Lose(router.Validating.Single(), loss);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "m"));
        router.Receive(peers[1], new RpcBuilder().Publish(Topic, "m"));
        router.Lose(router.Validating.Last(), loss);

        for (int beat = 0; beat < 10; beat++)
        {
            router.Heartbeat();
            Assert.All(peers, peer => Assert.True(router.Router.ScoreOf(peer) >= 0));
        }

        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void Each_broken_promise_is_charged_at_the_heartbeat()
    {
        RouterHarness router = RouterHarness.Joined(
            out GossipPeer[] peers, 1, new GossipsubOptions { Scoring = Strict });
        int number = 0;
        for (int i = 0; i < 3; i++)
        {
            router.Receive(peers[0], new RpcBuilder().IHave(Topic, Ids(1, ref number)));
        }

        router.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Equal(0, router.Router.ScoreOf(peers[0]));

        router.Heartbeat(2);

        Assert.Equal(3, router.Penalties(peers[0], Misbehaviour.BrokenPromise));
        Assert.InRange(router.Router.ScoreOf(peers[0]), -9, -7); // (3 with at most two decays)²
    }

    [Fact]
    public void A_link_that_fails_costs_a_peer_one_promise_for_each_IHAVE_not_for_each_id()
    {
        RouterHarness router = RouterHarness.Joined(
            out GossipPeer[] peers, 1, new GossipsubOptions { Scoring = Strict });
        int number = 0;
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, Ids(50, ref number)));
        router.Advance(TimeSpan.FromSeconds(2.9));
        router.Heartbeat(2);

        Assert.Equal(50, router.Penalties(peers[0], Misbehaviour.BrokenPromise));
        Assert.InRange(router.Router.ScoreOf(peers[0]), -1, -0.8);
    }

    private static readonly PeerScoreOptions Strict = new()
    {
        DefaultTopic = null,
        BehaviourPenaltyWeight = -1,
        BehaviourPenaltyThreshold = 0,
    };

    private static string[] Ids(int count, ref int number)
    {
        string[] ids = new string[count];
        for (int i = 0; i < count; i++)
        {
            ids[i] = RouterHarness.IdOf($"never sent {number++}");
        }

        return ids;
    }

    private static RpcBuilder Forged(GossipMessage message)
    {
        byte[] frame = new RpcBuilder().Publish(message).Build();
        int signature = frame.AsSpan().IndexOf(message.Signature);
        frame[signature + 40] ^= 1;
        RpcBuilder rpc = new();
        rpc.Whole(frame);
        return rpc;
    }

    private static void Judge(RouterHarness router, GossipPeer sender, string data, Verdict verdict)
    {
        router.Receive(sender, new RpcBuilder().Publish(Topic, data));
        router.Judge(router.Validating.Last(), verdict);
    }
}

using System.Net;
using Pmq.Core.Hosting;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;
using static Pmq.Gossipsub.Tests.Scoring.ScoreBench;

namespace Pmq.Gossipsub.Tests.Scoring;

public sealed class PeerFactorTests
{
    private static readonly PeerScoreOptions Colocation = Only(Silent) with
    {
        IpColocationWeight = -1,
        IpColocationThreshold = 2,
    };

    [Fact]
    public void P5_is_what_the_application_says_of_a_peer_connected_or_not()
    {
        RouterHarness router = Router(Only(Silent) with { ApplicationWeight = 0.5 });
        GossipPeer here = router.AddPeer(Topic);
        router.Router.SetApplicationScore(here.Id, -100);
        Assert.Equal(-50, router.Score(here));
        router.Router.SetApplicationScore(TestPeers.Id(50), 30);
        Assert.Equal(15, router.Score(router.AddPeer(Topic, id: TestPeers.Id(50))));
        router.Router.SetApplicationScore(here.Id, 0);
        Assert.Equal(0, router.Score(here));
    }

    [Fact]
    public void P5_outlives_the_connection()
    {
        RouterHarness router = Router(Only(Silent));
        GossipPeer peer = router.AddPeer(Topic);
        router.Router.SetApplicationScore(peer.Id, 7);
        router.RemovePeer(peer);

        Assert.Equal(7, router.Score(router.AddPeer(Topic, id: peer.Id)));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(1.1e12)]
    public void An_application_score_out_of_range_is_refused(double score)
    {
        RouterHarness router = Router(Only(Silent));

        Assert.Throws<ArgumentOutOfRangeException>(() => router.Router.SetApplicationScore(TestPeers.Id(1), score));
    }

    [Fact]
    public void P5_of_strangers_is_bounded_and_the_best_of_them_goes_first()
    {
        RouterHarness router = Router(Only(Silent) with { MaxRetained = 2 });
        for (int i = 0; i < 3; i++)
        {
            router.Router.SetApplicationScore(TestPeers.Id(60 + i), -3 + i);
        }

        double[] scores = [.. Enumerable.Range(60, 3).Select(i => router.Score(router.AddPeer(id: TestPeers.Id(i))))];
        Assert.Equal([-3, 0, -1], scores);
    }

    [Fact]
    public void P6_is_the_square_of_the_peers_beyond_the_threshold_on_one_address()
    {
        RouterHarness router = Router(Colocation);
        GossipPeer[] peers = Connect(router, 5, _ => "192.0.2.1");
        GossipPeer other = Connect(router, 1, _ => "192.0.2.2")[0];
        Assert.All(peers, peer => Assert.Equal(-9, router.Score(peer)));
        Assert.Equal(0, router.Score(other));

        router.RemovePeer(peers[0]);
        Assert.All(peers[1..], peer => Assert.Equal(-4, router.Score(peer)));
        Address(router, peers[1], "192.0.2.3");
        Assert.All(peers[2..], peer => Assert.Equal(-1, router.Score(peer)));
        Assert.Equal(0, router.Score(peers[1]));
    }

    [Fact]
    public void P6_adds_up_over_the_addresses_of_a_peer()
    {
        RouterHarness router = Router(Colocation);
        GossipPeer[] peers = Connect(router, 3, _ => "192.0.2.1");
        GossipPeer[] others = Connect(router, 3, _ => "192.0.2.2");
        Address(router, peers[0], "192.0.2.1", "192.0.2.2");

        Assert.Equal(-1 - 4, router.Score(peers[0]));
        Assert.Equal([-1, -4], new[] { peers[1], others[0] }.Select(router.Score));
    }

    [Fact]
    public void P6_counts_an_IPv6_address_and_its_64()
    {
        RouterHarness router = Router(Colocation);
        GossipPeer[] spread = Connect(router, 4, i => $"2001:db8:0:1::{i + 1}");
        Assert.All(spread, peer => Assert.Equal(-4, router.Score(peer)));

        RouterHarness same = Router(Colocation);
        GossipPeer[] one = Connect(same, 4, _ => "2001:db8::1");
        Assert.All(one, peer => Assert.Equal(-8, same.Score(peer)));
    }

    [Fact]
    public void P6_takes_a_mapped_address_for_the_IPv4_one()
    {
        RouterHarness router = Router(Colocation);
        GossipPeer[] peers = Connect(router, 4, i => i % 2 == 0 ? "192.0.2.1" : "::ffff:192.0.2.1");

        Assert.All(peers, peer => Assert.Equal(-4, router.Score(peer)));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.9.9.9")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.9")]
    [InlineData("10.1.2.3")]
    [InlineData("fd00:1::5")]
    public void P6_never_counts_loopback_nor_what_is_whitelisted(string address)
    {
        RouterHarness router = Router(Colocation with
        {
            IpColocationWhitelist = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/16")],
        });

        Assert.All(Connect(router, 9, _ => address), peer => Assert.Equal(0, router.Score(peer)));
    }

    [Fact]
    public void P6_counts_one_that_left_for_what_it_did_but_not_one_that_left_in_peace()
    {
        RouterHarness router = Router(Colocation with
        {
            DefaultTopic = Silent with { InvalidMessageDeliveriesWeight = -1 },
        });
        GossipPeer[] peers = Connect(router, 4, _ => "192.0.2.1");
        router.SendMany(peers[0], 1, Verdict.Reject);
        router.RemovePeer(peers[0]);
        router.RemovePeer(peers[1]);

        Assert.Equal(-1, router.Score(peers[2])); // Itself, the last, and the one that cannot shed its deeds.
    }

    [Fact]
    public void P7_is_the_square_of_misdeeds_beyond_the_threshold_and_decays()
    {
        RouterHarness router = Router(Only(Silent) with
        {
            BehaviourPenaltyWeight = -1,
            BehaviourPenaltyThreshold = 1,
            BehaviourPenaltyDecay = 0.5,
        });
        GossipPeer peer = router.AddPeer(Topic);
        router.Violate(peer, RpcViolation.Malformed);
        Assert.Equal(0, router.Score(peer));
        router.Violate(peer, RpcViolation.Malformed);
        Assert.Equal(-1, router.Score(peer));
        router.Violate(peer, RpcViolation.Malformed);
        Assert.Equal(-4, router.Score(peer));
        router.Heartbeat(2);
        Assert.Equal(-0.25, router.Score(peer));
        Assert.Equal(1.5, router.Explain(peer).BehaviourPenalty.Value);
    }

    [Fact]
    public void P7_counts_a_GRAFT_during_backoff_once_and_an_early_one_twice()
    {
        RouterHarness router = Router(Only(Silent) with
        {
            BehaviourPenaltyWeight = -1,
            BehaviourPenaltyThreshold = 0,
            BehaviourPenaltyDecay = 0.999_999_999,
        });
        GossipPeer peer = router.AddPeer(Topic, ConnectionDirection.Inbound);
        router.Receive(peer, new RpcBuilder().Prune(Topic));
        router.Receive(peer, new RpcBuilder().Graft(Topic));
        Assert.Equal(2, router.Explain(peer).BehaviourPenalty.Value, 6);

        router.Advance(TimeSpan.FromSeconds(15));
        router.Receive(peer, new RpcBuilder().Graft(Topic));
        Assert.Equal(3, router.Explain(peer).BehaviourPenalty.Value, 6);
    }

    [Fact]
    public void P7_counts_the_IHAVEs_whose_promise_was_broken()
    {
        RouterHarness router = Router(Only(Silent) with { BehaviourPenaltyWeight = -1, BehaviourPenaltyThreshold = 0 });
        GossipPeer few = router.AddPeer(Topic);
        GossipPeer many = router.AddPeer(Topic);
        router.Receive(few, new RpcBuilder().IHave(Topic, Ids("f", 300)));
        for (int i = 0; i < 12; i++)
        {
            router.Receive(many, new RpcBuilder().IHave(Topic, Ids($"m{i}", 30)));
        }

        Assert.Equal(0, router.Score(few));
        router.Heartbeat(5);

        Assert.InRange(router.Explain(few).BehaviourPenalty.Value, 0.96, 1);
        Assert.InRange(router.Explain(many).BehaviourPenalty.Value, 9.6, router.Options.MaxIHaveMessages);
        Assert.Equal(300, router.Penalties(few, Misbehaviour.BrokenPromise));
    }

    [Fact]
    public void P7_counts_no_promise_as_broken_while_we_are_held_up_ourselves()
    {
        RouterHarness router = Router(Only(Silent) with { BehaviourPenaltyWeight = -1, BehaviourPenaltyThreshold = 0 });
        GossipPeer peer = router.AddPeer(Topic);
        router.Receive(peer, new RpcBuilder().IHave(Topic, RouterHarness.IdOf("a")));
        router.Heartbeat();
        router.Now = TimeSpan.FromSeconds(20);
        router.Router.Heartbeat(router.Now, new Effects.EffectList());
        router.Heartbeat(5);

        Assert.Equal(0, router.Score(peer));
    }

    [Fact]
    public void A_slow_peer_is_punished_a_heartbeat_at_a_time_and_never_much()
    {
        RouterHarness router = Router(PeerScoreOptions.Default);
        GossipPeer peer = router.AddPeer(Topic);
        List<double> scores = [];
        for (int i = 0; i < 100; i++)
        {
            router.Router.OnSlowPeer(peer, 50, router.Now);
            router.Heartbeat();
            scores.Add(router.Explain(peer).SlowPeer.Contribution);
        }

        Assert.Equal(5000, router.Router.Counters.SlowPeerDrops);
        Assert.All(scores[..6], score => Assert.Equal(0, score));
        Assert.True(scores[8] < 0);
        Assert.All(scores, score => Assert.InRange(score, -5.0, 0));
        Assert.True(router.Score(peer) > router.Router.Scoring!.Thresholds.Gossip);
    }

    private static string[] Ids(string seed, int count) =>
        [.. Enumerable.Range(0, count).Select(i => RouterHarness.IdOf($"{seed} {i}"))];

    private static GossipPeer[] Connect(RouterHarness router, int count, Func<int, string> address)
    {
        GossipPeer[] peers = router.AddPeers(count, Topic);
        for (int i = 0; i < count; i++)
        {
            Address(router, peers[i], address(i));
        }

        return peers;
    }

    private static void Address(RouterHarness router, GossipPeer peer, params string[] addresses) =>
        router.Router.SetAddresses(peer, [.. addresses.Select(IPAddress.Parse)]);
}

using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Pmq.Core.Hosting;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;
using static Pmq.Gossipsub.Tests.Scoring.ScoreBench;

namespace Pmq.Gossipsub.Tests.Scoring;

public sealed class ScorePropertyTests
{
    private static readonly string[] Topics = ["a", "b", "c"];

    [Fact]
    public void Better_conduct_never_has_a_lower_score_whatever_the_numbers() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), seed =>
        {
            // The same story twice; in the second one event of the peer is a better one.
            SeededChance chance = new(seed);
            PeerScoreOptions options = Options(chance);
            List<Deed> story = [.. Enumerable.Range(0, 60).Select(_ => (Deed)chance.NextInt32(DeedCount))];
            int[] topics = [.. story.Select(_ => chance.NextInt32(Topics.Length))];
            int place = chance.NextInt32(story.Count);
            (Deed bad, Deed good) = Pairs[chance.NextInt32(Pairs.Length)];
            story[place] = bad;
            double[] worse = Play(options, story, topics);
            story[place] = good;
            double[] better = Play(options, story, topics);

            return worse.Zip(better).All(pair => pair.Second >= pair.First - (1e-9 * Math.Abs(pair.First)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_score_is_always_a_number_and_topics_add_no_more_than_their_cap() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), seed =>
        {
            SeededChance chance = new(seed);
            PeerScoreOptions options = Options(chance, extreme: true);
            RouterHarness router = Joined(options);
            GossipPeer[] peers = router.AddPeers(4);
            for (int i = 0; i < 150; i++)
            {
                GossipPeer peer = peers[chance.NextInt32(peers.Length)];
                Do(router, peer, (Deed)chance.NextInt32(DeedCount), Topics[chance.NextInt32(Topics.Length)], chance);
                if (chance.NextInt32(40) == 0)
                {
                    router.Router.SetScoring(options = Options(chance, extreme: true));
                }

                if (chance.NextInt32(40) == 0)
                {
                    int index = Array.IndexOf(peers, peer);
                    router.RemovePeer(peer);
                    peers[index] = router.AddPeer(id: peer.Id);
                }

                foreach (PeerScoreView view in router.Router.ExplainScores(router.Now))
                {
                    Check(view, options);
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    private static void Check(PeerScoreView view, PeerScoreOptions options)
    {
        Assert.True(double.IsFinite(view.Total), $"{view}");
        Assert.True(options.TopicScoreCap == 0 || view.TopicTotal <= options.TopicScoreCap);
        double sum = view.TopicTotal + view.Application.Contribution + view.IpColocation.Contribution
            + view.BehaviourPenalty.Contribution + view.SlowPeer.Contribution;
        Assert.Equal(view.Total, sum, Math.Max(1e-9, 1e-9 * Math.Abs(sum)));
        foreach (TopicScoreView topic in view.Topics)
        {
            TopicScoreOptions own = options.TopicOf(topic.Topic)!;
            Assert.True(double.IsFinite(topic.Total));
            Assert.True(
                own.FirstMessageDeliveriesWeight == 0
                || topic.FirstMessageDeliveries.Value <= own.FirstMessageDeliveriesCap);
            Assert.True(own.TimeInMeshWeight == 0 || topic.MeshTime.Value <= own.TimeInMeshCap);
            Assert.True(topic.InvalidMessageDeliveries.Contribution <= 0);
            Assert.True(topic.MeshFailurePenalty.Contribution <= 0);
            Assert.True(topic.MeshMessageDeliveries.Contribution <= 0);
        }
    }

    private static double[] Play(PeerScoreOptions options, List<Deed> story, int[] topics)
    {
        RouterHarness router = Joined(options);
        GossipPeer peer = router.AddPeer();
        List<double> scores = [];
        SeededChance chance = new(1);
        for (int i = 0; i < story.Count; i++)
        {
            Do(router, peer, story[i], Topics[topics[i]], chance);
            scores.Add(router.Score(peer));
        }

        return [.. scores];
    }

    private static RouterHarness Joined(PeerScoreOptions options)
    {
        RouterHarness router = new(new GossipsubOptions { Scoring = options, QueueProtection = null });
        foreach (string topic in Topics)
        {
            router.Join(topic);
        }

        return router;
    }

    private enum Deed
    {
        Nothing,
        DeliverFirst,
        DeliverIgnored,
        DeliverInvalid,
        Lose,
        Malformed,
        Empty,
        Slow,
        Heartbeat,
        Minute,
        Subscribe,
        Unsubscribe,
        Graft,
        Prune,
        Praise,
        Blame,
        Address,
    }

    private const int DeedCount = (int)Deed.Address + 1;

    // Of each pair the second is the better conduct, and lets everything else be as it is.
    private static readonly (Deed Bad, Deed Good)[] Pairs =
    [
        (Deed.DeliverInvalid, Deed.Nothing),
        (Deed.DeliverInvalid, Deed.DeliverIgnored),
        (Deed.DeliverInvalid, Deed.Lose),
        (Deed.Malformed, Deed.Nothing),
        (Deed.Empty, Deed.Nothing),
        (Deed.Slow, Deed.Nothing),
        (Deed.DeliverIgnored, Deed.Nothing),
        (Deed.Nothing, Deed.DeliverIgnored),
        (Deed.Lose, Deed.Nothing),
        (Deed.Nothing, Deed.Lose),
    ];

    private static void Do(RouterHarness router, GossipPeer peer, Deed deed, string topic, SeededChance chance)
    {
        switch (deed)
        {
            case Deed.DeliverFirst:
                Judge(Verdict.Accept);
                break;
            case Deed.DeliverIgnored:
                Judge(Verdict.Ignore);
                break;
            case Deed.DeliverInvalid:
                Judge(Verdict.Reject);
                break;
            case Deed.Lose:
                router.Send(peer, $"{router.Router.Counters.MessagesReceived}", topic);
                router.Lose(router.LastValidating(), ValidationLoss.Timeout);
                break;
            case Deed.Malformed:
                router.Violate(peer, RpcViolation.Malformed);
                break;
            case Deed.Empty:
                router.Send(peer, "", topic);
                break;
            case Deed.Slow:
                router.Router.OnSlowPeer(peer, 3, router.Now);
                break;
            case Deed.Heartbeat:
                router.Heartbeat();
                break;
            case Deed.Minute:
                router.Heartbeat(60);
                break;
            case Deed.Subscribe:
                router.Receive(peer, new RpcBuilder().Subscribe(topic));
                break;
            case Deed.Unsubscribe:
                router.Receive(peer, new RpcBuilder().Subscribe(topic, false));
                break;
            case Deed.Graft:
                router.Receive(peer, new RpcBuilder().Graft(topic));
                break;
            case Deed.Prune:
                router.Receive(peer, new RpcBuilder().Prune(topic, 1));
                break;
            case Deed.Praise:
                router.Router.SetApplicationScore(peer.Id, chance.NextDouble() * 1e12);
                break;
            case Deed.Blame:
                router.Router.SetApplicationScore(peer.Id, -chance.NextDouble() * 1e12);
                break;
            case Deed.Address:
                router.Router.SetAddresses(peer, [new IPAddress([192, 0, 2, (byte)chance.NextInt32(2)])]);
                break;
            default:
                break;
        }

        router.Take();

        void Judge(Verdict verdict)
        {
            router.Send(peer, $"{router.Router.Counters.MessagesReceived}", topic);
            GossipMessage? message = router.Validating.LastOrDefault();
            if (message is not null)
            {
                router.Judge(message, verdict);
            }
        }
    }

    private static PeerScoreOptions Options(SeededChance chance, bool extreme = false)
    {
        double most = extreme ? 1e12 : 100;
        PeerScoreOptions options = new()
        {
            // Nobody is cut off: what is compared is the score, not what follows from it.
            Thresholds = new ScoreThresholds { Gossip = -1e300, Publish = -1e300, Graylist = -1e300 },
            TopicScoreCap = chance.NextInt32(2) * Number(most),
            TopicGate = chance.NextInt32(2) == 0 ? null : 0,
            ApplicationWeight = Number(most),
            IpColocationWeight = -Number(most),
            IpColocationThreshold = 1 + chance.NextInt32(3),
            BehaviourPenaltyWeight = -Number(most),
            BehaviourPenaltyThreshold = Number(5),
            BehaviourPenaltyDecay = Part(),
            SlowPeerWeight = -Number(most),
            SlowPeerThreshold = Number(5),
            SlowPeerDecay = Part(),
            DecayToZero = Part(),
            MaxRetained = chance.NextInt32(4),
            DefaultTopic = Topic(),
            Topics = new Dictionary<string, TopicScoreOptions> { [Topics[0]] = Topic(), [Topics[1]] = Topic() },
        };
        Assert.Empty(new GossipsubOptions { Scoring = options }.Validate());
        return options;

        TopicScoreOptions Topic()
        {
            double threshold = Number(20) + 0.01;
            return new TopicScoreOptions
            {
                Weight = Number(most),
                TimeInMeshWeight = Number(most),
                TimeInMeshQuantum = TimeSpan.FromSeconds(Number(100) + 0.001),
                TimeInMeshCap = Number(most) + 0.01,
                FirstMessageDeliveriesWeight = Number(most),
                FirstMessageDeliveriesDecay = Part(),
                FirstMessageDeliveriesCap = Number(most) + 0.01,
                MeshMessageDeliveriesWeight = -Number(most),
                MeshMessageDeliveriesDecay = Part(),
                MeshMessageDeliveriesThreshold = threshold,
                MeshMessageDeliveriesCap = threshold + Number(50),
                MeshMessageDeliveriesActivation = TimeSpan.FromSeconds(1 + Number(10)),
                MeshFailurePenaltyWeight = -Number(most),
                MeshFailurePenaltyDecay = Part(),
                InvalidMessageDeliveriesWeight = -Number(most),
                InvalidMessageDeliveriesDecay = Part(),
            };
        }

        double Number(double to) => chance.NextInt32(4) == 0 ? 0 : chance.NextDouble() * (to - 1);

        double Part() => 0.001 + (chance.NextDouble() * 0.998);
    }
}

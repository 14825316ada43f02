using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Pmq.Core.Hosting;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.State;
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
            // The same story twice; in the second one the peer does better once. Who is in the mesh is part of the
            // story, so that the two differ in nothing else.
            SeededChance chance = new(seed);
            PeerScoreOptions options = Options(chance);
            (Act Act, int Topic)[] story = [.. Enumerable.Range(0, 80).Select(
                _ => ((Act)chance.NextInt32(ActCount), chance.NextInt32(Topics.Length)))];
            int place = chance.NextInt32(story.Length);
            (Act bad, Act good) = BetterActs[chance.NextInt32(BetterActs.Length)];
            story[place].Act = bad;
            double[] worse = Play(options, story);
            story[place].Act = good;
            double[] better = Play(options, story);
            Assert.Equal(worse[..place], better[..place]);

            return worse.Zip(better).All(pair => pair.Second >= pair.First - (1e-9 * Math.Abs(pair.First)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Each_better_act_can_have_a_higher_score()
    {
        PeerScoreOptions options = Options(new SeededChance(1)) with
        {
            TopicScoreCap = 0,
            Topics = new Dictionary<string, TopicScoreOptions>(),
            DefaultTopic = MeshDeliveries with
            {
                FirstMessageDeliveriesWeight = 1,
                FirstMessageDeliveriesCap = 9,
                InvalidMessageDeliveriesWeight = -1,
            },
            BehaviourPenaltyWeight = -1,
            BehaviourPenaltyThreshold = 0,
            SlowPeerWeight = -1,
            SlowPeerThreshold = 0,
        };
        foreach ((Act bad, Act good) in BetterActs)
        {
            double[] worse = Play(options, [(Act.Graft, 0), (bad, 0), (Act.Second, 0), (Act.Second, 0)]);
            double[] better = Play(options, [(Act.Graft, 0), (good, 0), (Act.Second, 0), (Act.Second, 0)]);
            Assert.True(better[^1] > worse[^1], $"{bad} {good}");
        }
    }

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

    private enum Act
    {
        Nothing,
        First,
        Copy,
        LateCopy,
        Invalid,
        Misdeed,
        Slow,
        Graft,
        Prune,
        Second,
        Minute,
    }

    private const int ActCount = (int)Act.Minute + 1;

    private static readonly (Act Bad, Act Good)[] BetterActs =
    [
        (Act.Nothing, Act.First),
        (Act.Nothing, Act.Copy),
        (Act.Copy, Act.First),
        (Act.LateCopy, Act.Copy),
        (Act.Invalid, Act.Nothing),
        (Act.Invalid, Act.LateCopy),
        (Act.Invalid, Act.First),
        (Act.Misdeed, Act.Nothing),
        (Act.Slow, Act.Nothing),
    ];

    // The score after each act.
    private static double[] Play(PeerScoreOptions options, (Act Act, int Topic)[] story)
    {
        SeededChance chance = new(1);
        TopicTable table = new(new GossipsubOptions(), chance);
        TopicState[] topics = [.. Topics.Select(name => table.GetOrAdd(name, Encoding.UTF8.GetBytes(name)))];
        TimeSpan now = TimeSpan.Zero;
        PeerScores scores = new(options, new MessageKeyComparer(chance), now);
        GossipPeer peer = new(TestPeers.Id(1), PubsubProtocol.Meshsub12, ConnectionDirection.Outbound);
        GossipPeer other = new(TestPeers.Id(2), PubsubProtocol.Meshsub12, ConnectionDirection.Outbound);
        scores.Add(peer);
        scores.Add(other);
        double[] totals = new double[story.Length];
        for (int i = 0; i < story.Length; i++)
        {
            TopicState topic = topics[story[i].Topic];
            MessageKey key = new(topic.Tag, default(MessageIdOptions).Compute(BitConverter.GetBytes(i)));
            switch (story[i].Act)
            {
                case Act.First:
                    scores.OnAccepted(key, [peer], topic, now);
                    break;
                case Act.Copy or Act.LateCopy:
                    scores.OnAccepted(key, [other], topic, now);
                    TimeSpan late = story[i].Act == Act.LateCopy ? TimeSpan.FromSeconds(90) : TimeSpan.Zero;
                    scores.OnDuplicate(peer, key, topic, now + late);
                    break;
                case Act.Invalid:
                    scores.OnInvalid(peer, topic, 1);
                    break;
                case Act.Misdeed:
                    scores.OnMisdeed(peer, 1);
                    break;
                case Act.Slow:
                    scores.OnSlow(peer);
                    break;
                case Act.Graft when PeerScores.Find(peer, topic) is not { IsInMesh: true }:
                    scores.OnGraft(peer, topic, now);
                    break;
                case Act.Prune:
                    PeerScores.OnPrune(peer, topic);
                    break;
                case Act.Second:
                    scores.Refresh(now += TimeSpan.FromSeconds(1));
                    break;
                case Act.Minute:
                    scores.Refresh(now += TimeSpan.FromMinutes(1));
                    break;
                default:
                    break;
            }

            totals[i] = peer.Score!.Score;
        }

        return totals;
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

using FsCheck;
using FsCheck.Fluent;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>Whatever goes wrong here, who keeps the rules is not blamed for it.</summary>
public sealed class HonestPeerTests
{
    private const string Topic = "reports";

    private static readonly GossipsubOptions Strict = new()
    {
        MeshDegree = 3,
        MeshDegreeHigh = 4,
        MeshDegreeOutbound = 0,
        MaxPendingPerTopic = 3,
        IDontWantThreshold = 1,
        Scoring = new PeerScoreOptions { BehaviourPenaltyThreshold = 0 },
    };

    [Fact]
    public void Honest_peers_are_never_penalised_for_faults_of_ours() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), seed => Run(seed, withLiar: false)).QuickCheckThrowOnFailure();

    // It advertises first what it never sends.
    [Fact]
    public void Honest_peers_are_never_penalised_for_the_lies_of_another() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), seed => Run(seed, withLiar: true)).QuickCheckThrowOnFailure();

    private static void Run(ulong seed, bool withLiar)
    {
        SeededChance chance = new(seed);
        RouterHarness router = new(Strict, seed);
        router.Join(Topic);
        HonestPeer[] peers = [.. Enumerable.Range(0, 7).Select(number => new HonestPeer(number, Topic))];
        List<GossipMessage> waiting = [];
        int messages = 0;
        GossipPeer? liar = withLiar ? router.AddPeer(Topic, id: TestPeers.Id(100)) : null;
        for (int step = 0; step < 300; step++)
        {
            router.Take();
            if (liar is not null)
            {
                string[] ids = [.. Enumerable.Range(messages, 3).Select(i => RouterHarness.IdOf($"data {i}"))];
                router.Receive(liar, new RpcBuilder().IHave(Topic, ids));
            }

            Step(router, peers, waiting, chance, () => $"data {messages += chance.NextInt32(2)}");
            foreach (Effect effect in router.Effects.Where(e => e.Kind == EffectKind.Penalise && e.Peer != liar))
            {
                Assert.Fail($"Seed {seed}, step {step}: {effect.Misbehaviour} of {effect.Peer.Id}.");
            }

            waiting.AddRange(router.Validating);
            foreach (HonestPeer peer in peers.Where(peer => peer.Link is not null))
            {
                peer.Read(router);
                Assert.True(router.Router.ScoreOf(peer.Link!) >= 0, $"Seed {seed}, step {step}: a score is negative.");
            }
        }
    }

    private static void Step(
        RouterHarness router, HonestPeer[] peers, List<GossipMessage> waiting, Chance chance, Func<string> data)
    {
        HonestPeer peer = peers[chance.NextInt32(peers.Length)];
        switch (chance.NextInt32(12))
        {
            case 0 when peer.Link is not null && chance.NextInt32(4) == 0:
                peer.Go(router);
                break;
            case 1 or 2:
                router.Heartbeat();
                foreach (HonestPeer each in peers.Where(each => each.Link is not null))
                {
                    each.Beat(router);
                }

                break;
            case 3 when chance.NextInt32(6) == 0:
                if (!router.Leave(Topic))
                {
                    router.Join(Topic);
                }

                waiting.Clear();
                break;
            case 4:
                router.Publish(Topic, data());
                break;
            case 5 or 6 or 7 when waiting.Count > 0:
                Resolve(router, waiting, chance);
                break;
            default:
                if (peer.Link is null)
                {
                    peer.Come(router);
                }
                else
                {
                    peer.Act(router, chance, data);
                }

                break;
        }
    }

    private static void Resolve(RouterHarness router, List<GossipMessage> waiting, Chance chance)
    {
        int index = chance.NextInt32(waiting.Count);
        GossipMessage message = waiting[index];
        waiting.RemoveAt(index);
        switch (chance.NextInt32(4))
        {
            case 0:
                router.Judge(message, Verdict.Accept);
                break;
            case 1:
                router.Judge(message, Verdict.Ignore);
                break;
            default:
                router.Lose(message, (ValidationLoss)chance.NextInt32(3));
                break;
        }
    }
}

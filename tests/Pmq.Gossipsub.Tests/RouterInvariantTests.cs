using FsCheck;
using FsCheck.Fluent;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Tests.Fixtures;
using Pmq.Testing;

namespace Pmq.Gossipsub.Tests;

/// <summary>What holds after any sequence of inputs.</summary>
public sealed class RouterInvariantTests
{
    private static readonly string[] TopicNames = ["a", "b", "c"];

    private static readonly GossipsubOptions Small = new()
    {
        MeshDegree = 3,
        MeshDegreeLow = 2,
        MeshDegreeHigh = 5,
        MaxPendingPerTopic = 4,
        MaxWantedIds = 10,
        MaxIHaveLength = 6,
        MaxTopicsPerPeer = 2,
        MaxBackoffsPerTopic = 5,
        MaxSeen = 30,
        MaxMessageSize = 1024,
        RpcLimits = new RpcLimits { MaxTopicLength = 64 },
        HistoryBytes = 2000,
        Topics = new Dictionary<string, TopicRules> { ["c"] = new(SignaturePolicy.StrictSign, default) },
    };

    [Fact]
    public void Any_sequence_of_inputs_keeps_the_tables_consistent_and_bounded() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<ulong>(),
            seed =>
            {
                Model model = new(seed);
                for (int step = 0; step < 300; step++)
                {
                    model.Step();
                    model.Check();
                }
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_rpc_that_the_scanner_takes_is_handled_without_an_exception()
    {
        RouterHarness router = new(Small);
        foreach (string topic in TopicNames)
        {
            router.Join(topic);
        }

        GossipPeer[] peers = [.. router.AddPeers(6), router.AddPeer(protocol: PubsubProtocol.Floodsub)];
        RpcScanner scanner = new(Small);
        RpcView view = new();
        EffectList effects = new();
        SeededChance chance = new(1);
        RouterHarness signer = new(Small, identity: TestPeers.Key(5));
        byte[][] corpus =
        [
            new RpcBuilder().Subscribe("a").Subscribe("b").Subscribe("x", false).Build(),
            new RpcBuilder().Graft("a").Graft("b").Prune("a", 3).Prune("c", ulong.MaxValue).Build(),
            new RpcBuilder().Publish("a", "one").Publish("b", "one").Publish("x", "two").Build(),
            new RpcBuilder().IHave("a", RouterHarness.IdOf("one"), RouterHarness.IdOf("3")).Build(),
            new RpcBuilder().IWant(RouterHarness.IdOf("one")).Build(),
            new RpcBuilder().IDontWant(RouterHarness.IdOf("one"), "zz").Build(),
            new RpcBuilder().Publish(signer.Compose("c", "signed")).Build(),
        ];
        int step = 0;
        ParserFuzz.RunMemory(
            input =>
            {
                if (scanner.Scan(input, view) == RpcViolation.None)
                {
                    router.Router.HandleRpc(peers[step % peers.Length], view, router.Now, effects);
                }

                Settle(router, chance, effects, ++step);
            },
            corpus,
            runs: 50_000);
    }

    // What a driver does next; now and then a heartbeat.
    private static void Settle(RouterHarness router, SeededChance chance, EffectList effects, int step)
    {
        for (int i = 0; i < effects.Count; i++)
        {
            Effect effect = effects[i];
            if (effect.Kind == EffectKind.VerifySignature)
            {
                router.Router.OnSignature(effect.Message, (SignatureVerdict)chance.NextInt32(3), router.Now, effects);
            }
            else if (effect.Kind == EffectKind.Validate && chance.NextInt32(4) > 0)
            {
                router.Router.OnVerdict(effect.Message, (Verdict)chance.NextInt32(3), router.Now, effects);
            }
            else if (effect.Kind == EffectKind.Validate)
            {
                router.Router.OnLost(effect.Message, ValidationLoss.Timeout, router.Now);
            }
        }

        effects.Clear();
        if (step % 16 == 0)
        {
            router.Now = router.Router.NextHeartbeat;
            router.Router.Heartbeat(router.Now, effects);
        }

        router.Router.Flush(effects);
        effects.Clear();
    }

    /// <summary>A router driven by lot, and what must be true of it by its effects alone.</summary>
    private sealed class Model
    {
        private readonly SeededChance _chance;
        private readonly RouterHarness _harness;
        private readonly List<GossipPeer> _peers = [];
        private readonly List<GossipMessage> _outstanding = [];
        private readonly HashSet<(string, GossipPeer)> _mesh = [];
        private int _numbers;

        public Model(ulong seed)
        {
            _chance = new SeededChance(seed);
            _harness = new RouterHarness(Small, seed);
        }

        private GossipsubRouter Router => _harness.Router;

        public void Step()
        {
            _harness.Take();
            switch (_chance.NextInt32(12))
            {
                case 0:
                    _peers.Add(_harness.AddPeer(
                        direction: (ConnectionDirection)_chance.NextInt32(2),
                        protocol: (PubsubProtocol)_chance.NextInt32(4),
                        id: TestPeers.Id(_numbers++)));
                    break;
                case 1 when _peers.Count > 3:
                    int gone = _chance.NextInt32(_peers.Count);
                    _harness.RemovePeer(_peers[gone]);
                    _peers.RemoveAt(gone);
                    break;
                case 2:
                    _harness.Join(Topic());
                    break;
                case 3 when _chance.NextInt32(3) == 0:
                    _harness.Leave(Topic());
                    break;
                case 4:
                    _harness.Publish(_harness.Compose(Topic(), Data()));
                    break;
                case 5:
                    _harness.Heartbeat();
                    break;
                case 6 or 7 when _outstanding.Count > 0:
                    Resolve();
                    break;
                default:
                    if (_peers.Count > 0)
                    {
                        _harness.Receive(_peers[_chance.NextInt32(_peers.Count)], RandomRpc());
                    }

                    break;
            }

            Observe();
        }

        public void Check()
        {
            foreach (string topic in TopicNames)
            {
                IReadOnlyList<GossipPeer> mesh = Router.MeshOf(topic);
                Assert.Equal(_mesh.Where(m => m.Item1 == topic).Select(m => m.Item2).OrderBy(p => p.Id), mesh);
                Assert.True(Router.IsJoined(topic) || mesh.Count == 0);
                Assert.All(mesh, peer =>
                {
                    Assert.False(peer.IsRemoved);
                    Assert.NotEqual(PubsubProtocol.Floodsub, peer.Protocol);
                    Assert.Contains(topic, Router.TopicsOf(peer));
                });

                // Only peers that we dialed get in beyond D_high.
                Assert.True(mesh.Count(p => p.Direction == ConnectionDirection.Inbound) <= 5);
                Assert.InRange(Router.FanoutOf(topic).Count, 0, 3);
                Assert.InRange(Router.PendingOf(topic), 0, 4);
                Assert.Equal(_outstanding.Count(m => m.Topic == topic), Router.PendingOf(topic));
            }

            Assert.InRange(Router.WantedCount, 0, 10);
            Assert.InRange(Router.SeenCount, 0, 30);
            Assert.InRange(Router.HistoryBytes, 0, 2000);
            Assert.All(_peers, peer => Assert.InRange(Router.TopicsOf(peer).Count, 0, 2));
        }

        private void Resolve()
        {
            int index = _chance.NextInt32(_outstanding.Count);
            GossipMessage message = _outstanding[index];
            _outstanding.RemoveAt(index);
            if (_chance.NextInt32(4) == 0)
            {
                Assert.True(_harness.Lose(message, (ValidationLoss)_chance.NextInt32(3)));
            }
            else if (message.State == MessageState.Checking)
            {
                _harness.Signature(message, MessageVerifier.Verify(message));
            }
            else
            {
                Assert.True(_harness.Judge(message, (Verdict)_chance.NextInt32(3)));
            }
        }

        private void Observe()
        {
            foreach (Effect effect in _harness.Effects)
            {
                switch (effect.Kind)
                {
                    case EffectKind.Grafted:
                        Assert.True(_mesh.Add((effect.Topic, effect.Peer)));
                        break;
                    case EffectKind.Pruned:
                        Assert.True(_mesh.Remove((effect.Topic, effect.Peer)));
                        break;
                    case EffectKind.Validate or EffectKind.VerifySignature:
                        _outstanding.Add(effect.Message);
                        break;
                    case EffectKind.SendMessage or EffectKind.SendControl:
                        Assert.False(effect.Peer.IsRemoved);
                        break;
                }
            }

            // What was superseded waits no more.
            _outstanding.RemoveAll(message => message.State == MessageState.None);
            foreach (GossipPeer peer in _peers)
            {
                _harness.SentTo(peer);
            }
        }

        private RpcBuilder RandomRpc()
        {
            RpcBuilder rpc = new();
            for (int i = _chance.NextInt32(4); i >= 0; i--)
            {
                _ = _chance.NextInt32(8) switch
                {
                    0 => rpc.Subscribe(Topic(), _chance.NextInt32(4) > 0),
                    1 => rpc.Graft(Topic()),
                    2 => rpc.Prune(Topic(), (ulong)_chance.NextInt32(5)),
                    3 => rpc.IHave(Topic(), Id(), Id(), Id()),
                    4 => rpc.IWant(Id(), Id()),
                    5 => rpc.Publish(new RouterHarness(Small, identity: TestPeers.Key(5)).Compose("c", Data())),
                    _ => rpc.Publish(Topic(), Data()),
                };
            }

            return rpc;
        }

        private string Topic() => TopicNames[_chance.NextInt32(TopicNames.Length)];

        private string Id() => RouterHarness.IdOf(Data());

        private string Data() => $"data {_chance.NextInt32(40)}";
    }
}

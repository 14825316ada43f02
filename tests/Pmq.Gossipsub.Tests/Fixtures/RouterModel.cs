using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Scoring;

namespace Pmq.Gossipsub.Tests.Fixtures;

/// <summary>A router driven by lot with every input that there is.</summary>
internal sealed partial class RouterModel
{
    public static readonly string[] TopicNames = ["a", "b", "c"];

    /// <summary>Bounds so small that all of them are met.</summary>
    public static readonly GossipsubOptions Small = new()
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
        MaxMessageSize = 2048,
        RpcLimits = new RpcLimits { MaxTopicLength = 64 },
        HistoryBytes = 4000,
        MaxHistory = 30,
        IDontWantThreshold = 8,
        MaxIDontWantIds = 3,
        MaxIDontWantMessages = 5,
        PeerExchange = true,
        PrunePeers = 3,
        MaxExchangedPeers = 4,
        DirectPeers = [new DirectPeer(TestPeers.Id(2), [])],
        DirectConnectTicks = 3,
        Topics = new Dictionary<string, TopicRules> { ["c"] = new(SignaturePolicy.StrictSign, default) },
        Scoring = new PeerScoreOptions
        {
            Thresholds = new ScoreThresholds { Gossip = -5, Publish = -20, Graylist = -60, AcceptPeerExchange = 0 },
            BehaviourPenaltyThreshold = 1,
            IpColocationThreshold = 2,
            DefaultTopic = new TopicScoreOptions
            {
                MeshMessageDeliveriesWeight = -0.5,
                MeshMessageDeliveriesActivation = TimeSpan.FromSeconds(2),
                MeshMessageDeliveriesThreshold = 3,
                MeshFailurePenaltyWeight = -0.5,
            },
        },
    };

    private static readonly PrivateKey Author = TestPeers.Key(5);

    private readonly SeededChance _chance;
    private readonly RouterHarness _harness;
    private readonly RouterHarness _author = new(Small, identity: Author);
    private readonly List<GossipPeer> _peers = [];
    private readonly List<GossipMessage> _outstanding = [];
    private readonly HashSet<(string, GossipPeer)> _mesh = [];
    private readonly List<GossipMessage> _published = [];
    private int _numbers;

    public RouterModel(ulong seed)
    {
        _chance = new SeededChance(seed);
        _harness = new RouterHarness(Small, seed);
    }

    private GossipsubRouter Router => _harness.Router;

    public void Step()
    {
        _harness.Take();
        switch (_chance.NextInt32(20))
        {
            case 0 or 1 when _peers.Count < 12:
                Come();
                break;
            case 2 when _peers.Count > 3:
                int gone = _chance.NextInt32(_peers.Count);
                _harness.RemovePeer(_peers[gone]);
                _peers.RemoveAt(gone);
                break;
            case 3:
                _harness.Join(Topic(), (JoinMode)_chance.NextInt32(3));
                break;
            case 4 when _chance.NextInt32(3) == 0:
                _harness.Leave(Topic());
                break;
            case 5:
                GossipMessage message = _harness.Compose(Topic(), Data());
                _published.Add(message);
                _harness.Publish(message);
                break;
            case 6 or 7:
                _harness.Heartbeat();
                CheckHeartbeat();
                break;
            case 8 or 9 or 10 when _outstanding.Count > 0:
                Resolve();
                break;
            case 11 when _peers.Count > 0:
                SetSomething(Peer());
                break;
            case 12 when _published.Count > 0:
                Router.OnPublishUnsent(_published[_chance.NextInt32(_published.Count)], _harness.Now);
                break;
            default:
                if (_peers.Count > 0)
                {
                    _harness.Receive(Peer(), RandomRpc());
                }

                break;
        }

        Observe();
    }

    private void Come()
    {
        // Now and then somebody comes back under the same name.
        PeerId id = TestPeers.Id(_chance.NextInt32(3) == 0 ? _chance.NextInt32(8) : _numbers++);
        if (!_peers.Exists(peer => peer.Id.Equals(id)))
        {
            _peers.Add(_harness.AddPeer(
                direction: (ConnectionDirection)_chance.NextInt32(2),
                protocol: (PubsubProtocol)_chance.NextInt32(4),
                id: id));
        }
    }

    private void SetSomething(GossipPeer peer)
    {
        switch (_chance.NextInt32(10))
        {
            case 0:
                Router.SetApplicationScore(peer.Id, _chance.NextInt32(100) - 70);
                break;
            case 1:
                Router.SetAddresses(peer, [new([192, 0, 2, (byte)_chance.NextInt32(3)])]);
                break;
            case 2:
                Router.OnSlowPeer(peer, 1 + _chance.NextInt32(5), _harness.Now);
                break;
            case 3:
                Router.SetPeerRecord(peer.Id, Record(out _));
                break;
            case 4:
                _harness.Reannounce(peer, (PubsubProtocol)_chance.NextInt32(4));
                break;
            case 5:
                _harness.Do((router, effects) =>
                    router.AddDirectPeer(new DirectPeer(peer.Id, []), _harness.Now, effects));
                break;
            case 6:
                Router.RemoveDirectPeer(peer.Id);
                break;
            case 7:
                _harness.Do((router, effects) => router.Suspend(peer, effects));
                break;
            case 8:
                Router.OnVerifierAttached();
                break;
            default:
                Router.SetTopicScoring(Topic(), _chance.NextInt32(2) == 0 ? null : TopicScoreOptions.Default);
                break;
        }
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

    private RpcBuilder RandomRpc()
    {
        RpcBuilder rpc = new();
        for (int i = _chance.NextInt32(4); i >= 0; i--)
        {
            _ = _chance.NextInt32(11) switch
            {
                0 => rpc.Subscribe(Topic(), _chance.NextInt32(4) > 0),
                1 => rpc.Graft(Topic()),
                2 => rpc.Prune(Topic(), (ulong)_chance.NextInt32(5)),
                3 => rpc.PruneWithPeers(Topic(), (TestPeers.Id(_chance.NextInt32(20)), []), Told()),
                4 => rpc.IHave(Topic(), Id(), Id(), Id()),
                5 => rpc.IWant(Id(), Id()),
                6 => rpc.IDontWant(Id(), Id()),
                7 => rpc.Publish(_author.Compose("c", Data())),
                _ => rpc.Publish(Topic(), Data()),
            };
        }

        return rpc;
    }

    private (PeerId Peer, byte[] Record) Told()
    {
        byte[] record = Record(out PeerId peer);
        return (_chance.NextInt32(4) == 0 ? TestPeers.Id(1) : peer, record);
    }

    private byte[] Record(out PeerId peer)
    {
        PrivateKey key = TestPeers.Key((ulong)_chance.NextInt32(6) + 50);
        peer = PeerId.FromPublicKey(key.PublicKey);
        return new PeerRecord(peer, 1, [Multiaddr.Parse("/ip4/1.1.1.1/tcp/1")]).Seal(key).Encoded.ToArray();
    }

    private GossipPeer Peer() => _peers[_chance.NextInt32(_peers.Count)];

    private string Topic() => TopicNames[_chance.NextInt32(TopicNames.Length)];

    private string Id() => RouterHarness.IdOf(Data());

    private string Data() => $"data {_chance.NextInt32(40)}";
}

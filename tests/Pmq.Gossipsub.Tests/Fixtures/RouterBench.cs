using System.Buffers.Binary;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Rpc;

namespace Pmq.Gossipsub.Tests.Fixtures;

/// <summary>
/// A router in the middle of a mesh that every peer sends each message to, driven without the test's own allocations.
/// </summary>
internal sealed class RouterBench
{
    private readonly GossipsubRouter _router;
    private readonly RpcScanner _scanner;
    private readonly RpcView _view = new();
    private readonly EffectList _effects = new();
    private readonly GossipPeer[] _peers;
    private readonly byte[] _rpc;
    private readonly int _dataOffset;
    private long _number;

    public RouterBench(int peers, int payload)
    {
        GossipsubOptions options = new() { MaxSeen = 3000 };
        _router = new GossipsubRouter(options, TestPeers.Id(1000), new SeededChance(1), TimeSpan.Zero);
        _scanner = new RpcScanner(options);
        _router.Join("t", TimeSpan.Zero, _effects);
        _peers = new GossipPeer[peers];
        for (int i = 0; i < peers; i++)
        {
            _peers[i] = _router.AddPeer(
                TestPeers.Id(i), PubsubProtocol.Meshsub12, ConnectionDirection.Outbound, TimeSpan.Zero, _effects);
            _scanner.Scan(new RpcBuilder().Graft("t").Build(), _view);
            _router.HandleRpc(_peers[i], _view, TimeSpan.Zero, _effects);
        }

        _rpc = new RpcBuilder().Publish("t", new byte[payload]).Build();
        _dataOffset = _rpc.AsSpan().IndexOf(new byte[payload]);
    }

    /// <summary>Messages sent on so far.</summary>
    public long Sent => _router.Counters.MessagesSent;

    public void Run(int messages)
    {
        TimeSpan now = _router.NextHeartbeat;
        for (int i = 0; i < messages; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_rpc.AsSpan(_dataOffset), ++_number);
            Receive(_peers[0], now);
            for (int e = 0; e < _effects.Count; e++)
            {
                if (_effects[e].Kind == EffectKind.Validate)
                {
                    _router.OnVerdict(_effects[e].Message, Verdict.Accept, now, _effects);
                }
            }

            foreach (GossipPeer peer in _peers.AsSpan(1))
            {
                Receive(peer, now);
            }

            _router.Flush(_effects);
            _effects.Clear();
            if (i % 100 == 0)
            {
                _router.Heartbeat(now, _effects);
            }
        }
    }

    private void Receive(GossipPeer peer, TimeSpan now)
    {
        _scanner.Scan(_rpc, _view);
        _router.HandleRpc(peer, _view, now, _effects);
    }
}

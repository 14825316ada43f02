using Pmq.Core.Addresses;
using Pmq.Core.Encoding;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests.Simulation;

/// <summary>A router in a simulated network: does what a driver does, in virtual time.</summary>
internal sealed class Node
{
    private readonly Network _network;
    private readonly EffectList _effects = new();
    private readonly RpcScanner _scanner;
    private readonly RpcView _view = new();
    private readonly MessageComposer _composer;
    private readonly ReadOnlyMemory<byte> _record;
    private readonly Dictionary<Node, GossipPeer> _peers = [];
    private ulong _sequenceNumber;

    public Node(Network network, int number, GossipsubOptions options)
    {
        _network = network;
        Number = number;
        PrivateKey key = TestPeers.Key((ulong)number + 1000);
        Id = PeerId.FromPublicKey(key.PublicKey);
        Router = new GossipsubRouter(options, Id, network.Chance.Fork($"router-{number}"), network.Now);
        _scanner = new RpcScanner(options);
        _composer = new MessageComposer(options, key);
        _record = new PeerRecord(Id, 1, [Multiaddr.Parse($"/memory/{number}")]).Seal(key).Encoded;
    }

    public int Number { get; }

    public PeerId Id { get; }

    public GossipsubRouter Router { get; }

    public IEnumerable<Node> Neighbours => _peers.Keys;

    /// <summary>What was delivered here, in order.</summary>
    public List<string> Delivered { get; } = [];

    /// <summary>What this node's verifier says; accept unless set.</summary>
    public Func<GossipMessage, Verdict> Verifier { get; set; } = _ => Verdict.Accept;

    /// <summary>How long its verifier takes.</summary>
    public TimeSpan VerdictDelay { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Penalties that it imposed, by the number of the node they hit.</summary>
    public List<(int Node, Misbehaviour Misbehaviour)> Penalties { get; } = [];

    public PubsubProtocol Protocol { get; init; } = PubsubProtocol.Meshsub12;

    public void Join(string topic)
    {
        Router.Join(topic, _network.Now, _effects);
        CarryOut();
    }

    public void Leave(string topic)
    {
        Router.Leave(topic, _network.Now, _effects);
        CarryOut();
    }

    public PublishReceipt Publish(string topic, string data)
    {
        Assert.Equal(
            ComposeFault.None,
            _composer.TryCompose(
                topic, System.Text.Encoding.UTF8.GetBytes(data), ++_sequenceNumber, out GossipMessage? message));
        PublishReceipt receipt = Router.Publish(message!, _network.Now, _effects);
        CarryOut();
        return receipt;
    }

    public void Connected(Node other, Core.Hosting.ConnectionDirection direction)
    {
        PubsubProtocol protocol = (PubsubProtocol)Math.Min((int)Protocol, (int)other.Protocol);
        GossipPeer peer = Router.AddPeer(other.Id, protocol, direction, _network.Now, _effects);
        peer.DriverState = other;
        Router.SetPeerRecord(other.Id, other._record); // As identify brings it.
        _peers.Add(other, peer);
        CarryOut();
    }

    public void Disconnected(Node other)
    {
        if (_peers.Remove(other, out GossipPeer? peer))
        {
            Router.RemovePeer(peer, _network.Now, _effects);
            CarryOut();
        }
    }

    public bool IsConnectedTo(Node other) => _peers.ContainsKey(other);

    public void Receive(Node from, byte[] frames)
    {
        ReadOnlyMemory<byte> rest = frames;
        while (!rest.IsEmpty && _peers.TryGetValue(from, out GossipPeer? peer))
        {
            Assert.Equal(VarintStatus.Done, Varint.Read(rest.Span, out ulong size, out int prefix));
            Assert.Equal(RpcViolation.None, _scanner.Scan(rest.Slice(prefix, (int)size), _view));
            rest = rest[(prefix + (int)size)..];
            Router.HandleRpc(peer, _view, _network.Now, _effects);
        }

        CarryOut();
    }

    public void Heartbeat()
    {
        Router.Heartbeat(_network.Now, _effects);
        CarryOut();
    }

    private void CarryOut()
    {
        Router.Flush(_effects);
        for (int i = 0; i < _effects.Count; i++)
        {
            Effect effect = _effects[i];
            switch (effect.Kind)
            {
                case EffectKind.SendMessage:
                    _network.Send(
                        this, (Node)effect.Peer.DriverState!, effect.Message.Frame.ToArray(), isPayload: true);
                    break;
                case EffectKind.SendControl:
                    _network.Send(this, (Node)effect.Peer.DriverState!, effect.Frame.ToArray(), isPayload: false);
                    break;
                case EffectKind.VerifySignature:
                    _network.Schedule(TimeSpan.FromMilliseconds(1), () => OnVerified(effect.Message));
                    break;
                case EffectKind.Validate:
                    _network.Schedule(VerdictDelay, () => OnJudged(effect.Message));
                    break;
                case EffectKind.Deliver:
                    Delivered.Add(RouterHarness.Text(effect.Message));
                    _network.Trace(this, "deliver", effect.Message.Id.ToString());
                    break;
                case EffectKind.Connect:
                    _network.Connect(this, effect.Target);
                    break;
                case EffectKind.Penalise:
                    Penalties.Add((((Node)effect.Peer.DriverState!).Number, effect.Misbehaviour));
                    break;
            }
        }

        _effects.Clear();
    }

    private void OnVerified(GossipMessage message)
    {
        Router.OnSignature(message, MessageVerifier.Verify(message), _network.Now, _effects);
        CarryOut();
    }

    private void OnJudged(GossipMessage message)
    {
        Router.OnVerdict(message, Verifier(message), _network.Now, _effects);
        CarryOut();
    }
}

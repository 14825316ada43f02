using System.Text;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub.Tests.Fixtures;

/// <summary>One router among peers that the test plays. Time stands until the test moves it.</summary>
internal sealed class RouterHarness
{
    private readonly EffectList _effects = new();
    private readonly RpcScanner _scanner;
    private readonly RpcView _view = new();
    private readonly MessageComposer _composer;
    private int _peerCount;

    // Tests of one router stay on one thread.
    [ThreadStatic]
    private static GoGaps _gaps;

    public RouterHarness(
        GossipsubOptions? options = null, ulong seed = 1, PeerPolicy? policy = null, PrivateKey? identity = null)
    {
        Options = options ?? new GossipsubOptions();
        Identity = identity ?? TestPeers.Key(77);
        Router = new GossipsubRouter(
            Options,
            PeerId.FromPublicKey(Identity.PublicKey),
            new SeededChance(seed),
            TimeSpan.Zero,
            policy ?? new PeerPolicy(),
            _gaps);
        _scanner = new RpcScanner(Options);
        _composer = new MessageComposer(Options, Identity);
    }

    /// <summary>A router that has joined <c>reports</c> among peers that have, too.</summary>
    public static RouterHarness Joined(out GossipPeer[] peers, int count, GossipsubOptions? options = null)
    {
        RouterHarness router = new(options);
        router.Join("reports");
        peers = router.AddPeers(count, "reports");
        router.Take();
        return router;
    }

    /// <summary>The same with two peers.</summary>
    public static RouterHarness Joined(out GossipPeer first, out GossipPeer second)
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 2);
        (first, second) = (peers[0], peers[1]);
        return router;
    }

    /// <summary>Runs a test whose routers have a defect.</summary>
    public static void WithGap(GoGaps gap, Action test)
    {
        _gaps = gap;
        try
        {
            test();
        }
        finally
        {
            _gaps = GoGaps.None;
        }
    }

    public GossipsubOptions Options { get; }

    public PrivateKey Identity { get; }

    public GossipsubRouter Router { get; }

    public TimeSpan Now { get; set; }

    /// <summary>The effects since the last <see cref="Take"/>, flushed.</summary>
    public List<Effect> Effects { get; } = [];

    public IEnumerable<GossipMessage> Delivered => MessagesOf(EffectKind.Deliver);

    public IEnumerable<GossipMessage> Validating => MessagesOf(EffectKind.Validate);

    public IEnumerable<GossipMessage> Verifying => MessagesOf(EffectKind.VerifySignature);

    public IEnumerable<ConnectTarget> Connecting =>
        Effects.Where(e => e.Kind == EffectKind.Connect).Select(e => e.Target);

    public GossipPeer AddPeer(
        string? topic = null,
        ConnectionDirection direction = ConnectionDirection.Outbound,
        PubsubProtocol protocol = PubsubProtocol.Meshsub12,
        PeerId? id = null)
    {
        GossipPeer peer = Router.AddPeer(id ?? TestPeers.Id(_peerCount++), protocol, direction, Now, _effects);
        Collect();
        if (topic is not null)
        {
            Receive(peer, new RpcBuilder().Subscribe(topic));
        }

        return peer;
    }

    public GossipPeer[] AddPeers(
        int count, string? topic = null, ConnectionDirection direction = ConnectionDirection.Outbound) =>
        [.. Enumerable.Range(0, count).Select(_ => AddPeer(topic, direction))];

    public void RemovePeer(GossipPeer peer)
    {
        Router.RemovePeer(peer, Now, _effects);
        Collect();
    }

    public void Reannounce(GossipPeer peer, PubsubProtocol protocol)
    {
        Router.Reannounce(peer, protocol, Now, _effects);
        Collect();
    }

    public void Receive(GossipPeer peer, RpcBuilder rpc) => Receive(peer, rpc.Build());

    public void Receive(GossipPeer peer, byte[] rpc)
    {
        Assert.Equal(RpcViolation.None, _scanner.Scan(rpc, _view));
        Router.HandleRpc(peer, _view, Now, _effects);
        Array.Fill(rpc, (byte)0xEE); // The router may keep nothing of the memory that it was lent.
        Collect();
    }

    /// <summary>Any other input.</summary>
    public void Do(Action<GossipsubRouter, EffectList> input)
    {
        input(Router, _effects);
        Collect();
    }

    /// <summary>Receives RPCs without a flush between them.</summary>
    public void ReceiveInOneTurn(params (GossipPeer Peer, RpcBuilder Rpc)[] rpcs)
    {
        foreach ((GossipPeer peer, RpcBuilder rpc) in rpcs)
        {
            Assert.Equal(RpcViolation.None, _scanner.Scan(rpc.Build(), _view));
            Router.HandleRpc(peer, _view, Now, _effects);
        }

        Collect();
    }

    /// <summary>Receives a message that is lost before the turn ends.</summary>
    public void ReceiveAndLose(GossipPeer peer, RpcBuilder rpc, ValidationLoss loss)
    {
        Assert.Equal(RpcViolation.None, _scanner.Scan(rpc.Build(), _view));
        Router.HandleRpc(peer, _view, Now, _effects);
        Assert.Equal(EffectKind.Validate, _effects[_effects.Count - 1].Kind);
        Assert.True(Router.OnLost(_effects[_effects.Count - 1].Message, loss, Now));
        Collect();
    }

    /// <summary>Receives a message that is judged before the next flush.</summary>
    public void ReceiveAndJudge(GossipPeer peer, RpcBuilder rpc, Verdict verdict)
    {
        Assert.Equal(RpcViolation.None, _scanner.Scan(rpc.Build(), _view));
        Router.HandleRpc(peer, _view, Now, _effects);
        Assert.True(Router.OnVerdict(_effects[_effects.Count - 1].Message, verdict, Now, _effects));
        Collect();
    }

    public JoinOutcome Join(string topic, JoinMode mode = JoinMode.Deliver)
    {
        JoinOutcome outcome = Router.Join(topic, Now, _effects, mode);
        Collect();
        return outcome;
    }

    public bool Leave(string topic)
    {
        bool left = Router.Leave(topic, Now, _effects);
        Collect();
        return left;
    }

    public GossipMessage Compose(string topic, string data, ulong sequenceNumber = 1)
    {
        Assert.Equal(
            ComposeFault.None,
            _composer.TryCompose(topic, Encoding.UTF8.GetBytes(data), sequenceNumber, out GossipMessage? message));
        return message!;
    }

    public PublishReceipt Publish(string topic, string data) => Publish(Compose(topic, data));

    public PublishReceipt Publish(GossipMessage message)
    {
        PublishReceipt receipt = Router.Publish(message, Now, _effects);
        Collect();
        return receipt;
    }

    public bool Judge(GossipMessage message, Verdict verdict)
    {
        bool waited = Router.OnVerdict(message, verdict, Now, _effects);
        Collect();
        return waited;
    }

    public void Signature(GossipMessage message, SignatureVerdict verdict)
    {
        Router.OnSignature(message, verdict, Now, _effects);
        Collect();
    }

    /// <summary>Verifies with the real verifier what waits for it.</summary>
    public void VerifyAll()
    {
        foreach (GossipMessage message in Verifying.ToArray())
        {
            Signature(message, MessageVerifier.Verify(message));
        }
    }

    public void LoseAndFlush(GossipMessage message, ValidationLoss loss)
    {
        Assert.True(Router.OnLost(message, loss, Now));
        Collect();
    }

    public bool Lose(GossipMessage message, ValidationLoss loss) => Router.OnLost(message, loss, Now);

    public void Violate(GossipPeer peer, RpcViolation violation)
    {
        Router.HandleViolation(peer, violation, _effects);
        Collect();
    }

    /// <summary>Moves the time over a number of heartbeats.</summary>
    public void Heartbeat(int count = 1)
    {
        for (int i = 0; i < count; i++)
        {
            Now = Router.NextHeartbeat;
            Router.Heartbeat(Now, _effects);
            Collect();
        }
    }

    public void Advance(TimeSpan time)
    {
        TimeSpan until = Now + time;
        while (Router.NextHeartbeat <= until)
        {
            Heartbeat();
        }

        Now = until;
    }

    /// <summary>Forgets the effects so far.</summary>
    public void Take() => Effects.Clear();

    public IReadOnlyList<GossipPeer> RecipientsOf(GossipMessage message) =>
        [.. Effects.Where(e => e.Kind == EffectKind.SendMessage && e.Message == message).Select(e => e.Peer)];

    public IReadOnlyList<GossipPeer> RecipientsOf(string data) =>
        [.. Effects.Where(e => e.Kind == EffectKind.SendMessage && Text(e.Message) == data).Select(e => e.Peer)];

    public SentRpc SentTo(GossipPeer peer)
    {
        IEnumerable<Effect> sent = Effects.Where(e => e.Kind == EffectKind.SendControl && e.Peer == peer);
        return SentRpc.Read([.. sent.SelectMany(e => e.Frame.ToArray())], Options.MaxMessageSize);
    }

    public int Penalties(GossipPeer peer, Misbehaviour misbehaviour) => Effects
        .Where(e => e.Kind == EffectKind.Penalise && e.Peer == peer && e.Misbehaviour == misbehaviour)
        .Sum(e => e.Count);

    public int Penalties() => Effects.Where(e => e.Kind == EffectKind.Penalise).Sum(e => e.Count);

    public static string Text(GossipMessage message) => Encoding.UTF8.GetString(message.Data.Span);

    public static string IdOf(string data) =>
        default(MessageIdOptions).Compute(Encoding.UTF8.GetBytes(data)).ToString();

    private IEnumerable<GossipMessage> MessagesOf(EffectKind kind) =>
        Effects.Where(e => e.Kind == kind).Select(e => e.Message);

    private void Collect()
    {
        Router.Flush(_effects);
        for (int i = 0; i < _effects.Count; i++)
        {
            Effects.Add(_effects[i]);
        }

        _effects.Clear();
    }
}

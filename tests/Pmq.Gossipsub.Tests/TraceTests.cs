using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Tests.Fixtures;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Gossipsub.Tests;

/// <summary>Each thing that the router does to a message, a mesh or a peer is told to the trace once, in order.</summary>
public sealed class TraceTests
{
    private readonly RouterHarness _bench = new();
    private readonly List<string> _events = [];

    public TraceTests() => _bench.Router.Trace = new Sink(_events);

    [Fact]
    public void Peers_topics_and_meshes_are_told_as_they_come_and_go()
    {
        _bench.Join("t");
        GossipPeer peer = _bench.AddPeer("t");
        _bench.Receive(peer, new RpcBuilder().Prune("t"));
        _bench.Leave("t");
        _bench.RemovePeer(peer);

        Assert.Equal(
            [
                "Join t", "AddPeer A Meshsub12", "ReceiveRpc A sub t", "Graft A t", "ReceiveRpc A prune t",
                "Prune A t", "Leave t", "RemovePeer A",
            ],
            _events);
    }

    [Fact]
    public void A_message_is_told_from_its_coming_to_its_end()
    {
        _bench.Join("t");
        GossipPeer peer = _bench.AddPeer("t");
        GossipPeer other = _bench.AddPeer("t");
        _events.Clear();
        string id = RouterHarness.IdOf("x");

        _bench.Receive(peer, new RpcBuilder().Publish("t", "x"));
        _bench.Receive(other, new RpcBuilder().Publish("t", "x"));
        _bench.Judge(Assert.Single(_bench.Validating), Verdict.Accept);
        _bench.Receive(other, new RpcBuilder().Publish("t", "x"));

        Assert.Equal(
            [
                $"ReceiveRpc A message t {id}", $"ReceiveRpc B message t {id}", $"Duplicate B t {id} DuplicatePending",
                $"Deliver A t {id}", $"ReceiveRpc B message t {id}", $"Duplicate B t {id} DuplicateSeen",
            ],
            _events);
    }

    [Theory]
    [InlineData(Verdict.Reject, "Reject A t ID Rejected", "Penalty A RejectedMessage 1")]
    [InlineData(Verdict.Ignore, "Reject A t ID Ignored")]
    public void A_message_that_is_not_accepted_is_told_with_the_reason(Verdict verdict, params string[] expected)
    {
        _bench.Join("t");
        GossipPeer peer = _bench.AddPeer("t");
        _bench.Receive(peer, new RpcBuilder().Publish("t", "x"));
        _events.Clear();

        _bench.Judge(Assert.Single(_bench.Validating), verdict);

        Assert.Equal(
            expected, _events.Select(e => e.Replace(RouterHarness.IdOf("x"), "ID", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_never_reaches_a_verdict_is_told_with_the_reason()
    {
        _bench.Join("t");
        GossipPeer peer = _bench.AddPeer("t");
        _bench.Receive(peer, new RpcBuilder().Publish("t", "x"));
        _events.Clear();

        _bench.Lose(Assert.Single(_bench.Validating), ValidationLoss.Timeout);
        _bench.Receive(peer, new RpcBuilder().Publish("u", "x"));
        _bench.Receive(peer, new RpcBuilder().Publish("t", ""));

        string id = RouterHarness.IdOf("x");
        Assert.Equal(
            [
                $"Reject A t {id} Timeout", $"ReceiveRpc A message u {id}", $"Reject A  {id} TopicNotJoined",
                "ReceiveRpc A", "Reject A   EmptyData",
            ],
            _events);
    }

    [Fact]
    public void A_publication_is_told_and_its_delivery_here()
    {
        _bench.Join("t");
        _events.Clear();

        _bench.Publish("t", "x");

        string id = RouterHarness.IdOf("x");
        Assert.Equal([$"Publish  t {id}", $"Deliver  t {id}"], _events);
    }

    [Fact]
    public void A_score_that_crosses_a_threshold_is_told_at_the_next_heartbeat_and_counted_by_its_band()
    {
        GossipPeer peer = _bench.AddPeer();
        _bench.AddPeer();
        _bench.Router.SetApplicationScore(peer.Id, -300);
        _events.Clear();

        _bench.Heartbeat(2);
        Assert.Equal(["ScoreBand A NoPublish -300"], _events);
        Assert.Equal((1, 1), (_bench.Router.PeersIn(ScoreBand.Ok), _bench.Router.PeersIn(ScoreBand.NoPublish)));

        _bench.Router.SetApplicationScore(peer.Id, -1000);
        _bench.Heartbeat();
        _bench.Receive(peer, new RpcBuilder().Publish("t", "x"));
        _bench.Router.SetApplicationScore(peer.Id, 0);
        _bench.Heartbeat();

        Assert.Equal(
            [
                "ScoreBand A Graylisted -1000", $"ReceiveRpc A message t {RouterHarness.IdOf("x")}", "Throttle A 1",
                "ScoreBand A Ok 0",
            ],
            _events[1..]);
        Assert.Equal(2, _bench.Router.PeersIn(ScoreBand.Ok));
    }

    [Fact]
    public void A_slow_peer_is_told_with_what_it_cost()
    {
        GossipPeer peer = _bench.AddPeer();
        _events.Clear();

        _bench.Router.OnSlowPeer(peer, 7, _bench.Now);

        Assert.Equal(["SlowPeer A 7"], _events);
    }

    [Fact]
    public void Peers_that_a_PRUNE_names_are_told_when_they_are_used()
    {
        var bench = new RouterHarness(new GossipsubOptions { PeerExchange = true, Scoring = null });
        bench.Join("t");
        GossipPeer peer = bench.AddPeer("t");
        bench.Router.Trace = new Sink(_events);

        bench.Receive(peer, new RpcBuilder().PruneWithPeers("t", (TestPeers.Id(500), [])));

        Assert.Contains("PeerExchange A t 1", _events);
    }

    [Fact]
    public void Sent_control_can_be_read_whole_from_its_frames()
    {
        _bench.Join("t");
        GossipPeer peer = _bench.AddPeer("t");
        ReadOnlyMemory<byte> frame = _bench.Effects.First(e => e.Kind == Effects.EffectKind.SendControl).Frame;

        RpcMeta rpc = TraceEvent.SendRpc(peer.Id, frame).ReadRpc();

        Assert.Equal([("t", true)], rpc.Subscriptions);
        Assert.False(rpc.HasControl);
    }

    [Fact]
    public void A_violation_is_told_as_a_penalty()
    {
        GossipPeer peer = _bench.AddPeer();
        _events.Clear();

        _bench.Violate(peer, RpcViolation.TooLarge);

        Assert.Equal(["Penalty A MalformedRpc 1"], _events);
    }

    private sealed class Sink(List<string> events) : ITraceSink
    {
        public void Trace(in TraceEvent traced)
        {
            string peer = traced.Peer is null ? "" : traced.Peer.Equals(TestPeers.Id(0)) ? "A" : "B";
            string message = $"{traced.Kind} {peer} {traced.Topic} {traced.MessageId}";
            events.Add(traced.Kind switch
            {
                TraceKind.Join or TraceKind.Leave => $"{traced.Kind} {traced.Topic}",
                TraceKind.AddPeer => $"{traced.Kind} {peer} {traced.Protocol}",
                TraceKind.Reject or TraceKind.Duplicate => $"{message} {traced.Reason}",
                TraceKind.Publish or TraceKind.Deliver => message,
                TraceKind.ReceiveRpc => $"{traced.Kind} {peer} {Text(traced.ReadRpc())}".TrimEnd(),
                TraceKind.Penalty => $"{traced.Kind} {peer} {traced.Misbehaviour} {traced.Count}",
                TraceKind.ScoreBand => $"{traced.Kind} {peer} {traced.Band} {traced.Score}",
                TraceKind.PeerExchange => $"{traced.Kind} {peer} {traced.Topic} {traced.Count}",
                TraceKind.SlowPeer or TraceKind.Throttle => $"{traced.Kind} {peer} {traced.Count}",
                _ => $"{traced.Kind} {peer} {traced.Topic}".TrimEnd(),
            });
        }

        private static string Text(RpcMeta rpc) => string.Join(
            ' ',
            [
                .. rpc.Subscriptions.Select(subscription => $"sub {subscription.Topic}"),
                .. rpc.Messages.Select(
                    message => $"message {message.Topic} {System.Text.Encoding.ASCII.GetString(message.Id.Span)}"),
                .. rpc.Prunes.Select(prune => $"prune {prune.Topic}"),
            ]);
    }
}

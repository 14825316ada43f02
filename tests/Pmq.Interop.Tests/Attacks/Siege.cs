using System.Text;
using Pmq.Engine;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;
using Pmq.Interop.Tests.Mesh;
using Pmq.Testing.Peers;

namespace Pmq.Interop.Tests.Attacks;

/// <summary>
/// A peer of ours between two js peers, one of which publishes to the other through it, and an attacker beside them. Our
/// node's verifier rejects messages that begin with <c>reject</c>.
/// </summary>
internal sealed class Siege : IAsyncDisposable
{
    private const string Name = "honest";

    private readonly JsPeer _publisher;
    private readonly JsPeer _subscriber;
    private readonly VerifierAttachment _verifier;
    private readonly Task _judging;
    private readonly MeshPlan _traffic = new() { Duration = TimeSpan.FromSeconds(5), PerSecond = 20, Sizes = [64, 2000] };
    private readonly Task _publishing;
    private int _bad;

    private Siege(
        GossipPeer ours, JsPeer publisher, JsPeer subscriber, VerifierAttachment verifier, RawPeer attacker)
    {
        Ours = ours;
        Attacker = attacker;
        _publisher = publisher;
        _subscriber = subscriber;
        _verifier = verifier;
        _judging = JudgeAsync();
        _publishing = publisher.CallAsync(
            "publishPaced",
            new
            {
                topic = GossipPeer.Topic,
                name = Name,
                count = _traffic.Messages,
                perSecond = _traffic.PerSecond,
                sizes = _traffic.Sizes,
            });
    }

    public GossipPeer Ours { get; }

    public RawPeer Attacker { get; }

    /// <summary>Between two heartbeats of ours.</summary>
    public TimeSpan Heartbeat => GossipPeer.HeartbeatInterval;

    public RouterCounters Counters => Ours.Peer.Driver.Counters;

    /// <summary>Everything stands and honest traffic flows; the attacker has announced the topic and is in our mesh.</summary>
    public static async Task<Siege> BeginAsync(Func<GossipsubOptions, GossipsubOptions>? change = null)
    {
        var ours = await GossipPeer.StartAsync(o => o with
        {
            Validation = ValidationMode.Required,
            Gossipsub = change is null ? o.Gossipsub : change(o.Gossipsub),
        });
        var verifier = ours.Peer.AttachVerifier(new VerifierOptions { Name = "test" });
        var publisher = await GossipPeer.StartJsAsync(gossip: new { quiet = true });
        var subscriber = await GossipPeer.StartJsAsync(gossip: new { quiet = true });
        await ours.MeshAsync(publisher, Dialer.Js);
        await ours.MeshAsync(subscriber, Dialer.Ours);
        var attacker = await RawPeer.ConnectAsync(ours);
        await attacker.SendAsync(new RpcBuilder().Subscribe(GossipPeer.Topic));
        await attacker.HearAsync(rpc => rpc.Grafts.Contains(GossipPeer.Topic));
        return new Siege(ours, publisher, subscriber, verifier, attacker);
    }

    /// <summary>A message that our node rejects, another one each time.</summary>
    public byte[] BadMessage() => Encoding.UTF8.GetBytes($"reject {_bad++}");

    /// <summary>What is known of the attacker's standing; null when nothing is.</summary>
    public async Task<PeerScoreView?> StandingAsync() =>
        (await Ours.Peer.ExplainScoresAsync(Pair.Deadline)).FirstOrDefault(s => s.Peer.Equals(Attacker.Id));

    /// <summary>Waits for the next heartbeat of ours.</summary>
    public async Task HeartbeatAsync()
    {
        long now = Counters.Heartbeats;
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (Counters.Heartbeats == now)
        {
            await pace.WaitForNextTickAsync(Pair.Deadline);
        }
    }

    /// <summary>
    /// Attacks once a heartbeat until the attacker stands below a threshold; how many heartbeats that took.
    /// </summary>
    /// <exception cref="Xunit.Sdk.XunitException">It did not within <paramref name="limit"/>.</exception>
    public async Task<int> AttackUntilBelowAsync(double threshold, int limit, Func<Task> attack)
    {
        await HeartbeatAsync();
        long start = Counters.Heartbeats;
        while (true)
        {
            int heartbeats = (int)(Counters.Heartbeats - start);
            if (await StandingAsync() is { } standing && standing.Total < threshold)
            {
                return heartbeats;
            }

            Assert.True(heartbeats <= limit, $"after {heartbeats} heartbeats: {await StandingAsync()}");
            await attack();
            await HeartbeatAsync();
        }
    }

    /// <summary>
    /// Nothing of the attacker is taken any more: a GRAFT gets no answer and a good message goes nowhere.
    /// </summary>
    public async Task AssertNotHeardAsync()
    {
        long before = Counters.Drops(MessageDrop.PeerNotAdmitted);
        int prunes = Attacker.Heard.Sum(rpc => rpc.Prunes.Count);
        await Attacker.SendAsync(new RpcBuilder().Publish(GossipPeer.Topic, "good of the graylisted").Graft(GossipPeer.Topic));
        while (Counters.Drops(MessageDrop.PeerNotAdmitted) == before)
        {
            await HeartbeatAsync();
        }

        await HeartbeatAsync();
        Assert.Equal(prunes, Attacker.Heard.Sum(rpc => rpc.Prunes.Count));
    }

    /// <summary>All that the honest peer has published reaches the other one, once; and nothing of the attacker does.</summary>
    /// <param name="foreign">Messages of ours that reach it too.</param>
    public async Task AssertHonestTrafficIsWholeAsync(int foreign = 0)
    {
        await _publishing;
        var deadline = Pair.Deadline;
        while (true)
        {
            var tally = await _subscriber.CallAsync("tally");
            if (tally.GetProperty("publishers").TryGetProperty(Name, out var count) && count.GetInt32() == _traffic.Messages)
            {
                Assert.Equal(0, tally.GetProperty("again").GetInt32());
                Assert.Equal(foreign, tally.GetProperty("foreign").GetInt32());
                break;
            }

            deadline.ThrowIfCancellationRequested();
            await _subscriber.CallAsync("heartbeat");
        }

        foreach (var standing in await Ours.Peer.ExplainScoresAsync(Pair.Deadline))
        {
            Assert.True(standing.Peer.Equals(Attacker.Id) || standing.Total >= 0, $"an honest peer stands at {standing}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Attacker.DisposeAsync();
        await _verifier.DisposeAsync();
        await _judging;
        await Ours.DisposeAsync();
        await _publisher.DisposeAsync();
        await _subscriber.DisposeAsync();
    }

    private async Task JudgeAsync()
    {
        await foreach (var message in _verifier.ReadAllAsync(default))
        {
            bool isBad = message.Data.Span.StartsWith("reject"u8);
            _verifier.Report(message.Topic, message.MessageId, isBad ? Verdict.Reject : Verdict.Accept);
        }
    }
}

using System.Net;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests.Protection;

/// <summary>The guard of the queues in the router: what a flood costs the flooder, and what it costs nobody else.</summary>
public sealed class RouterProtectionTests
{
    private const int QueueSize = 8;
    private const string Flooded = "reports";
    private const string Quiet = "quiet";

    private readonly RouterHarness _router;
    private readonly GossipPeer _flooder;
    private readonly GossipPeer _honest;
    private int _count;

    public RouterProtectionTests()
        : this(new GossipsubOptions())
    {
    }

    private RouterProtectionTests(GossipsubOptions options)
    {
        _router = new RouterHarness(options with { MaxPendingPerTopic = QueueSize, Scoring = null });
        _router.Join(Flooded);
        _router.Join(Quiet);
        _flooder = PeerAt("192.0.2.66");
        _honest = PeerAt("192.0.2.1");
        _router.Take();
    }

    [Fact]
    public void A_flooder_that_was_ignored_is_refused_while_the_queue_overflows_and_an_honest_peer_is_not()
    {
        BeIgnored(_flooder, 100);
        Fill();
        Assert.True(_router.Router.IsQueueProtected(Flooded, _router.Now));
        JudgeAll(Verdict.Ignore);

        int ofFlooder = Enumerable.Range(0, 100).Count(_ => IsTaken(_flooder, Flooded));
        int ofHonest = Enumerable.Range(0, 100).Count(_ => IsTaken(_honest, Flooded, Verdict.Accept));

        Assert.InRange(ofFlooder, 0, 10);
        Assert.Equal(100, ofHonest);
        Assert.Equal(100 - ofFlooder, _router.Router.Counters.Drops(MessageDrop.QueueProtected));
    }

    [Fact]
    public void A_refused_peers_control_and_subscriptions_are_taken()
    {
        BeIgnored(_flooder, 10_000);
        Fill();
        JudgeAll(Verdict.Ignore);
        _router.Take();

        string data = Next();
        _router.Receive(
            _flooder,
            new RpcBuilder().Subscribe("another").Publish(Flooded, data).Graft(Quiet)
                .IHave(Quiet, RouterHarness.IdOf("x")));

        Assert.Empty(_router.Validating);
        Assert.Contains("another", _router.Router.TopicsOf(_flooder));
        Assert.Contains(_flooder, _router.Router.MeshOf(Quiet));
        Assert.Equal([RouterHarness.IdOf("x")], _router.SentTo(_flooder).IWants);
    }

    [Fact]
    public void Another_topic_is_not_guarded_and_takes_even_the_flooders_messages()
    {
        BeIgnored(_flooder, 10_000);
        Fill();

        Assert.False(_router.Router.IsQueueProtected(Quiet, _router.Now));
        Assert.Equal(1, _router.Router.ProtectedTopicCount(_router.Now));
        Assert.True(IsTaken(_flooder, Quiet));
        Assert.Equal(1, _router.Router.QueueAcceptanceOf(_flooder, Quiet), 12.0);
    }

    [Fact]
    public void Good_deeds_on_one_topic_do_not_pay_for_a_flood_on_another()
    {
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(IsTaken(_flooder, Quiet, Verdict.Accept));
        }

        BeIgnored(_flooder, 100);

        Assert.InRange(_router.Router.QueueAcceptanceOf(_flooder, Flooded), 0, 0.02);
        Assert.Equal(1, _router.Router.QueueAcceptanceOf(_flooder, Quiet));
    }

    [Fact]
    public void Coming_again_from_the_same_address_under_another_name_wipes_nothing_out()
    {
        BeIgnored(_flooder, 100);
        double before = _router.Router.QueueAcceptanceOf(_flooder, Flooded);
        _router.RemovePeer(_flooder);

        GossipPeer again = PeerAt("192.0.2.66");

        Assert.Equal(before, _router.Router.QueueAcceptanceOf(again, Flooded));
    }

    [Fact]
    public void A_message_that_we_asked_for_and_refuse_breaks_no_promise()
    {
        BeIgnored(_flooder, 10_000);
        Fill();
        JudgeAll(Verdict.Ignore);
        string data = Next();
        _router.Receive(_flooder, new RpcBuilder().IHave(Flooded, RouterHarness.IdOf(data)));

        _router.Receive(_flooder, new RpcBuilder().Publish(Flooded, data));
        _router.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(0, _router.Penalties());
        Assert.Equal(0, _router.Router.WantedCount);
    }

    [Fact]
    public void A_direct_peers_messages_are_taken_from_a_guarded_queue()
    {
        BeIgnored(_flooder, 10_000);
        Fill();
        JudgeAll(Verdict.Ignore);
        _router.Do((router, effects) => router.AddDirectPeer(new DirectPeer(_flooder.Id, []), _router.Now, effects));

        Assert.True(IsTaken(_flooder, Flooded));
    }

    [Fact]
    public void A_verifier_that_comes_ends_what_its_absence_began()
    {
        Fill();
        Assert.True(_router.Router.IsQueueProtected(Flooded, _router.Now));

        _router.Router.OnVerifierAttached();

        Assert.False(_router.Router.IsQueueProtected(Flooded, _router.Now));
    }

    [Fact]
    public void A_message_without_a_verdict_in_time_guards_nothing()
    {
        for (int i = 0; i < 100; i++)
        {
            _router.Receive(_honest, new RpcBuilder().Publish(Flooded, Next()));
            _router.Lose(_router.Validating.Last(), ValidationLoss.Timeout);
        }

        Assert.False(_router.Router.IsQueueProtected(Flooded, _router.Now));
        Assert.Equal(1, _router.Router.QueueAcceptanceOf(_honest, Flooded));
    }

    [Fact]
    public void What_breaks_the_signature_policy_counts_as_rejected()
    {
        _router.Receive(
            _flooder,
            new RpcBuilder().Raw(
                2, RpcBuilder.Fields((1, [1]), (2, [1]), (3, new byte[8]), (4, "reports"u8.ToArray()))));

        Assert.Equal(1.0 / 17, _router.Router.QueueAcceptanceOf(_flooder, Flooded));
    }

    [Fact]
    public void Protection_that_is_off_guards_nothing()
    {
        var off = new RouterProtectionTests(new GossipsubOptions { QueueProtection = null });
        off.BeIgnored(off._flooder, 1000);
        off.Fill();
        off.JudgeAll(Verdict.Ignore);

        Assert.False(off._router.Router.IsQueueProtected(Flooded, off._router.Now));
        Assert.Equal(1, off._router.Router.QueueAcceptanceOf(off._flooder, Flooded));
        Assert.True(off.IsTaken(off._flooder, Flooded));
    }

    private GossipPeer PeerAt(string address)
    {
        GossipPeer peer = _router.AddPeer(Flooded);
        _router.Receive(peer, new RpcBuilder().Subscribe(Quiet));
        _router.Router.SetAddresses(peer, [IPAddress.Parse(address)]);
        return peer;
    }

    private string Next() => $"message {_count++}";

    private void BeIgnored(GossipPeer peer, int times)
    {
        for (int i = 0; i < times; i++)
        {
            Assert.True(IsTaken(peer, Flooded));
        }
    }

    /// <summary>Whether a message comes to the queue; it is judged at once.</summary>
    private bool IsTaken(GossipPeer peer, string topic, Verdict verdict = Verdict.Ignore)
    {
        _router.Take();
        _router.Receive(peer, new RpcBuilder().Publish(topic, Next()));
        if (_router.Validating.SingleOrDefault() is not { } message)
        {
            return false;
        }

        return _router.Judge(message, verdict);
    }

    /// <summary>Floods until the queue is guarded.</summary>
    private void Fill()
    {
        _router.Take();
        int guard = 0;
        while (!_router.Router.IsQueueProtected(Flooded, _router.Now) && guard++ < 20_000)
        {
            _router.Receive(_flooder, new RpcBuilder().Publish(Flooded, Next()));
            if (_router.Options.QueueProtection is null && guard > 100)
            {
                return;
            }
        }
    }

    private void JudgeAll(Verdict verdict)
    {
        foreach (GossipMessage message in _router.Validating.ToArray())
        {
            _router.Judge(message, verdict);
        }
    }
}

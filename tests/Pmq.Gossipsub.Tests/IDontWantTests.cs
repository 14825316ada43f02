using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>IDONTWANT: for which messages it is sent, to whom, and what a peer's own one changes.</summary>
public sealed class IDontWantTests
{
    private const string Topic = "t";

    private static readonly string Large = new('x', 1024);

    private static string LargeId => RouterHarness.IdOf(Large);

    [Fact]
    public void The_defaults_of_idontwant_are_the_specified_ones()
    {
        GossipsubOptions options = new();
        Assert.Equal(
            (1024, 3, 1000, 10),
            (options.IDontWantThreshold, options.IDontWantTtl, options.MaxIDontWantMessages, options.MaxIDontWantIds));
    }

    [Fact]
    public void Idontwant_is_sent_before_the_verdict_for_what_the_queue_has_taken()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 3);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large));

        Assert.Single(router.Validating);
        Assert.Equal([LargeId], router.SentTo(peers[1]).IDontWants);
        Assert.Equal([LargeId], router.SentTo(peers[2]).IDontWants);
        Assert.Equal(2, router.Router.Counters.IDontWantIdsSent);
    }

    [Theory]
    [InlineData(Verdict.Accept, 0)]
    [InlineData(Verdict.Reject, 1)]
    [InlineData(Verdict.Ignore, 1)]
    public void Idontwant_is_not_sent_to_who_is_sent_the_message_itself_in_the_same_turn(Verdict verdict, int told)
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 2);

        router.ReceiveAndJudge(peers[0], new RpcBuilder().Publish(Topic, Large), verdict);

        Assert.Equal(told, router.SentTo(peers[1]).IDontWants.Count);
        Assert.Equal(1 - told, router.RecipientsOf(Large).Count);
    }

    [Fact]
    public void Idontwant_goes_to_members_of_the_mesh_that_speak_v1_2_but_not_to_the_sender()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer sender = router.AddPeer(Topic);
        GossipPeer member = router.AddPeer(Topic);
        GossipPeer older = router.AddPeer(Topic, protocol: PubsubProtocol.Meshsub11);
        GossipPeer outside = router.AddPeer();
        router.Receive(outside, new RpcBuilder().Subscribe(Topic));
        router.Receive(outside, new RpcBuilder().Prune(Topic));
        router.Receive(sender, new RpcBuilder().Publish(Topic, Large));

        Assert.Equal([LargeId], router.SentTo(member).IDontWants);
        Assert.All([sender, older, outside], peer => Assert.Empty(router.SentTo(peer).IDontWants));
    }

    [Fact]
    public void Idontwant_is_not_sent_for_a_small_message()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 2);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large[1..]));

        Assert.Empty(router.SentTo(peers[1]).IDontWants);
    }

    [Fact]
    public void Idontwant_is_not_sent_for_what_the_queue_drops()
    {
        GossipsubOptions options = new() { MaxPendingPerTopic = 1 };
        RouterHarness router = Joined(out GossipPeer[] peers, 2, options);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "fills the queue"));
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large));

        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.QueueFull));
        Assert.Empty(router.SentTo(peers[1]).IDontWants);
    }

    [Fact]
    public void Idontwant_is_not_sent_for_what_is_lost_in_the_same_turn()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 2);
        router.ReceiveAndLose(peers[0], new RpcBuilder().Publish(Topic, Large), ValidationLoss.QueueFull);

        Assert.Empty(router.SentTo(peers[1]).IDontWants);
    }

    [Fact]
    public void Idontwant_waits_for_a_good_signature()
    {
        GossipsubOptions options = new() { DefaultRules = new TopicRules(SignaturePolicy.StrictSign, default) };
        RouterHarness router = Joined(out GossipPeer[] peers, 2, options);
        MessageComposer author = new(options, TestPeers.Key(5));
        author.TryCompose(Topic, System.Text.Encoding.UTF8.GetBytes(Large), 1, out GossipMessage? message);
        router.Receive(peers[0], new RpcBuilder().Publish(message!));
        Assert.Empty(router.SentTo(peers[1]).IDontWants);

        router.VerifyAll();
        Assert.Equal([LargeId], router.SentTo(peers[1]).IDontWants);
    }

    [Fact]
    public void Our_own_publication_is_preceded_by_idontwant()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 2);
        router.Take();
        router.Publish(Topic, Large);

        foreach (GossipPeer peer in peers)
        {
            Assert.Equal(
                [EffectKind.SendControl, EffectKind.SendMessage],
                router.Effects.Where(e => e.Kind != EffectKind.Deliver && e.Peer == peer).Select(e => e.Kind));
            Assert.Equal([LargeId], router.SentTo(peer).IDontWants);
        }
    }

    [Fact]
    public void Members_that_are_told_the_same_are_told_it_by_the_same_memory()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 3);
        router.Take();
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large));

        Effect[] told = [.. router.Effects.Where(e => e.Kind == EffectKind.SendControl)];
        Assert.Equal(2, told.Length);
        Assert.True(told[0].Frame.Equals(told[1].Frame));
    }

    [Fact]
    public void What_a_peer_does_not_want_is_not_forwarded_to_it()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 3);
        router.Receive(peers[1], new RpcBuilder().IDontWant(LargeId));
        Accept(router, peers[0], Large);

        Assert.Equal([peers[2]], router.RecipientsOf(Large));
        Assert.Equal(1, router.Router.Counters.SendsSpared);
    }

    [Fact]
    public void A_small_message_that_a_peer_does_not_want_is_not_forwarded_either()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 3);
        router.Receive(peers[1], new RpcBuilder().IDontWant(RouterHarness.IdOf("small")));
        Accept(router, peers[0], "small");

        Assert.Equal([peers[2]], router.RecipientsOf("small"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_publication_does_not_go_to_who_does_not_want_it(bool flood)
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 3, new GossipsubOptions { FloodPublish = flood });
        router.Receive(peers[1], new RpcBuilder().IDontWant(LargeId));

        Assert.Equal(2, router.Publish(Topic, Large).Recipients);
        Assert.DoesNotContain(peers[1], router.RecipientsOf(Large));
    }

    [Fact]
    public void A_publication_that_nobody_wants_has_reached_nobody_and_can_be_published_again()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 1);
        router.Receive(peers[0], new RpcBuilder().IDontWant(LargeId));
        Assert.Equal(new PublishReceipt(0, false), router.Publish(Topic, Large));

        router.Heartbeat(4);
        Assert.Equal(new PublishReceipt(1, false), router.Publish(Topic, Large));
    }

    [Fact]
    public void An_iwant_is_not_answered_after_an_idontwant()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 2);
        Accept(router, peers[0], Large);
        router.Take();
        router.Receive(peers[1], new RpcBuilder().IDontWant(LargeId));
        router.Receive(peers[1], new RpcBuilder().IWant(LargeId));

        Assert.Empty(router.RecipientsOf(Large));
    }

    [Fact]
    public void Idontwant_is_obeyed_for_three_heartbeats()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 2);
        router.Receive(peers[1], new RpcBuilder().IDontWant(LargeId));
        router.Heartbeat(2);
        Assert.Equal(1, router.Router.UnwantedCount);

        router.Heartbeat();
        Assert.Equal(0, router.Router.UnwantedCount);
        Accept(router, peers[0], Large);
        Assert.Equal([peers[1]], router.RecipientsOf(Large));
    }

    [Fact]
    public void Saying_it_again_does_not_make_idontwant_last_for_ever()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 1);
        for (int i = 0; i < 50; i++)
        {
            router.Receive(peers[0], new RpcBuilder().IDontWant(RouterHarness.IdOf($"m{i % 5}")));
            router.Heartbeat();
        }

        router.Heartbeat(4);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(1, router.Publish(Topic, $"m{i}").Recipients);
        }
    }

    [Fact]
    public void A_peer_that_obeys_our_idontwant_breaks_no_promise()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 2);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large));
        Assert.Single(router.SentTo(peers[1]).IDontWants);
        router.Lose(router.Validating.Single(), ValidationLoss.Timeout); // Unknown again, by our own fault.

        router.Receive(peers[1], new RpcBuilder().IHave(Topic, RouterHarness.IdOf(Large)));
        router.RemovePeer(peers[0]);
        router.Heartbeat(6);

        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void A_disconnect_forgets_what_a_peer_does_not_want()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 2);
        router.Receive(peers[1], new RpcBuilder().IDontWant(LargeId));
        router.RemovePeer(peers[1]);
        GossipPeer again = router.AddPeer(Topic, id: peers[1].Id);
        Accept(router, peers[0], Large);

        Assert.Contains(again, router.RecipientsOf(Large));
    }

    [Fact]
    public void An_idontwant_without_ids_leaves_no_state()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 1);
        router.Receive(peers[0], new RpcBuilder().IDontWant());
        router.Receive(peers[0], new RpcBuilder().IDontWant("not an id", ""));

        Assert.Equal(0, router.Router.UnwantedCount);
        Assert.Equal(2, router.Router.Counters.IdsOfOtherShape);
    }

    [Fact]
    public void Idontwants_beyond_the_limit_of_a_heartbeat_are_ignored()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 2, new GossipsubOptions { MaxIDontWantMessages = 2 });
        for (int i = 0; i < 2; i++)
        {
            router.Receive(peers[1], new RpcBuilder().IDontWant(RouterHarness.IdOf($"{i}")));
        }

        router.Receive(peers[1], new RpcBuilder().IDontWant(LargeId));
        Accept(router, peers[0], Large);
        Assert.Equal([peers[1]], router.RecipientsOf(Large));
        Assert.Equal(1, router.Router.Counters.IDontWantIdsOverLimit);

        router.Heartbeat();
        router.Receive(peers[1], new RpcBuilder().IDontWant(RouterHarness.IdOf("next")));
        Accept(router, peers[0], "next");
        Assert.Empty(router.RecipientsOf("next"));
    }

    [Fact]
    public void Ids_beyond_what_one_idontwant_may_hold_are_not_kept()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 1);
        string[] ids = [.. Enumerable.Range(0, 30).Select(i => RouterHarness.IdOf($"{i}"))];
        router.Receive(peers[0], new RpcBuilder().IDontWant(ids[..8]).IDontWant(ids[8..]));

        Assert.Equal(10, router.Router.UnwantedCount);
        Assert.Equal(20, router.Router.Counters.IDontWantIdsOverLimit);
    }

    [Fact]
    public void Copies_that_wait_for_who_does_not_want_them_are_cancelled()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 2);
        Accept(router, peers[0], Large);
        router.Receive(peers[1], new RpcBuilder().IDontWant(LargeId, RouterHarness.IdOf("never seen")));

        Effect cancel = Assert.Single(router.Effects, e => e.Kind == EffectKind.Cancel);
        Assert.Equal(
            (peers[1], Topic, LargeId), (cancel.Peer, cancel.Cancelled.Topic, cancel.Cancelled.Id.ToString()));
    }

    [Fact]
    public void Data_on_two_topics_of_a_peer_is_sent_though_it_does_not_want_one_of_them()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 2);
        router.Join("u");
        router.Receive(peers[1], new RpcBuilder().Subscribe("u"));
        router.Receive(peers[1], new RpcBuilder().IDontWant(LargeId));
        router.Receive(peers[0], new RpcBuilder().Publish("u", Large));
        Accept(router, peers[0], Large);

        Assert.Equal([peers[1]], router.RecipientsOf(Large));
    }

    [Fact]
    public void Who_was_asked_for_a_message_that_came_otherwise_need_not_send_it()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 1);
        GossipPeer outside = router.AddPeer();
        router.Receive(outside, new RpcBuilder().IHave(Topic, LargeId));
        Assert.Equal([LargeId], router.SentTo(outside).IWants);

        router.Receive(peers[0], new RpcBuilder().Publish(Topic, Large));
        Assert.Equal([LargeId], router.SentTo(outside).IDontWants);
        Assert.Equal(0, router.Router.WantedCount);
    }

    [Fact]
    public void An_iwant_that_has_not_left_is_withdrawn_when_the_message_comes()
    {
        RouterHarness router = Joined(out GossipPeer[] peers, 1);
        GossipPeer outside = router.AddPeer();
        router.ReceiveInOneTurn(
            (outside, new RpcBuilder().IHave(Topic, LargeId)), (peers[0], new RpcBuilder().Publish(Topic, Large)));

        Assert.Empty(router.SentTo(outside).IWants);
        Assert.Empty(router.SentTo(outside).IDontWants);
    }

    private static RouterHarness Joined(out GossipPeer[] peers, int count, GossipsubOptions? options = null)
    {
        RouterHarness router = new(options);
        router.Join(Topic);
        peers = router.AddPeers(count, Topic);
        Assert.Equal(count, router.Router.MeshOf(Topic).Count);
        return router;
    }

    private static void Accept(RouterHarness router, GossipPeer from, string data)
    {
        router.Receive(from, new RpcBuilder().Publish(Topic, data));
        router.Judge(router.Validating.Last(), Verdict.Accept);
    }
}

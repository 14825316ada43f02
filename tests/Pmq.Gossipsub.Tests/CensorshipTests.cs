using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>What one peer, or our own overload, must not be able to keep from us or from our node.</summary>
public sealed class CensorshipTests
{
    private const string Topic = "reports";

    [Theory]
    [InlineData(Verdict.Ignore)]
    [InlineData(Verdict.Reject)]
    public void A_peer_that_sends_our_data_before_us_does_not_keep_us_from_publishing_it(Verdict verdict)
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(3, Topic);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "m"));
        router.Judge(router.Validating.Single(), verdict);
        router.Take();

        Assert.Equal(new PublishReceipt(3, false), router.Publish(Topic, "m"));
        Assert.Single(router.Delivered);
        Assert.Equal(new PublishReceipt(0, true), router.Publish(Topic, "m"));
    }

    [Fact]
    public void A_peer_that_advertises_what_does_not_exist_does_not_keep_us_from_asking_the_others()
    {
        RouterHarness router = new(new GossipsubOptions { MaxWantedIds = 8 });
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(4, Topic);
        string[] made = [.. Enumerable.Range(0, 8).Select(i => RouterHarness.IdOf($"made up {i}"))];
        router.Receive(peers[0], new RpcBuilder().IHave(Topic, made));
        router.Take();

        router.Receive(peers[1], new RpcBuilder().IHave(Topic, RouterHarness.IdOf("true")));

        Assert.Equal([RouterHarness.IdOf("true")], router.SentTo(peers[1]).IWants);
        Assert.Equal(5, router.Router.WantedCount);
    }

    [Fact]
    public void What_has_come_gives_a_peer_its_part_of_the_wanted_ids_back()
    {
        RouterHarness router = new(new GossipsubOptions { MaxWantedIds = 2 });
        router.Join(Topic);
        GossipPeer peer = router.AddPeers(2, Topic)[0];
        for (int i = 0; i < 10; i++)
        {
            router.Take();
            router.Receive(peer, new RpcBuilder().IHave(Topic, RouterHarness.IdOf($"{i}"), RouterHarness.IdOf($"x{i}")));
            string asked = Assert.Single(router.SentTo(peer).IWants);
            router.Receive(
                peer, new RpcBuilder().Publish(Topic, asked == RouterHarness.IdOf($"{i}") ? $"{i}" : $"x{i}"));
            Assert.Equal(0, router.Router.WantedCount);
        }
    }

    [Fact]
    public void A_fault_of_ours_breaks_no_promise()
    {
        RouterHarness router = new(Strict());
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        GossipMessage theirs = new RouterHarness(Strict(), identity: TestPeers.Key(5)).Compose(Topic, "m");
        router.Receive(peer, new RpcBuilder().IHave(Topic, RouterHarness.IdOf("m"), RouterHarness.IdOf("odd")));
        router.Receive(peer, new RpcBuilder().Publish(theirs));
        router.Lose(router.Verifying.Single(), ValidationLoss.VerifierLost);
        router.Take();
        router.Receive(
            peer,
            new RpcBuilder().Publish(new RouterHarness(Strict(), identity: TestPeers.Key(6)).Compose(Topic, "odd")));
        router.Signature(router.Verifying.Single(), SignatureVerdict.NotCanonical);

        router.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void Our_own_message_of_before_a_restart_keeps_the_promise_of_the_peer_that_was_asked_for_it()
    {
        RouterHarness router = new(Strict());
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.Receive(peer, new RpcBuilder().IHave(Topic, RouterHarness.IdOf("m")));
        router.Receive(peer, new RpcBuilder().Publish(router.Compose(Topic, "m")));

        router.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void Answers_to_one_peer_are_bounded_in_bytes_in_each_heartbeat()
    {
        RouterHarness router = new(new GossipsubOptions { MaxIWantBytes = 50_000, MeshDegree = 0 });
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        string[] ids = [.. Enumerable.Range(0, 20).Select(i => new string((char)('a' + i), 10_000))
            .Select(data =>
            {
                router.Publish(Topic, data);
                return RouterHarness.IdOf(data);
            })];
        router.Take();

        router.Receive(peer, new RpcBuilder().IWant(ids));
        Assert.Equal(5, router.Effects.Count(e => e.Kind == EffectKind.SendMessage));

        router.Heartbeat();
        router.Take();
        router.Receive(peer, new RpcBuilder().IWant(ids));
        Assert.Equal(5, router.Effects.Count(e => e.Kind == EffectKind.SendMessage));
    }

    [Fact]
    public void A_topic_that_was_forgotten_and_made_anew_advertises_what_it_holds_and_holds_it_once()
    {
        RouterHarness router = new(new GossipsubOptions { MeshDegree = 0 });
        router.Join(Topic);
        router.Publish(Topic, "m");
        router.Leave(Topic);
        Assert.Equal(0, router.Router.KnownTopicCount);
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.Take();

        router.Heartbeat();
        Assert.Equal([(Topic, RouterHarness.IdOf("m"))], router.SentTo(peer).IHaves);

        router.Publish(Topic, "m");
        router.Take();
        router.Receive(peer, new RpcBuilder().IWant(RouterHarness.IdOf("m")));
        Assert.Single(router.RecipientsOf("m"));
    }

    private static GossipsubOptions Strict() => new()
    {
        DefaultRules = new TopicRules(SignaturePolicy.StrictSign, default),
    };
}

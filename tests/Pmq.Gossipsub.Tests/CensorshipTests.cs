using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Scoring;
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
        Assert.Equal(4, router.Router.WantedCount);
    }

    [Fact]
    public void Who_floods_ids_in_company_is_found_out_at_each_of_its_ihaves()
    {
        RouterHarness router = new(new GossipsubOptions
        {
            MaxWantedIds = 2000,
            Scoring = PeerScoreOptions.Default,
        });
        router.Join(Topic);
        GossipPeer[] flooders = router.AddPeers(5, Topic);
        for (int heartbeat = 0; heartbeat < 12; heartbeat++)
        {
            for (int rpc = 0; rpc < 10; rpc++)
            {
                foreach (GossipPeer flooder in flooders)
                {
                    string name = $"{heartbeat} {rpc} {Array.IndexOf(flooders, flooder)} ";
                    router.Receive(
                        flooder,
                        new RpcBuilder().IHave(
                            Topic, [.. Enumerable.Range(0, 100).Select(i => RouterHarness.IdOf(name + i))]));
                }
            }

            Assert.InRange(router.Router.WantedCount, 0, 2000);
            router.Heartbeat();
            router.Take();
        }

        Assert.All(
            flooders,
            flooder => Assert.True(
                router.Router.ScoreOf(flooder) < PeerScoreOptions.Default.Thresholds.Graylist));
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

    [Theory]
    [InlineData(8, null)]
    [InlineData(4096, 8)]
    public void A_peer_that_floods_a_topic_does_not_keep_out_what_others_send(int all, int? ofTopic)
    {
        RouterHarness router = new(new GossipsubOptions
        {
            MaxPendingPerTopic = all,
            Topics = new Dictionary<string, TopicRules>
            {
                [Topic] = new TopicRules(SignaturePolicy.StrictNoSign, default, ofTopic),
            },
        });
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(2, Topic);
        for (int i = 0; i < 20; i++)
        {
            router.Receive(peers[0], new RpcBuilder().Publish(Topic, $"flood {i}"));
        }

        for (int i = 0; i < 4; i++)
        {
            router.Receive(peers[1], new RpcBuilder().Publish(Topic, $"true {i}"));
        }

        Assert.Equal(4, router.Validating.Count(m => RouterHarness.Text(m).StartsWith("true", StringComparison.Ordinal)));
        Assert.Equal(16, router.Router.Counters.Drops(MessageDrop.QueueFull));
    }

    [Fact]
    public void A_peer_that_floods_a_topic_with_large_messages_does_not_keep_out_what_others_send()
    {
        RouterHarness router = new(
            new GossipsubOptions { MaxMessageSize = 2048, MaxPendingBytesPerTopic = 16_384, HistoryBytes = 65_536 });
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(2, Topic);
        for (int i = 0; i < 20; i++)
        {
            router.Receive(peers[0], new RpcBuilder().Publish(Topic, new string((char)('a' + i), 1500)));
        }

        router.Receive(peers[1], new RpcBuilder().Publish(Topic, new string('A', 1500)));

        Assert.Equal('A', RouterHarness.Text(router.Validating.Last())[0]);
    }

    [Fact]
    public void A_lone_peer_may_fill_the_room_of_a_topic()
    {
        RouterHarness router = new(new GossipsubOptions { MaxPendingPerTopic = 8 });
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        for (int i = 0; i < 10; i++)
        {
            router.Receive(peer, new RpcBuilder().Publish(Topic, $"{i}"));
        }

        Assert.Equal(8, router.Router.PendingOf(Topic));
        foreach (GossipMessage message in router.Validating.ToArray())
        {
            router.Judge(message, Verdict.Accept);
        }

        Assert.Equal(0, router.Router.PendingOf(Topic));
    }

    [Fact]
    public void A_peer_whose_new_stream_speaks_floodsub_leaves_the_mesh_and_gets_all_and_back_again()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        Assert.Contains(peer, router.Router.MeshOf(Topic));
        router.Take();

        router.Reannounce(peer, PubsubProtocol.Floodsub);

        Assert.Empty(router.Router.MeshOf(Topic));
        Assert.Empty(router.SentTo(peer).Grafts);
        router.Publish(Topic, "1");
        Assert.Equal([peer], router.RecipientsOf("1"));
        router.Reannounce(peer, PubsubProtocol.Meshsub11);
        router.Heartbeat();
        router.Publish(Topic, "2");
        Assert.Equal([peer], router.RecipientsOf("2"));
        Assert.Contains(peer, router.Router.MeshOf(Topic));
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

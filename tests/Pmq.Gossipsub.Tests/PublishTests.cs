using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

public sealed class PublishTests
{
    private const string Topic = "reports";

    [Fact]
    public void A_publication_goes_to_the_mesh_as_the_same_memory_and_is_delivered_here_once()
    {
        RouterHarness router = new();
        router.Join(Topic);
        router.AddPeers(9, Topic);
        router.Take();

        GossipMessage message = router.Compose(Topic, "m");
        PublishReceipt receipt = router.Publish(message);

        Assert.Equal(new PublishReceipt(6, false), receipt);
        Assert.Equal(router.Router.MeshOf(Topic), router.RecipientsOf(message).OrderBy(p => p.Id));
        Assert.Same(message, Assert.Single(router.Delivered));
        Assert.All(
            router.Effects.Where(e => e.Kind == EffectKind.SendMessage),
            e => Assert.Equal(SendClass.Publish, e.SendClass));
    }

    [Fact]
    public void A_thin_mesh_is_topped_up_from_known_peers_to_D()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(9, Topic);
        foreach (GossipPeer peer in peers)
        {
            router.Receive(peer, new RpcBuilder().Prune(Topic));
        }

        Assert.Empty(router.Router.MeshOf(Topic));
        Assert.Equal(6, router.Publish(Topic, "m").Recipients);
        Assert.Equal(6, router.RecipientsOf("m").Distinct().Count());
    }

    [Fact]
    public void Flood_publish_goes_to_every_peer_of_the_topic()
    {
        RouterHarness router = new(new GossipsubOptions { FloodPublish = true });
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(9, Topic);
        GossipPeer flood = router.AddPeer(Topic, protocol: PubsubProtocol.Floodsub);
        router.AddPeer("other");

        Assert.Equal(10, router.Publish(Topic, "m").Recipients);
        Assert.Equal([.. peers, flood], router.RecipientsOf("m").Distinct());
    }

    [Fact]
    public void Flood_publish_forwards_the_messages_of_others_to_the_mesh_only()
    {
        RouterHarness router = new(new GossipsubOptions { FloodPublish = true });
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(9, Topic);
        router.Receive(peers[0], new RpcBuilder().Publish(Topic, "m"));
        router.Judge(router.Validating.Single(), Verdict.Accept);

        Assert.Equal(5, router.RecipientsOf("m").Count);
    }

    [Fact]
    public void Publishing_without_joining_keeps_to_a_fanout_of_D_peers_and_delivers_nothing_here()
    {
        RouterHarness router = new();
        router.AddPeers(10, Topic);
        router.Publish(Topic, "one");
        router.Publish(Topic, "two");

        Assert.Equal(6, router.Router.FanoutOf(Topic).Count);
        Assert.Equal(router.RecipientsOf("one"), router.RecipientsOf("two"));
        Assert.Empty(router.Delivered);
    }

    [Fact]
    public void A_fanout_is_refilled_when_its_peers_leave_and_forgotten_after_its_lifetime()
    {
        RouterHarness router = new();
        router.AddPeers(10, Topic);
        router.Publish(Topic, "one");
        foreach (GossipPeer peer in router.Router.FanoutOf(Topic).Take(3))
        {
            router.RemovePeer(peer);
        }

        Assert.Equal(3, router.Router.FanoutOf(Topic).Count);
        router.Heartbeat();
        Assert.Equal(6, router.Router.FanoutOf(Topic).Count);
        router.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(6, router.Router.FanoutOf(Topic).Count);
        router.Advance(TimeSpan.FromSeconds(3));
        Assert.Empty(router.Router.FanoutOf(Topic));
    }

    [Fact]
    public void A_fanout_survives_that_everybody_leaves_and_comes_back()
    {
        RouterHarness router = new();
        GossipPeer[] peers = router.AddPeers(4, Topic);
        router.Publish(Topic, "one");
        foreach (GossipPeer peer in peers)
        {
            router.Receive(peer, new RpcBuilder().Subscribe(Topic, false));
        }

        Assert.Equal(0, router.Publish(Topic, "nobody").Recipients);
        foreach (GossipPeer peer in peers)
        {
            router.Receive(peer, new RpcBuilder().Subscribe(Topic));
        }

        Assert.Equal(4, router.Publish(Topic, "again").Recipients);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Topics_that_we_only_published_on_are_bounded_and_forgotten(bool flood)
    {
        RouterHarness router = new(new GossipsubOptions { FloodPublish = flood, MaxTopics = 10 });
        for (int i = 0; i < 30; i++)
        {
            router.Publish($"topic-{i}", "m");
        }

        Assert.Equal(10, router.Router.KnownTopicCount);
        router.Advance(TimeSpan.FromSeconds(63));
        Assert.Equal(0, router.Router.KnownTopicCount);
    }

    [Fact]
    public void Joining_takes_the_fanout_into_the_mesh()
    {
        RouterHarness router = new();
        router.AddPeers(20, Topic);
        router.Publish(Topic, "one");
        IReadOnlyList<GossipPeer> fanout = router.Router.FanoutOf(Topic);

        router.Join(Topic);

        Assert.Equal(fanout, router.Router.MeshOf(Topic));
        Assert.Empty(router.Router.FanoutOf(Topic));
    }

    [Fact]
    public void A_publication_on_a_topic_that_nobody_knows_is_advertised_to_whoever_comes_soon()
    {
        RouterHarness router = new();
        router.Publish(Topic, "early");
        router.Take();
        router.Heartbeat();
        GossipPeer[] late = router.AddPeers(8, Topic);
        router.Heartbeat();

        Assert.Contains(late, peer => router.SentTo(peer).IHaves.Contains((Topic, RouterHarness.IdOf("early"))));
    }

    [Fact]
    public void An_accepted_message_goes_neither_to_its_senders_nor_to_its_author()
    {
        GossipsubOptions options = new() { DefaultRules = new TopicRules(SignaturePolicy.StrictSign, default) };
        RouterHarness author = new(options, identity: TestPeers.Key(99));
        RouterHarness router = new(options);
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(3, Topic);
        GossipPeer authorPeer =
            router.AddPeer(Topic, id: Core.Identity.PeerId.FromPublicKey(author.Identity.PublicKey));
        GossipMessage message = author.Compose(Topic, "m");
        router.Receive(peers[0], new RpcBuilder().Publish(message));
        router.Receive(peers[1], new RpcBuilder().Publish(message));
        router.VerifyAll();

        router.Judge(router.Validating.Single(), Verdict.Accept);

        Assert.Equal([peers[2]], router.RecipientsOf("m"));
        Assert.Contains(authorPeer, router.Router.MeshOf(Topic));
    }

    [Fact]
    public void A_message_on_a_topic_that_we_have_not_joined_is_dropped_and_counted()
    {
        RouterHarness router = new();
        GossipPeer peer = router.AddPeer(Topic);

        router.Receive(peer, new RpcBuilder().Publish(Topic, "m"));

        Assert.Empty(router.Validating);
        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.TopicNotJoined));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    public void Strict_no_sign_refuses_a_message_with_any_part_of_an_author(int field)
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);

        router.Receive(
            peer, new RpcBuilder().Raw(2, RpcBuilder.Fields((2, [1]), (4, "reports"u8.ToArray()), (field, []))));

        Assert.Empty(router.Validating);
        Assert.Equal(1, router.Penalties(peer, Misbehaviour.SignaturePolicyBroken));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Strict_sign_refuses_a_message_that_lacks_a_part_of_its_author(int field)
    {
        RouterHarness router =
            new(new GossipsubOptions { DefaultRules = new TopicRules(SignaturePolicy.StrictSign, default) });
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        (int Field, byte[] Value)[] fields =
            [
                (1, TestPeers.Id(3).Bytes.ToArray()), (2, [1]), (3, new byte[8]), (4, "reports"u8.ToArray()),
                (5, new byte[64]),
            ];

        router.Receive(peer, new RpcBuilder().Raw(2, RpcBuilder.Fields([.. fields.Where(f => f.Field != field)])));

        Assert.Empty(router.Verifying);
        Assert.Equal(1, router.Penalties(peer, Misbehaviour.SignaturePolicyBroken));
    }

    [Fact]
    public void A_message_without_data_is_dropped_and_nobody_is_blamed_since_others_pass_it_on()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);

        router.Receive(peer, new RpcBuilder().Publish(Topic, "").Raw(2, RpcBuilder.Fields((2, [1]))));

        Assert.Empty(router.Validating);
        Assert.Equal(0, router.Penalties());
        Assert.Equal(2, router.Router.Counters.Drops(MessageDrop.EmptyData));
    }

    [Fact]
    public void A_forwarded_message_carries_only_the_fields_we_know()
    {
        RouterHarness router = new();
        router.Join(Topic);
        GossipPeer sender = router.AddPeer(Topic);
        router.AddPeer(Topic);
        byte[] odd = RpcBuilder.Fields((4, "reports"u8.ToArray()), (15, new byte[100]), (2, "m"u8.ToArray()));
        router.Receive(sender, new RpcBuilder().Raw(2, odd));

        router.Judge(router.Validating.Single(), Verdict.Accept);

        GossipMessage sent = router.Effects.Single(e => e.Kind == EffectKind.SendMessage).Message;
        Assert.Equal(router.Compose(Topic, "m").Frame.ToArray(), sent.Frame.ToArray());
    }
}

using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>The largest message of a topic.</summary>
public sealed class MessageSizeTests
{
    private const string Small = "small";

    private static readonly GossipsubOptions Options = new()
    {
        Topics = new Dictionary<string, TopicRules>
        {
            [Small] = new(SignaturePolicy.StrictNoSign, default, MaxMessageSize: 256),
        },
    };

    [Fact]
    public void A_message_beyond_the_size_of_its_topic_is_dropped_and_one_of_that_size_is_not()
    {
        RouterHarness router = new(Options);
        router.Join(Small);
        router.Join("large");
        GossipPeer peer = router.AddPeer(Small);
        int most = new MessageComposer(Options, TestPeers.Key(1)).MaxDataLength(Small);

        router.Receive(peer, new RpcBuilder().Publish(Small, new byte[most]));
        router.Receive(peer, new RpcBuilder().Publish("large", new byte[most + 1]));
        Assert.Equal(2, router.Validating.Count());
        Assert.Equal(0, router.Penalties());

        router.Receive(peer, new RpcBuilder().Publish(Small, new byte[most + 1]));
        Assert.Equal(2, router.Validating.Count());
        Assert.Equal(1, router.Router.Counters.Drops(MessageDrop.TooLarge));
    }

    // Whoever runs it may allow larger messages on this topic: a stranger's large message must not turn us against it.
    [Fact]
    public void Nobody_is_blamed_for_relaying_what_only_our_topic_is_too_small_for()
    {
        RouterHarness router = new(Options);
        router.Join(Small);
        GossipPeer peer = router.AddPeer(Small);
        for (int i = 0; i < 20; i++)
        {
            byte[] data = [(byte)i, .. new byte[300]];
            router.Receive(peer, new RpcBuilder().IHave(Small, default(MessageIdOptions).Compute(data).ToString()));
            router.Receive(peer, new RpcBuilder().Publish(Small, data));
        }

        router.Heartbeat(5);

        Assert.Equal(20, router.Router.Counters.Drops(MessageDrop.TooLarge));
        Assert.Equal(0, router.Penalties());
        Assert.True(router.Router.ScoreOf(peer) >= 0);
    }

    [Theory]
    [InlineData(SignaturePolicy.StrictNoSign)]
    [InlineData(SignaturePolicy.StrictSign)]
    public void What_is_composed_keeps_to_the_size_of_its_topic(SignaturePolicy policy)
    {
        GossipsubOptions options = new()
        {
            Topics = new Dictionary<string, TopicRules> { [Small] = new(policy, default, MaxMessageSize: 512) },
        };
        MessageComposer composer = new(options, TestPeers.Key(1));
        int most = composer.MaxDataLength(Small);
        Assert.InRange(most, 1, 511);
        Assert.True(composer.MaxDataLength("other") > 1_000_000);

        Assert.Equal(ComposeFault.None, composer.TryCompose(Small, new byte[most], 1, out _));
        Assert.Equal(ComposeFault.TooLarge, composer.TryCompose(Small, new byte[most + 1], 1, out _));
        Assert.Equal(ComposeFault.None, composer.TryCompose("other", new byte[most + 1], 1, out _));
    }
}

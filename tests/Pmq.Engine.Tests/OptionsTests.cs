using Pmq.Core.Addresses;
using Pmq.Gossipsub;

namespace Pmq.Engine.Tests;

/// <summary>Every option that is out of range is refused with its key, before anything starts.</summary>
public sealed class OptionsTests
{
    public static TheoryData<string, PmqPeerOptions> Faults => new()
    {
        { "pubsub.maxMessageSize", new() { MaxMessageSize = 100 } },
        { "pubsub.outboundQueueBytes", new() { OutboundQueueBytes = 1024 } },
        { "pubsub.outboundRelayBytes", new() { OutboundRelayBytes = 1024 } },
        { "pubsub.publishDeadline", new() { PublishDeadline = TimeSpan.Zero } },
        { "pubsub.relayDeadline", new() { RelayDeadline = TimeSpan.Zero } },
        { "pubsub.inboundQueueBytes", new() { InboundQueueBytes = 1 } },
        { "pubsub.publishRate", new() { PublishRate = -1 } },
        { "pubsub.verdictTimeout", new() { VerdictTimeout = TimeSpan.Zero } },
        { "dialTimeout", new() { DialTimeout = TimeSpan.Zero } },
        { "redialMaxDelay", new() { RedialMaxDelay = TimeSpan.FromMilliseconds(1) } },
        { "peers", new() { Peers = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/1")] } },
        { "topics", new() { Topics = [new string('x', 513)] } },
        { "userAgent", new() { UserAgent = new string('x', 201) } },
        { "pubsub.subFilter.pattern", new() { SubscriptionFilter = new() { Pattern = "(" } } },
        { "pubsub.subFilter.pattern", new() { SubscriptionFilter = new() { Pattern = @"(a)\1" } } },
        { "pubsub.subFilter.limit", new() { SubscriptionFilter = new() { Limit = 0 } } },
        {
            "pubsub.topics.t.bufferSize",
            new() { TopicSettings = new Dictionary<string, TopicOptions> { ["t"] = new() { ValidationQueueSize = 0 } } }
        },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task An_option_out_of_range_is_refused_with_its_key(string key, PmqPeerOptions options)
    {
        PmqOptionsException refused = await Assert.ThrowsAsync<PmqOptionsException>(
            async () => await PeerHarness.StartAsync(options with { ListenAddresses = [] }));

        Assert.Equal(key, refused.Key);
        Assert.Contains(key.Split('.')[^1], refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_of_the_overlay_are_refused_with_their_keys()
    {
        PmqOptionsException refused = await Assert.ThrowsAsync<PmqOptionsException>(
            async () => await PeerHarness.StartAsync(new PmqPeerOptions
            {
                ListenAddresses = [],
                Gossipsub = new GossipsubOptions { MeshDegree = 3, MeshDegreeLow = 4 },
            }));

        Assert.StartsWith("pubsub.overlay", refused.Key, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_named()
    {
        await using PmqPeer first = await PeerHarness.StartAsync(new PmqPeerOptions());
        Multiaddr taken = first.ListenAddresses[0].WithoutPeer();

        IOException refused = await Assert.ThrowsAnyAsync<IOException>(
            async () => await PeerHarness.StartAsync(new PmqPeerOptions { ListenAddresses = [taken] }));

        Assert.Contains(taken.ToString(), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Topics_that_the_filter_refuses_are_neither_joined_nor_published_on()
    {
        await using PmqPeer peer = await PeerHarness.StartAsync(new PmqPeerOptions
        {
            ListenAddresses = [],
            SubscriptionFilter = new SubscriptionFilter { Pattern = "^pmq/" },
        });

        Assert.True(await peer.SubscribeAsync("pmq/a", PeerHarness.Deadline));
        Assert.False(await peer.SubscribeAsync("pmq/a", PeerHarness.Deadline));
        PublishException refused = await Assert.ThrowsAsync<PublishException>(
            async () => await peer.SubscribeAsync("other", PeerHarness.Deadline));
        Assert.Equal(PublishFault.BadTopic, refused.Reason);
        Assert.Contains("^pmq/", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["pmq/a"], peer.Topics);
    }

    [Fact]
    public async Task More_topics_than_allowed_are_refused()
    {
        await using PmqPeer peer = await PeerHarness.StartAsync(new PmqPeerOptions
        {
            ListenAddresses = [],
            Topics = ["a"],
            Gossipsub = new GossipsubOptions { MaxTopics = 1 },
        });

        PublishException refused = await Assert.ThrowsAsync<PublishException>(
            async () => await peer.SubscribeAsync("b", PeerHarness.Deadline));

        Assert.Equal(PublishFault.TooManyTopics, refused.Reason);
    }
}

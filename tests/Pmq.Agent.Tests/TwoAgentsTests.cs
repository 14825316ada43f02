using System.Text;
using Pmq.Client;

namespace Pmq.Agent.Tests;

/// <summary>
/// The whole slice in one process: publish by gRPC, gossip over the memory transport, verify by gRPC, listen by gRPC. It
/// does not prove that sockets, processes or signals work; the end-to-end tests do.
/// </summary>
public sealed class TwoAgentsTests
{
    private const string Topic = "network.reports";

    [Fact]
    public async Task A_message_is_published_verified_and_delivered()
    {
        using var timeout = new CancellationTokenSource(Waits.Generous);
        await using TestAgent alice = await TestAgent.StartAsync(("--topic", Topic));
        await using TestAgent bob = await TestAgent.StartAsync(("--topic", Topic), ("--peer", alice.Address));
        await using var verifier = new RunningVerifier(bob.Client(), Topic, AgentVerdict.Accept);
        await using var listener = new RunningListener(bob.Client(), Topic);
        await verifier.Attached;
        await listener.Attached;
        PmqClient publisher = alice.Client();
        await Waits.ForMeshAsync(publisher, Topic, timeout.Token);

        Publication outcome = await publisher.PublishAsync(Topic, Encoding.UTF8.GetBytes("hello"), timeout.Token);
        AgentMessage delivered = await listener.NextAsync(timeout.Token);

        Assert.Equal("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c", outcome.MessageId);
        Assert.Equal(1, outcome.Sent + outcome.Queued);
        Assert.False(outcome.IsDuplicate);
        Assert.Equal(Topic, delivered.Topic);
        Assert.Equal(outcome.MessageId, delivered.MessageId);
        Assert.Equal("hello", Encoding.UTF8.GetString(delivered.Data.Span));
        Assert.Equal([outcome.MessageId], verifier.Judged);
    }

    [Fact]
    public async Task A_publication_that_is_repeated_returns_its_id_and_says_duplicate()
    {
        using var timeout = new CancellationTokenSource(Waits.Generous);
        await using TestAgent alice = await TestAgent.StartAsync(("--topic", Topic));
        await using TestAgent bob = await TestAgent.StartAsync(("--topic", Topic), ("--peer", alice.Address));
        PmqClient publisher = alice.Client();
        await Waits.ForMeshAsync(publisher, Topic, timeout.Token);

        Publication first = await publisher.PublishAsync(Topic, "once"u8.ToArray(), timeout.Token);
        Publication second = await publisher.PublishAsync(Topic, "once"u8.ToArray(), timeout.Token);

        Assert.False(first.IsDuplicate);
        Assert.True(second.IsDuplicate);
        Assert.Equal(first.MessageId, second.MessageId);
    }

    [Fact]
    public async Task A_subscribed_agent_delivers_its_own_publications_once()
    {
        using var timeout = new CancellationTokenSource(Waits.Generous);
        await using TestAgent alice = await TestAgent.StartAsync(("--topic", Topic));
        await using var listener = new RunningListener(alice.Client());
        await listener.Attached;

        await alice.Client().PublishAsync(Topic, "one"u8.ToArray(), timeout.Token);
        await alice.Client().PublishAsync(Topic, "two"u8.ToArray(), timeout.Token);

        Assert.Equal("one", Encoding.UTF8.GetString((await listener.NextAsync(timeout.Token)).Data.Span));
        Assert.Equal("two", Encoding.UTF8.GetString((await listener.NextAsync(timeout.Token)).Data.Span));
    }

    [Fact]
    public async Task Listening_without_topics_means_all_subscriptions_and_later_ones_too()
    {
        using var timeout = new CancellationTokenSource(Waits.Generous);
        await using TestAgent alice = await TestAgent.StartAsync();
        PmqClient client = alice.Client();
        await using var listener = new RunningListener(alice.Client());
        await listener.Attached;

        await client.PublishAsync("later", "not subscribed"u8.ToArray(), timeout.Token);
        await client.SubscribeAsync("later", timeout.Token);
        await client.PublishAsync("later", "subscribed"u8.ToArray(), timeout.Token);

        AgentMessage delivered = await listener.NextAsync(timeout.Token);
        Assert.Equal("subscribed", Encoding.UTF8.GetString(delivered.Data.Span));
        Assert.Equal(["later"], alice.Host.Peer.Topics);
        await client.UnsubscribeAsync("later", timeout.Token);
        Assert.Empty(alice.Host.Peer.Topics);
    }

    [Theory]
    [InlineData(AgentVerdict.Ignore)]
    [InlineData(AgentVerdict.Reject)]
    public async Task What_the_verifier_does_not_accept_is_not_delivered(AgentVerdict verdict)
    {
        using var timeout = new CancellationTokenSource(Waits.Generous);
        await using TestAgent alice = await TestAgent.StartAsync(("--topic", Topic));
        await using TestAgent bob = await TestAgent.StartAsync(("--topic", Topic), ("--peer", alice.Address));
        await using var listener = new RunningListener(bob.Client(), Topic);
        await listener.Attached;
        PmqClient publisher = alice.Client();
        await Waits.ForMeshAsync(publisher, Topic, timeout.Token);
        await using var verifier = new RunningVerifier(
            bob.Client(), Topic, message => message.Data.Span.SequenceEqual("bad"u8) ? verdict : AgentVerdict.Accept);
        await verifier.Attached;

        await publisher.PublishAsync(Topic, "bad"u8.ToArray(), timeout.Token);
        await publisher.PublishAsync(Topic, "good"u8.ToArray(), timeout.Token);

        // A verifier judges in order: what was published first was judged, and what arrives first is the second.
        Assert.Equal("good", Encoding.UTF8.GetString((await listener.NextAsync(timeout.Token)).Data.Span));
        Assert.Equal(2, verifier.Judged.Count);
    }

    [Fact]
    public async Task Without_validation_messages_are_delivered_without_a_verifier()
    {
        using var timeout = new CancellationTokenSource(Waits.Generous);
        await using TestAgent alice = await TestAgent.StartAsync(("--topic", Topic));
        await using TestAgent bob = await TestAgent.StartAsync(
            ("--topic", Topic), ("--peer", alice.Address), ("--validation", "none"));
        await using var listener = new RunningListener(bob.Client(), Topic);
        await listener.Attached;
        PmqClient publisher = alice.Client();
        await Waits.ForMeshAsync(publisher, Topic, timeout.Token);

        await publisher.PublishAsync(Topic, "free"u8.ToArray(), timeout.Token);

        Assert.Equal("free", Encoding.UTF8.GetString((await listener.NextAsync(timeout.Token)).Data.Span));
    }

    [Fact]
    public async Task Messages_wait_for_the_verifier_that_comes_within_the_timeout()
    {
        using var timeout = new CancellationTokenSource(Waits.Generous);
        await using TestAgent alice = await TestAgent.StartAsync(("--topic", Topic));
        await using TestAgent bob = await TestAgent.StartAsync(("--topic", Topic), ("--peer", alice.Address));
        await using var listener = new RunningListener(bob.Client(), Topic);
        await listener.Attached;
        PmqClient publisher = alice.Client();
        await Waits.ForMeshAsync(publisher, Topic, timeout.Token);
        await publisher.PublishAsync(Topic, "early"u8.ToArray(), timeout.Token);

        await using var verifier = new RunningVerifier(bob.Client(), Topic, AgentVerdict.Accept);

        Assert.Equal("early", Encoding.UTF8.GetString((await listener.NextAsync(timeout.Token)).Data.Span));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(64)]
    public async Task Messages_up_to_the_size_that_is_set_pass(int mebibytes)
    {
        using var timeout = new CancellationTokenSource(Waits.Generous);
        using var folder = new TemporaryFolder();
        string file = folder.Write("pmq.yaml", $"pubsub:\n  maxMessageSize: {mebibytes * 1024 * 1024}\n");
        await using TestAgent alice = await TestAgent.StartAsync(file, [("--topic", Topic)]);
        await using TestAgent bob = await TestAgent.StartAsync(file, [("--topic", Topic), ("--peer", alice.Address)]);
        await using var verifier = new RunningVerifier(bob.Client(), Topic, AgentVerdict.Accept);
        await using var listener = new RunningListener(bob.Client(), Topic);
        await verifier.Attached;
        await listener.Attached;
        PmqClient publisher = alice.Client();
        await Waits.ForMeshAsync(publisher, Topic, timeout.Token);
        byte[] data = new byte[(mebibytes * 1024 * 1024) - 1024];
        data[^1] = 1;

        await publisher.PublishAsync(Topic, data, timeout.Token);

        Assert.Equal(data, (await listener.NextAsync(timeout.Token)).Data.ToArray());
    }

    [Fact]
    public async Task The_peers_of_an_agent_are_listed()
    {
        using var timeout = new CancellationTokenSource(Waits.Generous);
        await using TestAgent alice = await TestAgent.StartAsync(("--topic", Topic));
        await using TestAgent bob = await TestAgent.StartAsync(("--topic", Topic), ("--peer", alice.Address));
        PmqClient client = bob.Client();
        await Waits.ForMeshAsync(client, Topic, timeout.Token);

        AgentPeer peer = Assert.Single(await client.ListPeersAsync(timeout.Token));

        Assert.Equal(alice.Host.Peer.LocalPeer.ToString(), peer.PeerId);
        Assert.True(peer.IsOutbound);
        Assert.Equal([Topic], peer.MeshTopics);
    }
}

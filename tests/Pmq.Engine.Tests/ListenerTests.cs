using Pmq.Testing;

namespace Pmq.Engine.Tests;

/// <summary>Who gets what of the accepted messages.</summary>
public sealed class ListenerTests
{
    [Fact]
    public async Task A_listener_gets_its_topics_only()
    {
        await using PmqPeer peer = await StartAsync();
        await using MessageListener listener = peer.Listen(new ListenOptions { Topics = ["b"] });

        await PublishAsync(peer, "a", 1);
        await PublishAsync(peer, "b", 2);

        Assert.Equal("b", Assert.Single(await listener.TakeAsync(1)).Topic);
    }

    [Fact]
    public async Task A_listener_without_topics_gets_those_that_are_joined_later_too()
    {
        await using PmqPeer peer = await StartAsync();
        await using MessageListener listener = peer.Listen(new ListenOptions());

        await PublishAsync(peer, "later", 1);
        Assert.True(await peer.SubscribeAsync("later", PeerHarness.Deadline));
        await PublishAsync(peer, "later", 2);

        Assert.Equal([2], (await listener.TakeAsync(1)).Select(Number));
    }

    [Fact]
    public async Task Every_listener_of_a_topic_gets_one_copy()
    {
        await using PmqPeer peer = await StartAsync();
        await using MessageListener first = peer.Listen(new ListenOptions { Topics = ["a"] });
        await using MessageListener second = peer.Listen(new ListenOptions { Topics = ["a"] });

        await PublishAsync(peer, "a", 1);
        await PublishAsync(peer, "a", 2);

        Assert.Equal([1, 2], (await first.TakeAsync(2)).Select(Number));
        Assert.Equal([1, 2], (await second.TakeAsync(2)).Select(Number));
    }

    [Fact]
    public async Task After_unsubscribing_nothing_more_is_delivered()
    {
        await using PmqPeer peer = await StartAsync();
        await using MessageListener listener = peer.Listen(new ListenOptions());

        await PublishAsync(peer, "a", 1);
        Assert.True(await peer.UnsubscribeAsync("a", PeerHarness.Deadline));
        Assert.False(await peer.UnsubscribeAsync("a", PeerHarness.Deadline));
        await PublishAsync(peer, "a", 2);
        await PublishAsync(peer, "b", 3);

        Assert.Equal([1, 3], (await listener.TakeAsync(2)).Select(Number));
        Assert.Equal(["b"], peer.Topics);
    }

    [Fact]
    public async Task A_slow_listener_loses_the_oldest_and_is_told_how_many()
    {
        await using PmqPeer peer = await StartAsync();
        await using MessageListener slow = peer.Listen(new ListenOptions { QueueSize = 10 });
        await using MessageListener quick = peer.Listen(new ListenOptions { QueueSize = 100 });

        for (int i = 0; i < 25; i++)
        {
            await PublishAsync(peer, "a", i);
        }

        Assert.Equal(Enumerable.Range(0, 25), (await quick.TakeAsync(25)).Select(Number));
        Assert.Equal(15, slow.Dropped);
        Assert.Equal(Enumerable.Range(15, 10), (await slow.TakeAsync(10)).Select(Number));
        Assert.Equal(0, quick.Dropped);
    }

    [Fact]
    public async Task Beyond_its_rate_a_listener_is_spared_and_the_rest_counted()
    {
        var time = new VirtualTimeProvider();
        await using PmqPeer peer = await StartAsync(time);
        await using MessageListener listener = peer.Listen(new ListenOptions { MaxRate = 2 });

        for (int i = 0; i < 5; i++)
        {
            await PublishAsync(peer, "a", i);
        }

        time.Advance(TimeSpan.FromSeconds(1));
        await PublishAsync(peer, "a", 5);

        Assert.Equal([0, 1, 5], (await listener.TakeAsync(3)).Select(Number));
        Assert.Equal(3, listener.Dropped);
    }

    [Fact]
    public async Task Disposing_the_peer_ends_the_listeners_and_the_verifiers()
    {
        PmqPeer peer = await StartAsync();
        MessageListener listener = peer.Listen(new ListenOptions());
        VerifierAttachment verifier = peer.AttachVerifier(new VerifierOptions { Name = "v" });
        Task<List<ReceivedMessage>> listening = listener.TakeAsync(1);
        Task judging = verifier.JudgeAllAsync(Gossipsub.Verdict.Accept);

        await peer.DisposeAsync();

        Assert.Empty(await listening);
        await judging;
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await PublishAsync(peer, "a", 1));
        Assert.Throws<ObjectDisposedException>(() => peer.Listen(new ListenOptions()));
    }

    private static ValueTask<PmqPeer> StartAsync(TimeProvider? time = null) => PeerHarness.StartAsync(new PmqPeerOptions
    {
        ListenAddresses = [],
        Topics = ["a", "b"],
        TimeProvider = time ?? TimeProvider.System,
    });

    private static async Task PublishAsync(PmqPeer peer, string topic, int number) =>
        await peer.PublishAsync(topic, BitConverter.GetBytes(number), PeerHarness.Deadline);

    private static int Number(ReceivedMessage message) => BitConverter.ToInt32(message.Data.Span);
}

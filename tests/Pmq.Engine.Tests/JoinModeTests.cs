using Pmq.Gossipsub;

namespace Pmq.Engine.Tests;

/// <summary>Overlays that are relayed or only published on, on a line A – B – C.</summary>
public sealed class JoinModeTests
{
    private const string Topic = "line";

    [Fact]
    public async Task A_relay_passes_on_what_a_publisher_sends_that_has_not_joined_and_delivers_nothing()
    {
        var options = new PmqPeerOptions { Validation = ValidationMode.None };
        await using PmqPeer a = await PeerHarness.StartAsync(
            options with { ListenAddresses = [PeerHarness.MemoryAddress()] });
        await using PmqPeer b = await PeerHarness.StartAsync(
            options with { ListenAddresses = [PeerHarness.MemoryAddress()], Peers = a.ListenAddresses });
        await using PmqPeer c = await PeerHarness.StartAsync(
            options with { ListenAddresses = [], Peers = b.ListenAddresses, Topics = [Topic] });
        Assert.True(await a.SubscribeAsync(Topic, JoinMode.FanoutOnly, PeerHarness.Deadline));
        Assert.True(await b.SubscribeAsync(Topic, JoinMode.Relay, PeerHarness.Deadline));
        await b.MeshAsync(Topic, 1);
        await c.MeshAsync(Topic, 1);
        await a.SeesAsync(Topic, 1);
        await using MessageListener atA = a.Listen(new ListenOptions());
        await using MessageListener atB = b.Listen(new ListenOptions());
        await using MessageListener atC = c.Listen(new ListenOptions());

        await a.PublishAsync(Topic, "1"u8.ToArray(), PeerHarness.Deadline);
        Assert.Equal("1"u8.ToArray(), Assert.Single(await atA.TakeAsync(1)).Data.ToArray());
        ReceivedMessage message = Assert.Single(await atC.TakeAsync(1));
        Assert.Equal("1"u8.ToArray(), message.Data.ToArray());
        Assert.Equal(b.LocalPeer, message.ReceivedFrom);

        // B delivers from now on, and has not delivered before.
        Assert.True(await b.SubscribeAsync(Topic, PeerHarness.Deadline));
        await a.PublishAsync(Topic, "2"u8.ToArray(), PeerHarness.Deadline);
        Assert.Equal("2"u8.ToArray(), Assert.Single(await atB.TakeAsync(1)).Data.ToArray());
    }

    [Fact]
    public async Task An_overlay_that_is_only_published_on_is_left_before_it_is_joined()
    {
        await using PmqPeer peer = await PeerHarness.StartAsync(new PmqPeerOptions { ListenAddresses = [] });
        Assert.True(await peer.SubscribeAsync(Topic, JoinMode.FanoutOnly, PeerHarness.Deadline));
        Assert.False(await peer.SubscribeAsync(Topic, JoinMode.FanoutOnly, PeerHarness.Deadline));

        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await peer.SubscribeAsync(Topic, JoinMode.Relay, PeerHarness.Deadline));
        Assert.Contains(Topic, refusal.Message, StringComparison.Ordinal);
        Assert.True(await peer.UnsubscribeAsync(Topic, PeerHarness.Deadline));
        Assert.True(await peer.SubscribeAsync(Topic, JoinMode.Relay, PeerHarness.Deadline));
    }
}

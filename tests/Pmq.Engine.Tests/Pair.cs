using Pmq.Core.Addresses;

namespace Pmq.Engine.Tests;

/// <summary>Two peers in one mesh, B having dialed A, and a listener at B.</summary>
internal sealed class Pair : IAsyncDisposable
{
    private readonly string _topic;

    private Pair(PmqPeer a, PmqPeer b, string topic)
    {
        A = a;
        B = b;
        _topic = topic;
        AtB = b.Listen(new ListenOptions());
    }

    public PmqPeer A { get; }

    public PmqPeer B { get; }

    public MessageListener AtB { get; }

    public static async Task<Pair> StartAsync(PmqPeerOptions options, bool loopback, bool traceOnlyA = false)
    {
        Multiaddr address = loopback ? PeerHarness.LoopbackAddress() : PeerHarness.MemoryAddress();
        PmqPeer a = await PeerHarness.StartAsync(options with { ListenAddresses = [address] });
        PmqPeer b = await PeerHarness.StartAsync(options with
        {
            ListenAddresses = [],
            Peers = a.ListenAddresses,
            Trace = traceOnlyA ? null : options.Trace,
        });
        foreach (string topic in options.Topics)
        {
            await a.MeshAsync(topic, 1);
            await b.MeshAsync(topic, 1);
        }

        return new Pair(a, b, options.Topics[0]);
    }

    /// <summary>Publishes at A and sees it come out at B.</summary>
    public async Task<PublishOutcome> PassAsync(byte[] data)
    {
        PublishOutcome outcome = await A.PublishAsync(_topic, data, PeerHarness.Deadline);
        Assert.Equal(1, outcome.Sent + outcome.Queued);
        ReceivedMessage message = Assert.Single(await AtB.TakeAsync(1));
        Assert.Equal(outcome.MessageId, message.MessageId);
        Assert.True(data.AsSpan().SequenceEqual(message.Data.Span));
        return outcome;
    }

    public async ValueTask DisposeAsync()
    {
        await AtB.DisposeAsync();
        await B.DisposeAsync();
        await A.DisposeAsync();
    }
}

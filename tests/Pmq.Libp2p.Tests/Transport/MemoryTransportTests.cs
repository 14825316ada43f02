using Pmq.Core.Addresses;
using Pmq.Libp2p.Transport;
using Pmq.Libp2p.Transport.Memory;

namespace Pmq.Libp2p.Tests.Transport;

/// <summary>In process.</summary>
public sealed class MemoryTransportTests : TransportTests
{
    private readonly MemoryNetwork _network = new();

    public MemoryTransportTests()
    {
        Transport = new MemoryTransport(_network);
        AnyAddress = Multiaddr.Parse("/memory/0");
    }

    [Fact]
    public async Task Killing_an_address_breaks_its_connections_and_refuses_new_ones()
    {
        var killed = new MemoryTransport(_network);
        ITransportListener listener = await killed.ListenAsync(Multiaddr.Parse("/memory/7"), CancellationToken.None);
        Task<ITransportConnection?> accepting = listener.AcceptAsync(CancellationToken.None).AsTask();
        ITransportConnection survivor = await Transport.DialAsync(listener.LocalAddress, CancellationToken.None);
        await accepting;
        Assert.True(_network.Kill(listener.LocalAddress));
        await Assert.ThrowsAsync<IOException>(async () => await survivor.ReceiveAsync(new byte[1], CancellationToken.None));
        await Assert.ThrowsAsync<IOException>(async () => await Transport.DialAsync(listener.LocalAddress, CancellationToken.None));
        Assert.False(_network.Kill(listener.LocalAddress));
    }
}

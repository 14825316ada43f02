using Pmq.Core.Addresses;
using Pmq.Libp2p.Transport;
using Pmq.Libp2p.Transport.Memory;

namespace Pmq.Libp2p.Tests.Host;

/// <summary>
/// The memory transport whose accepted connections claim to come from other addresses, so that what holds for peers on
/// other machines can be tested on one.
/// </summary>
internal sealed class RelabelingTransport(MemoryNetwork network, Func<Multiaddr> nextRemote) : ITransport
{
    private readonly MemoryTransport _memory = new(network);

    public bool CanDial(Multiaddr address) => _memory.CanDial(address);

    public bool CanListen(Multiaddr address) => _memory.CanListen(address);

    public ValueTask<ITransportConnection> DialAsync(Multiaddr address, CancellationToken cancellationToken) =>
        _memory.DialAsync(address, cancellationToken);

    public async ValueTask<ITransportListener> ListenAsync(Multiaddr address, CancellationToken cancellationToken) =>
        new Listener(await _memory.ListenAsync(address, cancellationToken), nextRemote);

    private sealed class Listener(ITransportListener inner, Func<Multiaddr> nextRemote) : ITransportListener
    {
        public Multiaddr LocalAddress => inner.LocalAddress;

        public async ValueTask<ITransportConnection?> AcceptAsync(CancellationToken cancellationToken) =>
            await inner.AcceptAsync(cancellationToken) is { } accepted ? new Connection(accepted, nextRemote()) : null;

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Connection(ITransportConnection inner, Multiaddr remote) : ITransportConnection
    {
        public Multiaddr LocalAddress => inner.LocalAddress;

        public Multiaddr RemoteAddress { get; } = remote;

        public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
            inner.ReceiveAsync(buffer, cancellationToken);

        public ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
            inner.SendAsync(data, cancellationToken);

        public void EndSending() => inner.EndSending();

        public void Abort() => inner.Abort();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

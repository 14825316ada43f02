using System.Threading.Channels;
using Pmq.Core.Addresses;

namespace Pmq.Libp2p.Transport.Memory;

/// <summary>A listening in-process address with a bounded backlog; a dial to a full backlog is refused.</summary>
internal sealed class MemoryListener(MemoryTransport owner, Multiaddr address, MemoryNetwork network)
    : ITransportListener
{
    private const int Backlog = 512;

    private readonly Channel<MemoryConnection> _accepted = Channel.CreateBounded<MemoryConnection>(
        new BoundedChannelOptions(Backlog) { FullMode = BoundedChannelFullMode.Wait });

    /// <inheritdoc />
    public Multiaddr LocalAddress { get; } = address;

    /// <summary>The transport that listens.</summary>
    public MemoryTransport Owner { get; } = owner;

    /// <summary>Queues a dialed connection; false when the backlog is full or the listener disposed.</summary>
    public bool TryOffer(MemoryConnection connection) => _accepted.Writer.TryWrite(connection);

    /// <inheritdoc />
    public async ValueTask<ITransportConnection?> AcceptAsync(CancellationToken cancellationToken)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_accepted.Reader.TryRead(out MemoryConnection? connection))
            {
                return connection;
            }
        }

        return null;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        network.Remove(this);
        _accepted.Writer.TryComplete();
        while (_accepted.Reader.TryRead(out MemoryConnection? connection))
        {
            connection.Abort();
        }

        return ValueTask.CompletedTask;
    }
}

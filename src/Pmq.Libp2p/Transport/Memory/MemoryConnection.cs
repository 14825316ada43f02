using Pmq.Core.Addresses;

namespace Pmq.Libp2p.Transport.Memory;

/// <summary>One end of an in-process connection.</summary>
internal sealed class MemoryConnection : ITransportConnection
{
    private readonly MemoryPipe _incoming;
    private readonly MemoryPipe _outgoing;
    private readonly Action<MemoryConnection> _closed;
    private volatile bool _disposed;

    private MemoryConnection(
        Multiaddr local, Multiaddr remote, MemoryPipe incoming, MemoryPipe outgoing, Action<MemoryConnection> closed)
    {
        LocalAddress = local;
        RemoteAddress = remote;
        _incoming = incoming;
        _outgoing = outgoing;
        _closed = closed;
    }

    /// <inheritdoc />
    public Multiaddr LocalAddress { get; }

    /// <inheritdoc />
    public Multiaddr RemoteAddress { get; }

    /// <summary>Both ends of a new connection; each tells its <c>closed</c> once or more when it ends.</summary>
    public static (MemoryConnection Dialer, MemoryConnection Listener) CreatePair(
        Multiaddr dialer,
        Multiaddr listener,
        int capacityBytes,
        Action<MemoryConnection> dialerClosed,
        Action<MemoryConnection> listenerClosed)
    {
        var there = new MemoryPipe(capacityBytes);
        var back = new MemoryPipe(capacityBytes);
        return (
            new MemoryConnection(dialer, listener, back, there, dialerClosed),
            new MemoryConnection(listener, dialer, there, back, listenerClosed));
    }

    /// <inheritdoc />
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        _incoming.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc />
    public ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        _outgoing.WriteAsync(data, cancellationToken);

    /// <inheritdoc />
    public void EndSending() => _outgoing.End();

    /// <inheritdoc />
    public void Abort()
    {
        if (_disposed)
        {
            return;
        }

        _incoming.Abort();
        _outgoing.Abort();
        _closed(this);
    }

    /// <summary>Ends our direction in order; what the peer still sends is dropped. Aborting afterwards changes nothing.</summary>
    public ValueTask DisposeAsync()
    {
        _disposed = true;
        _outgoing.End();
        _incoming.Discard();
        _closed(this);
        return ValueTask.CompletedTask;
    }
}

using Pmq.Core.Addresses;

namespace Pmq.Libp2p.Transport.Memory;

/// <summary>The transport of <c>/memory/N</c>: bounded pipes between hosts of one process.</summary>
internal sealed class MemoryTransport(MemoryNetwork network) : ITransport
{
    /// <summary>Bytes in flight in one direction before the writer waits: about what a TCP socket buffers.</summary>
    private const int CapacityBytes = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly HashSet<MemoryConnection> _connections = [];
    private readonly List<MemoryListener> _listeners = [];
    private bool _killed;

    /// <inheritdoc />
    public bool CanDial(Multiaddr address) => MemoryNetwork.IsMemory(address);

    /// <inheritdoc />
    public bool CanListen(Multiaddr address) => MemoryNetwork.IsMemory(address);

    /// <inheritdoc />
    public ValueTask<ITransportConnection> DialAsync(Multiaddr address, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        MemoryListener listener = network.Find(address) ?? throw Refused(address);
        (MemoryConnection ours, MemoryConnection theirs) = MemoryConnection.CreatePair(
            network.PickAddress(), listener.LocalAddress, CapacityBytes, Forget, listener.Owner.Forget);
        if (!Remember(ours) || !listener.Owner.Remember(theirs) || !listener.TryOffer(theirs))
        {
            ours.Abort();
            theirs.Abort();
            throw Refused(address);
        }

        return ValueTask.FromResult<ITransportConnection>(ours);
    }

    /// <inheritdoc />
    public ValueTask<ITransportListener> ListenAsync(Multiaddr address, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        MemoryListener listener = network.Listen(this, address);
        lock (_gate)
        {
            _listeners.Add(listener);
        }

        return ValueTask.FromResult<ITransportListener>(listener);
    }

    /// <summary>Breaks every connection, theirs and ours, and stops listening, as the death of the process would.</summary>
    public void Kill()
    {
        MemoryConnection[] connections;
        MemoryListener[] listeners;
        lock (_gate)
        {
            _killed = true;
            connections = [.. _connections];
            listeners = [.. _listeners];
        }

        foreach (MemoryListener listener in listeners)
        {
            network.Remove(listener);
        }

        foreach (MemoryConnection connection in connections)
        {
            connection.Abort();
        }
    }

    private static IOException Refused(Multiaddr address) => new($"Connection refused: nobody accepts on {address}.");

    private bool Remember(MemoryConnection connection)
    {
        lock (_gate)
        {
            return !_killed && _connections.Add(connection);
        }
    }

    private void Forget(MemoryConnection connection)
    {
        lock (_gate)
        {
            _connections.Remove(connection);
        }
    }
}

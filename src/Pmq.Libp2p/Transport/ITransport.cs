using Pmq.Core.Addresses;

namespace Pmq.Libp2p.Transport;

/// <summary>Dials and listens on one kind of address. Thread-safe.</summary>
internal interface ITransport
{
    /// <summary>Whether <paramref name="address"/> (an ending <c>/p2p</c> is ignored) can be dialed here.</summary>
    bool CanDial(Multiaddr address);

    /// <summary>Whether <paramref name="address"/> can be listened on here.</summary>
    bool CanListen(Multiaddr address);

    /// <summary>Opens a raw connection.</summary>
    /// <exception cref="IOException">Refused, unreachable, or the name was not found.</exception>
    ValueTask<ITransportConnection> DialAsync(Multiaddr address, CancellationToken cancellationToken);

    /// <summary>Starts to listen.</summary>
    /// <exception cref="IOException">The address is taken or not ours.</exception>
    ValueTask<ITransportListener> ListenAsync(Multiaddr address, CancellationToken cancellationToken);
}

using Pmq.Core.Addresses;
using Pmq.Core.Identity;

namespace Pmq.Core.Hosting;

/// <summary>
/// A libp2p host: it listens, dials, secures and multiplexes connections, and hands each inbound stream to the handler
/// of the protocol that was negotiated on it. Thread-safe.
/// </summary>
public interface IHost : IAsyncDisposable
{
    /// <summary>Who we are: derived from the host's identity key.</summary>
    PeerId LocalPeer { get; }

    /// <summary>The addresses that can be dialed, wildcards expanded, each ending in <c>/p2p/&lt;peer id&gt;</c>.</summary>
    IReadOnlyList<Multiaddr> ListenAddresses { get; }

    /// <summary>A snapshot of the open connections, oldest first.</summary>
    IReadOnlyList<IConnection> Connections { get; }

    /// <summary>Protocols served to inbound streams, in the order of registration; what identify advertises.</summary>
    IReadOnlyList<string> Protocols { get; }

    /// <summary>
    /// Serves <paramref name="protocol"/>. The handler owns the stream and runs until it ends; an exception of its own
    /// resets the stream, is counted and logged, and ends nothing else.
    /// </summary>
    /// <exception cref="InvalidOperationException">The protocol has a handler already.</exception>
    void Handle(string protocol, StreamHandler handler);

    /// <summary>Stops serving <paramref name="protocol"/>; streams that are open go on.</summary>
    void StopHandling(string protocol);

    /// <summary>
    /// An open connection to <paramref name="peer"/>, dialing <paramref name="addresses"/> and the known addresses of
    /// the peer if there is none. Concurrent calls for one peer share one dial.
    /// </summary>
    /// <exception cref="DialException">No address led to that peer; <see cref="DialException.Reason"/> says why.</exception>
    ValueTask<IConnection> ConnectAsync(
        PeerId peer, IReadOnlyList<Multiaddr> addresses, CancellationToken cancellationToken);

    /// <summary>Dials an address that ends in <c>/p2p/&lt;peer id&gt;</c>.</summary>
    /// <exception cref="DialException">The address names no peer, or did not lead to it.</exception>
    ValueTask<IConnection> ConnectAsync(Multiaddr address, CancellationToken cancellationToken);

    /// <summary>Closes every connection to <paramref name="peer"/>; returns once they are gone.</summary>
    ValueTask DisconnectAsync(PeerId peer, CloseReason reason);

    /// <summary>
    /// What the peer told by identify; null before identify has completed or after the last connection has closed.
    /// </summary>
    PeerDescription? Describe(PeerId peer);

    /// <summary>
    /// Registers an observer. It is told at once of the peers that are connected and identified now, and from then on
    /// of every change, in order. Dispose the result to stop.
    /// </summary>
    IDisposable Observe(IHostObserver observer);
}

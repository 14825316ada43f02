using Pmq.Core.Addresses;
using Pmq.Core.Identity;

namespace Pmq.Core.Hosting;

/// <summary>A secured, multiplexed connection to an authenticated peer. Thread-safe.</summary>
public interface IConnection
{
    /// <summary>A number unique in this host, rising with time.</summary>
    long Id { get; }

    /// <summary>Who is at the other end, proved by the handshake.</summary>
    PeerId RemotePeer { get; }

    /// <summary>The key that the handshake proved.</summary>
    PublicKey RemotePublicKey { get; }

    /// <summary>Where the other end is, without <c>/p2p</c>.</summary>
    Multiaddr RemoteAddress { get; }

    /// <summary>Our end, without <c>/p2p</c>.</summary>
    Multiaddr LocalAddress { get; }

    /// <summary>Whether we dialed (outbound) or accepted (inbound).</summary>
    ConnectionDirection Direction { get; }

    /// <summary>When it was established, by the host's <see cref="TimeProvider"/>.</summary>
    DateTimeOffset EstablishedAt { get; }

    /// <summary>The last round trip measured by a Yamux ping; null before the first answer.</summary>
    TimeSpan? RoundTripTime { get; }

    /// <summary>Streams that are open now, both directions.</summary>
    int StreamCount { get; }

    /// <summary>Signalled when the connection has ended, for whatever reason.</summary>
    CancellationToken Closed { get; }

    /// <summary>Why it ended; null while it is open.</summary>
    CloseReason? CloseReason { get; }

    /// <summary>Opens a stream and negotiates the first of <paramref name="protocols"/> that the peer serves.</summary>
    /// <param name="protocols">Protocol ids, most wanted first; at least one.</param>
    /// <param name="cancellationToken">Ends the attempt; the stream is then reset.</param>
    /// <exception cref="StreamException">The peer serves none of them, the connection ended, or a limit was met.</exception>
    ValueTask<IStream> OpenStreamAsync(IReadOnlyList<string> protocols, CancellationToken cancellationToken);

    /// <summary>Ends the connection and all its streams. Idempotent; the first reason stands.</summary>
    ValueTask CloseAsync(CloseReason reason);
}

using Microsoft.Extensions.Logging;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Libp2p.Noise;

namespace Pmq.Libp2p.Yamux;

/// <summary>
/// A secured, multiplexed connection: one loop that reads and one that writes, over a <see cref="NoiseChannel"/>.
/// Thread-safe.
/// </summary>
internal sealed class YamuxConnection : IAsyncDisposable
{
    /// <summary>Takes over <paramref name="channel"/>. Nothing runs before <see cref="Start"/>.</summary>
    public YamuxConnection(
        NoiseChannel channel,
        ConnectionDirection direction,
        YamuxOptions options,
        TimeProvider time,
        ILogger logger) => throw new NotImplementedException();

    /// <summary>What <see cref="YamuxStream.Connection"/> gives; set by the owner before <see cref="Start"/>.</summary>
    public IConnection? Owner { get; set; }

    /// <summary>Who is at the other end, proved by the handshake.</summary>
    public PeerId RemotePeer => throw new NotImplementedException();

    /// <summary>The key that the handshake proved.</summary>
    public PublicKey RemotePublicKey => throw new NotImplementedException();

    /// <summary>The last round trip measured by a ping; null before the first answer.</summary>
    public TimeSpan? RoundTripTime => throw new NotImplementedException();

    /// <summary>Streams that are open now, both directions.</summary>
    public int StreamCount => throw new NotImplementedException();

    /// <summary>Signalled when the connection has ended, for whatever reason.</summary>
    public CancellationToken Closed => throw new NotImplementedException();

    /// <summary>Why it ended; null while it is open.</summary>
    public CloseReason? CloseReason => throw new NotImplementedException();

    /// <summary>Completes, never faulted, once both loops have ended and the transport is disposed.</summary>
    public Task Completion => throw new NotImplementedException();

    /// <summary>Starts the loops.</summary>
    public void Start() => throw new NotImplementedException();

    /// <summary>
    /// Opens a stream on which nothing is negotiated yet. Nothing is sent by this: the SYN goes with the stream's first
    /// data (or with the first read that has to wait). Waits while 256 streams of ours are not acknowledged.
    /// </summary>
    /// <exception cref="StreamException">The connection ended, the peer is going away, or too many wait already.</exception>
    public ValueTask<YamuxStream> OpenStreamAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Waits for the next stream that the peer opened; null once the connection has ended. One caller at a time.</summary>
    public ValueTask<YamuxStream?> AcceptStreamAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Ends the connection: says GoAway, closes the transport, waits for both loops. The first reason stands.</summary>
    public ValueTask CloseAsync(CloseReason reason) => throw new NotImplementedException();

    /// <summary>As <see cref="CloseAsync"/> with <see cref="CloseKind.LocalClose"/>.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

using Pmq.Core.Addresses;

namespace Pmq.Libp2p.Transport;

/// <summary>
/// A raw, ordered, bidirectional stream of bytes to another machine, before security and multiplexing.
/// One receive and one send at a time; the two may run on different threads.
/// </summary>
/// <remarks>
/// A broken transport throws <see cref="IOException"/> from either direction; disposing ends both and makes pending
/// calls throw.
/// </remarks>
internal interface ITransportConnection : IAsyncDisposable
{
    /// <summary>Our end, without <c>/p2p</c>.</summary>
    Multiaddr LocalAddress { get; }

    /// <summary>The other end, without <c>/p2p</c>.</summary>
    Multiaddr RemoteAddress { get; }

    /// <summary>
    /// Receives at least one byte. An empty <paramref name="buffer"/> waits until a receive would not have to wait and
    /// gives 0, so that an idle connection holds no buffer.
    /// </summary>
    /// <param name="buffer">Borrowed until the call completes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The bytes received; 0 for a buffer that is not empty means that the peer has ended the stream.</returns>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Sends all of <paramref name="data"/>, without delaying it for more.</summary>
    /// <param name="data">Borrowed until the call completes.</param>
    /// <param name="cancellationToken">Ends the wait; what was sent is then unknown and the connection of no use.</param>
    ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>
    /// Ends our direction in order, after everything that was sent; receiving goes on until the peer ends its own.
    /// Idempotent, never throws.
    /// </summary>
    void EndSending();

    /// <summary>Ends both directions at once, dropping what is unsent. Idempotent, never throws.</summary>
    void Abort();
}

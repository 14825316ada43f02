using System.IO.Pipelines;

namespace Pmq.Core.Hosting;

/// <summary>
/// A bidirectional stream of bytes on a connection, with flow control in both directions and half-close.
/// One reader and one writer at a time; the two may be different threads.
/// </summary>
/// <remarks>
/// Reading hands out the stream's own receive buffers; bytes that <c>AdvanceTo</c> calls consumed or examined are what
/// grants the peer new credit, so a slow reader slows only its own writer. A reader that examines and does not consume
/// holds what it examined: it must have a limit of its own. Disposing a stream that we have not half-closed resets it.
/// </remarks>
public interface IStream : IAsyncDisposable
{
    /// <summary>A number unique on this connection.</summary>
    long Id { get; }

    /// <summary>The negotiated protocol id; empty while it is not negotiated.</summary>
    string Protocol { get; }

    /// <summary>The connection that carries the stream.</summary>
    IConnection Connection { get; }

    /// <summary>Who opened the stream.</summary>
    ConnectionDirection Direction { get; }

    /// <summary>
    /// What the peer sent. A result with <c>IsCompleted</c> means that the peer has half-closed and all was read.
    /// </summary>
    /// <remarks>Reads throw <see cref="StreamException"/> when the stream was reset or the connection ended.</remarks>
    PipeReader Input { get; }

    /// <summary>
    /// Sends <paramref name="data"/> in order. Completes when the memory may be used again: it was copied into the
    /// stream's bounded send buffer, or written to the transport. Completes synchronously while there is room.
    /// </summary>
    /// <param name="data">Borrowed until the call completes.</param>
    /// <param name="cancellationToken">Cancelling while bytes of <paramref name="data"/> are unsent resets the stream.</param>
    /// <exception cref="StreamException">The stream was reset, half-closed by us, or its connection ended.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>
    /// Copies <paramref name="data"/> into the send buffer if all of it fits now; false, and nothing sent, if not. Never
    /// throws: on a stream that has ended it is false, and <see cref="WriteAsync"/> says why.
    /// </summary>
    bool TryWrite(ReadOnlySpan<byte> data);

    /// <summary>Half-closes: nothing more will be written; what was written is sent first. Idempotent.</summary>
    ValueTask CloseWriteAsync(CancellationToken cancellationToken);

    /// <summary>Ends both directions at once and tells the peer. Idempotent, never throws.</summary>
    void Reset();
}

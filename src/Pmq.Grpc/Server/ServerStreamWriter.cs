using System.IO.Pipelines;
using Grpc.Core;

namespace Pmq.Grpc.Server;

/// <summary>
/// The responses of a call as its handler writes them. Each is flushed towards the connection, which sends what has
/// gathered in one go; a write ends when the client's window and Kestrel's buffer have room again.
/// </summary>
internal sealed class ServerStreamWriter<T>(ServerCall call, Marshaller<T> marshaller) : IServerStreamWriter<T>
{
    private static readonly Task<FlushResult> Flushed = Task.FromResult(default(FlushResult));

    private Task _pending = Task.CompletedTask;

    // Goes on when the wait for it was given up: a flush that is itself cancelled makes Kestrel reset the stream.
    private Task<FlushResult> _flushing = Flushed;

    /// <inheritdoc/>
    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    /// <inheritdoc/>
    /// <remarks>Cancelling stops the wait only: the message may still be sent.</remarks>
    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        if (!_pending.IsCompleted)
        {
            throw new InvalidOperationException("The write before this one has not ended: await each.");
        }

        if (call.CancellationToken.IsCancellationRequested || cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(
                cancellationToken.IsCancellationRequested ? cancellationToken : call.CancellationToken);
        }

        if (!_flushing.IsCompleted)
        {
            return _pending = WriteAfterFlushAsync(message, cancellationToken);
        }

        call.Write(message, marshaller);
        var flush = call.FlushAsync();
        if (flush.IsCompletedSuccessfully)
        {
            return flush.GetAwaiter().GetResult().IsCompleted ? Task.FromException(Gone()) : Task.CompletedTask;
        }

        _flushing = flush.AsTask();
        return _pending = WaitAsync(cancellationToken);
    }

    private static OperationCanceledException Gone() => new("The client has gone.");

    private async Task WriteAfterFlushAsync(T message, CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken);
        call.Write(message, marshaller);
        _flushing = call.FlushAsync().AsTask();
        await WaitAsync(cancellationToken);
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var flushing = _flushing.WaitAsync(call.CancellationToken);
        if (cancellationToken.CanBeCanceled && cancellationToken != call.CancellationToken)
        {
            flushing = flushing.WaitAsync(cancellationToken);
        }

        if ((await flushing).IsCompleted)
        {
            throw Gone();
        }
    }
}

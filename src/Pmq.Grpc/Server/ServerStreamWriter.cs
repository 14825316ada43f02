using System.IO.Pipelines;
using Grpc.Core;

namespace Pmq.Grpc.Server;

/// <summary>
/// The responses of a call as its handler writes them. Each is flushed towards the connection, which sends what has
/// gathered in one go; a write ends when the client's window and Kestrel's buffer have room again.
/// </summary>
internal sealed class ServerStreamWriter<T>(ServerCall call, Marshaller<T> marshaller) : IServerStreamWriter<T>
{
    private Task _pending = Task.CompletedTask;

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

        call.Write(message, marshaller);
        if (cancellationToken.CanBeCanceled && cancellationToken != call.CancellationToken)
        {
            return _pending = FlushLinkedAsync(cancellationToken);
        }

        var flush = call.FlushAsync(call.CancellationToken);
        if (flush.IsCompletedSuccessfully)
        {
            return flush.GetAwaiter().GetResult().IsCompleted ? Task.FromException(Gone()) : Task.CompletedTask;
        }

        return _pending = WaitAsync(flush);
    }

    private static async Task WaitAsync(ValueTask<FlushResult> flush)
    {
        if ((await flush).IsCompleted)
        {
            throw Gone();
        }
    }

    private static OperationCanceledException Gone() => new("The client has gone.");

    private async Task FlushLinkedAsync(CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, cancellationToken);
        await WaitAsync(call.FlushAsync(linked.Token));
    }
}

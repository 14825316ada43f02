using System.IO.Pipelines;
using Grpc.Core;
using Pmq.Grpc.Framing;

namespace Pmq.Grpc.Client;

/// <summary>The requests of a call as the caller writes them.</summary>
internal sealed class ClientStreamWriter<T>(IEndedCall call, RequestStreamContent content, Marshaller<T> marshaller)
    : IClientStreamWriter<T>
{
    private readonly FrameWriter _frames = new(content.Writer);
    private Task _pending = Task.CompletedTask;
    private bool _isCompleted;

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

        if (_isCompleted)
        {
            throw new InvalidOperationException("The stream of requests is complete.");
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        if (call.Ended is { } ended)
        {
            return Task.FromException(AfterEnd(ended));
        }

        _frames.Write(message, marshaller);
        var flush = content.Writer.FlushAsync(cancellationToken);
        if (!flush.IsCompletedSuccessfully)
        {
            return _pending = WaitAsync(flush);
        }

        return flush.GetAwaiter().GetResult().IsCompleted ? _pending = EndedAsync() : Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task CompleteAsync()
    {
        if (!_pending.IsCompleted)
        {
            throw new InvalidOperationException("The write before this has not ended: await each.");
        }

        _isCompleted = true;
        return content.Writer.CompleteAsync().AsTask();
    }

    private static Exception AfterEnd(Status status) => status.StatusCode == StatusCode.OK
        ? new InvalidOperationException("The server has ended the call: it takes no more requests.")
        : new RpcException(status);

    private async Task WaitAsync(ValueTask<FlushResult> flush)
    {
        if ((await flush.ConfigureAwait(false)).IsCompleted)
        {
            await EndedAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Nobody reads the requests any more: tells with what status the call ended.</summary>
    private async Task EndedAsync() => throw AfterEnd(await call.WhenEndedAsync().ConfigureAwait(false));
}

using System.IO.Pipelines;
using System.Net;

namespace Pmq.Grpc.Client;

/// <summary>
/// The body of a call with many requests. Writers fill a pipe; the body drains what has gathered in one go, so that
/// many small messages leave together.
/// </summary>
internal sealed class RequestStreamContent : HttpContent
{
    private readonly Pipe _pipe;
    private readonly Lock _lock = new();

    // HttpClient sends a body again when a connection refuses the stream; the first attempt may still be ending.
    private readonly SemaphoreSlim _sending = new(1);
    private bool _isSending;
    private volatile bool _isStopped;
    private bool _hasSent;

    /// <param name="maxBufferBytes">How much the pipe holds before a writer waits.</param>
    public RequestStreamContent(int maxBufferBytes)
    {
        _pipe = new Pipe(new PipeOptions(
            readerScheduler: PipeScheduler.ThreadPool,
            writerScheduler: PipeScheduler.ThreadPool,
            pauseWriterThreshold: maxBufferBytes,
            resumeWriterThreshold: maxBufferBytes / 2,
            minimumSegmentSize: 16 * 1024,
            useSynchronizationContext: false));
        Headers.ContentType = SingleContent.GrpcContentType;
    }

    /// <summary>Where requests are written, as frames.</summary>
    public PipeWriter Writer => _pipe.Writer;

    /// <summary>Lets every writer go: nothing is sent any more. Called once, when the call has ended.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _isStopped = true;
            if (_isSending)
            {
                _pipe.Reader.CancelPendingRead();
            }
            else
            {
                _pipe.Reader.Complete();
            }
        }
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            lock (_lock)
            {
                ThrowIfCannotSend();
                _isSending = true;
            }

            await SendAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !_isStopped)
        {
            // The stream was reset. Returning lets HttpClient tell why, or try again if the stream was refused; it does
            // not half-close a stream that has failed.
        }
        finally
        {
            lock (_lock)
            {
                if (_isSending && (_isStopped || _hasSent))
                {
                    _pipe.Reader.Complete();
                }

                _isSending = false;
            }

            _sending.Release();
        }
    }

    private void ThrowIfCannotSend()
    {
        if (_isStopped)
        {
            throw new OperationCanceledException("The call has ended.");
        }

        if (_hasSent)
        {
            throw new IOException("The connection was lost after some of the requests had been sent.");
        }
    }

    private async Task SendAsync(Stream stream, CancellationToken cancellationToken)
    {
        // The headers go out before the first message, which may be long in coming.
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var result = await _pipe.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (result.IsCanceled)
            {
                // Returning would half-close the stream, as if all requests had been sent.
                throw new OperationCanceledException("The call has ended.");
            }

            _hasSent = true;
            foreach (var segment in result.Buffer)
            {
                await stream.WriteAsync(segment, cancellationToken).ConfigureAwait(false);
            }

            _pipe.Reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }

            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

using System.IO.Pipelines;
using System.Net;

namespace Pmq.Grpc.Client;

/// <summary>
/// The body of a call with many requests. Writers fill a pipe; the body drains what has gathered in one go, so that many
/// small messages leave together.
/// </summary>
internal sealed class RequestStreamContent : HttpContent
{
    private readonly Pipe _pipe;
    private int _isTaken;

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
        if (Interlocked.Exchange(ref _isTaken, 1) == 0)
        {
            _pipe.Reader.Complete();
        }
        else
        {
            _pipe.Reader.CancelPendingRead();
        }
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isTaken, 1) != 0)
        {
            throw new InvalidOperationException("A stream of requests cannot be sent twice.");
        }

        try
        {
            // The headers go out before the first message, which may be long in coming.
            await stream.FlushAsync(cancellationToken);
            while (true)
            {
                var result = await _pipe.Reader.ReadAsync(cancellationToken);
                if (result.IsCanceled)
                {
                    // Returning would half-close the stream, as if all requests had been sent.
                    throw new OperationCanceledException("The call has ended.");
                }

                foreach (var segment in result.Buffer)
                {
                    await stream.WriteAsync(segment, cancellationToken);
                }

                _pipe.Reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return;
                }

                await stream.FlushAsync(cancellationToken);
            }
        }
        finally
        {
            await _pipe.Reader.CompleteAsync();
        }
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

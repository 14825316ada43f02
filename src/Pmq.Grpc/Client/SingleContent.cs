using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Pmq.Grpc.Framing;
using Pmq.Grpc.Wire;

namespace Pmq.Grpc.Client;

/// <summary>The body of a call with one request. It may be sent again when a connection refuses it unread.</summary>
internal sealed class SingleContent : HttpContent
{
    internal static readonly MediaTypeHeaderValue GrpcContentType = new(GrpcHeaders.ContentType);

    private readonly ReadOnlyMemory<byte> _frame;

    private SingleContent(ReadOnlyMemory<byte> frame)
    {
        _frame = frame;
        Headers.ContentType = GrpcContentType;
    }

    public static SingleContent Of<T>(T request, Marshaller<T> marshaller)
    {
        var buffer = new ArrayBufferWriter<byte>();
        new FrameWriter(buffer).Write(request, marshaller);
        return new SingleContent(buffer.WrittenMemory);
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        stream.WriteAsync(_frame, cancellationToken).AsTask();

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _frame.Length;
        return true;
    }
}

using System.IO.Pipelines;
using Pmq.Core.Hosting;

namespace Pmq.Libp2p.Yamux;

/// <summary>One stream of a <see cref="YamuxConnection"/>.</summary>
internal sealed class YamuxStream : IStream
{
    /// <inheritdoc />
    public long Id => throw new NotImplementedException();

    /// <inheritdoc />
    public string Protocol { get; set; } = "";

    /// <inheritdoc />
    public IConnection Connection => throw new NotImplementedException();

    /// <inheritdoc />
    public ConnectionDirection Direction => throw new NotImplementedException();

    /// <inheritdoc />
    public PipeReader Input => throw new NotImplementedException();

    /// <inheritdoc />
    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc />
    public bool TryWrite(ReadOnlySpan<byte> data) => throw new NotImplementedException();

    /// <inheritdoc />
    public ValueTask CloseWriteAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc />
    public void Reset() => throw new NotImplementedException();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

using System.IO.Pipelines;
using Pmq.Core.Hosting;

namespace Pmq.Interop.Tests;

/// <summary>An inbound stream that a test reads and writes: disposing it lets its handler end.</summary>
internal sealed class HeldStream(IStream stream) : IStream
{
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Disposed => _disposed.Task;

    public long Id => stream.Id;

    public string Protocol => stream.Protocol;

    public IConnection Connection => stream.Connection;

    public ConnectionDirection Direction => stream.Direction;

    public PipeReader Input => stream.Input;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        stream.WriteAsync(data, cancellationToken);

    public bool TryWrite(ReadOnlySpan<byte> data) => stream.TryWrite(data);

    public ValueTask CloseWriteAsync(CancellationToken cancellationToken) => stream.CloseWriteAsync(cancellationToken);

    public void Reset() => stream.Reset();

    public ValueTask DisposeAsync()
    {
        _disposed.TrySetResult();
        return ValueTask.CompletedTask;
    }
}

using Grpc.Core;
using Pmq.Grpc.Framing;

namespace Pmq.Grpc.Server;

/// <summary>The requests of a call as its handler reads them.</summary>
internal sealed class ServerStreamReader<T>(ServerCall call, MessageReader<T> reader) : IAsyncStreamReader<T>
    where T : class
{
    private static readonly Task<bool> True = Task.FromResult(true);
    private T? _current;

    /// <inheritdoc/>
    public T Current => _current ?? throw new InvalidOperationException("There is no message: call MoveNext first.");

    /// <inheritdoc/>
    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (call.CancellationToken.IsCancellationRequested || cancellationToken.IsCancellationRequested)
        {
            return WaitAsync(cancellationToken);
        }

        if (reader.TryTake(out var message))
        {
            _current = message;
            return True;
        }

        return WaitAsync(cancellationToken);
    }

    private async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        _current = null;
        call.CancellationToken.ThrowIfCancellationRequested();
        using var linked = cancellationToken.CanBeCanceled && cancellationToken != call.CancellationToken
            ? CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, cancellationToken)
            : null;
        try
        {
            _current = await reader.ReadAsync(linked?.Token ?? call.CancellationToken);
            return _current is not null;
        }
        catch (IOException gone)
        {
            throw new OperationCanceledException("The client has gone.", gone);
        }
    }
}

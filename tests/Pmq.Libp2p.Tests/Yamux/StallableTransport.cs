using Pmq.Core.Addresses;
using Pmq.Libp2p.Transport;

namespace Pmq.Libp2p.Tests.Yamux;

/// <summary>A transport whose sends can be made to hang, as those to a peer that does not read.</summary>
internal sealed class StallableTransport(ITransportConnection inner) : ITransportConnection
{
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stalls;

    public Multiaddr LocalAddress => inner.LocalAddress;

    public Multiaddr RemoteAddress => inner.RemoteAddress;

    /// <summary>Completes when the first send hangs.</summary>
    public Task Stalled => _stalled.Task;

    /// <summary>Every send from now on hangs until the connection is aborted or goes on.</summary>
    public void Stall() => _stalls = true;

    /// <summary>What hangs, and what comes, is sent.</summary>
    public void Resume()
    {
        _stalls = false;
        _resumed.TrySetResult();
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        inner.ReceiveAsync(buffer, cancellationToken);

    public async ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (_stalls)
        {
            _stalled.TrySetResult();
            if (await Task.WhenAny(_resumed.Task, _aborted.Task) == _aborted.Task)
            {
                throw new IOException("aborted");
            }
        }

        await inner.SendAsync(data, cancellationToken);
    }

    public void EndSending() => inner.EndSending();

    public void Abort()
    {
        _aborted.TrySetResult();
        inner.Abort();
    }

    public ValueTask DisposeAsync()
    {
        _aborted.TrySetResult();
        return inner.DisposeAsync();
    }
}

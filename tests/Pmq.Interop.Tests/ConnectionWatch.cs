using Pmq.Core.Hosting;
using Pmq.Core.Identity;

namespace Pmq.Interop.Tests;

/// <summary>Awaits what a host tells of one peer.</summary>
internal sealed class ConnectionWatch : IHostObserver, IDisposable
{
    private readonly PeerId _peer;
    private readonly IDisposable _registration;
    private readonly TaskCompletionSource<IConnection> _connected = New<IConnection>();
    private readonly TaskCompletionSource<CloseReason> _disconnected = New<CloseReason>();
    private readonly Lock _gate = new();
    private readonly List<PeerDescription> _descriptions = [];
    private TaskCompletionSource _described = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Starts to watch. What is now is told a moment later: await <see cref="Connected"/> before ending a connection.
    /// </summary>
    public ConnectionWatch(IHost host, PeerId peer)
    {
        _peer = peer;
        _registration = host.Observe(this);
    }

    /// <summary>The first connection.</summary>
    public Task<IConnection> Connected => _connected.Task;

    /// <summary>Why the last connection ended.</summary>
    public Task<CloseReason> Disconnected => _disconnected.Task;

    /// <summary>The first description, past or future, that satisfies <paramref name="condition"/>.</summary>
    public async Task<PeerDescription> DescriptionAsync(Func<PeerDescription, bool> condition)
    {
        while (true)
        {
            Task next;
            lock (_gate)
            {
                if (_descriptions.FirstOrDefault(condition) is { } found)
                {
                    return found;
                }

                next = _described.Task;
            }

            await next.WaitAsync(Pair.Deadline);
        }
    }

    public void OnPeerConnected(IConnection connection)
    {
        if (connection.RemotePeer.Equals(_peer))
        {
            _connected.TrySetResult(connection);
        }
    }

    public void OnPeerIdentified(PeerId peer, PeerDescription description)
    {
        if (!peer.Equals(_peer))
        {
            return;
        }

        TaskCompletionSource described;
        lock (_gate)
        {
            _descriptions.Add(description);
            described = _described;
            _described = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        described.SetResult();
    }

    public void OnPeerDisconnected(PeerId peer, CloseReason reason)
    {
        if (peer.Equals(_peer))
        {
            _disconnected.TrySetResult(reason);
        }
    }

    public void Dispose() => _registration.Dispose();

    private static TaskCompletionSource<T> New<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

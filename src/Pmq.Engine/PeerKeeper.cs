using Microsoft.Extensions.Logging;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;

namespace Pmq.Engine;

/// <summary>
/// Keeps a connection to a peer that the operator named: dials it, waits until it is gone, dials again.
/// </summary>
internal sealed partial class PeerKeeper : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly PeerId _peer;
    private readonly IReadOnlyList<Multiaddr> _addresses;
    private readonly PmqPeerOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;

    public PeerKeeper(
        IHost host, PeerId peer, IReadOnlyList<Multiaddr> addresses, PmqPeerOptions options, ILogger logger)
    {
        _host = host;
        _peer = peer;
        _addresses = addresses;
        _options = options;
        _logger = logger;
    }

    public void Start() => _loop = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        TimeSpan delay = _options.RedialMinDelay;
        bool isWarned = false;
        try
        {
            while (true)
            {
                try
                {
                    IConnection connection = await _host.ConnectAsync(_peer, _addresses, _stopping.Token);
                    delay = _options.RedialMinDelay;
                    isWarned = false;
                    await WhenGoneAsync(connection);
                }
                catch (DialException failure)
                {
                    if (!isWarned)
                    {
                        // Once an outage: the address is the operator's to mend, or the peer is down.
                        isWarned = true;
                        CannotReach(_logger, _peer, failure.Message);
                    }
                }
                catch (Exception fault) when (!_stopping.IsCancellationRequested)
                {
                    DialBroke(_logger, _peer, fault);
                }

                await Task.Delay(delay, _options.TimeProvider, _stopping.Token);
                delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, _options.RedialMaxDelay.Ticks));
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The end of the loop.
        }
    }

    private async Task WhenGoneAsync(IConnection connection)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration closed = connection.Closed.UnsafeRegister(
            static source => ((TaskCompletionSource)source!).TrySetResult(), gone);
        await gone.Task.WaitAsync(_stopping.Token);
    }

    [LoggerMessage(4100, LogLevel.Warning, "Peer {PeerId} cannot be reached and is dialed again: {Reason}")]
    private static partial void CannotReach(ILogger logger, PeerId peerId, string reason);

    [LoggerMessage(4101, LogLevel.Error, "Dialing {PeerId} failed on our side; it is tried again")]
    private static partial void DialBroke(ILogger logger, PeerId peerId, Exception exception);
}

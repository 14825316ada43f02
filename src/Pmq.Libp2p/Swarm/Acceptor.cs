using System.Net;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Libp2p.Transport;
using Pmq.Libp2p.Upgrade;

namespace Pmq.Libp2p.Swarm;

/// <summary>Accepts on one listener and upgrades what the limits let through. Owns the loop and the handshakes.</summary>
internal sealed class Acceptor(SwarmState swarm, ITransportListener listener, Upgrader upgrader, Dialer dialer)
    : IAsyncDisposable
{
    /// <summary>How long accepting rests after it failed, as when file descriptors ran out (arbitrary, may be raised).</summary>
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly OwnedTasks _handshakes = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;

    /// <summary>Where it listens.</summary>
    public Multiaddr LocalAddress => listener.LocalAddress;

    /// <summary>Starts the loop.</summary>
    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Stops listening, gives up the handshakes under way and waits for their end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await listener.DisposeAsync();
        await _loop;
        await _handshakes.WhenEmptyAsync();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                if (await listener.AcceptAsync(_stopping.Token) is not { } connection)
                {
                    return;
                }

                Admit(connection);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (IOException error)
            {
                Log.AcceptFailed(swarm.Logger, listener.LocalAddress, error.Message);
                await Task.Delay(RestAfterFailure, swarm.Options.TimeProvider, CancellationToken.None);
            }
        }
    }

    private void Admit(ITransportConnection connection)
    {
        Multiaddr remote = connection.RemoteAddress;
        IPAddress? address = remote.TryGetEndPoint(out IPEndPoint? endPoint) ? endPoint!.Address : null;
        if (!swarm.Gater.MayAccept(remote))
        {
            Refuse(connection, "Gater");
            return;
        }

        AcceptVerdict verdict = swarm.TryAccept(address);
        if (verdict != AcceptVerdict.Accepted)
        {
            Refuse(connection, verdict.ToString());
            return;
        }

        swarm.Metrics.Accepted(nameof(AcceptVerdict.Accepted));
        _handshakes.Run(() => UpgradeAsync(connection, address));
    }

    private void Refuse(ITransportConnection connection, string verdict)
    {
        connection.Abort();
        swarm.Metrics.Accepted(verdict);
        Log.AcceptRefused(swarm.Logger, connection.RemoteAddress, verdict);
    }

    private async Task UpgradeAsync(ITransportConnection raw, IPAddress? address)
    {
        (Multiaddr local, Multiaddr remote) = (raw.LocalAddress, raw.RemoteAddress);
        long startedAt = swarm.Options.TimeProvider.GetTimestamp();
        UpgradeResult upgraded;
        try
        {
            upgraded = await upgrader.UpgradeAsync(raw, ConnectionDirection.Inbound, null, _stopping.Token);
        }
        catch (Exception error)
        {
            Log.UpgradeFaulted(swarm.Logger, remote, error);
            upgraded = new UpgradeResult(null, UpgradeFault.LocalFault, error.Message);
        }

        swarm.InboundUpgraded(address);
        UpgradeFault fault = upgraded.Fault;
        if (upgraded.Connection is { } yamux)
        {
            var connection = new SwarmConnection(swarm, yamux, ConnectionDirection.Inbound, local, remote)
            {
                InboundAddress = address,
            };
            fault = swarm.Admit(connection);
            if (fault == UpgradeFault.None)
            {
                dialer.InboundOpened(connection);
            }
            else
            {
                await yamux.CloseAsync(Consequence.CloseOf(fault));
            }
        }

        swarm.Metrics.Upgraded(
            ConnectionDirection.Inbound, fault, swarm.Options.TimeProvider.GetElapsedTime(startedAt));
        if (fault != UpgradeFault.None)
        {
            swarm.InboundClosed(address);
            Log.UpgradeFailed(swarm.Logger, ConnectionDirection.Inbound, remote, fault, upgraded.Detail);
        }
    }
}

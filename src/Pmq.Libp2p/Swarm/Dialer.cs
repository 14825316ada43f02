using System.Text;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Libp2p.Transport;
using Pmq.Libp2p.Upgrade;

namespace Pmq.Libp2p.Swarm;

/// <summary>
/// Dials peers: one dial a peer however many ask, several addresses of it with a stagger, the total bounded. Owns the
/// dials that are under way. Thread-safe.
/// </summary>
internal sealed class Dialer : IDisposable
{
    private readonly SwarmState _swarm;
    private readonly Libp2pHostOptions _options;
    private readonly IReadOnlyList<ITransport> _transports;
    private readonly Upgrader _upgrader;
    private readonly Func<IReadOnlyList<Multiaddr>> _ownAddresses;
    private readonly SemaphoreSlim _slots;
    private readonly OwnedTasks _tasks = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<PeerId, PendingDial> _pending = [];
    private bool _stopped;

    /// <summary>A dialer of <paramref name="swarm"/>.</summary>
    public Dialer(
        SwarmState swarm,
        IReadOnlyList<ITransport> transports,
        Upgrader upgrader,
        Func<IReadOnlyList<Multiaddr>> ownAddresses)
    {
        _swarm = swarm;
        _options = swarm.Options;
        _transports = transports;
        _upgrader = upgrader;
        _ownAddresses = ownAddresses;
        _slots = new SemaphoreSlim(_options.MaxDials);
    }

    /// <summary>An open connection to the peer, dialing it if there is none.</summary>
    /// <exception cref="DialException">No address led to the peer.</exception>
    public async ValueTask<SwarmConnection> ConnectAsync(
        PeerId peer, IReadOnlyList<Multiaddr> addresses, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (peer.Equals(_swarm.LocalPeer))
        {
            throw Failure(DialFault.Self, peer, "it is this host itself");
        }

        if (_swarm.Best(peer) is { } open)
        {
            return open;
        }

        PendingDial dial = Join(peer, addresses);
        try
        {
            return await dial.Result.WaitAsync(cancellationToken);
        }
        finally
        {
            Leave(dial);
        }
    }

    /// <summary>A connection to the peer has come from its side: a dial that would lose against it is given up.</summary>
    public void InboundOpened(SwarmConnection connection)
    {
        if (!_swarm.OutboundWouldLose(connection.RemotePeer))
        {
            return;
        }

        PendingDial? dial;
        lock (_gate)
        {
            dial = _pending.GetValueOrDefault(connection.RemotePeer);
        }

        dial?.Succeed(connection);
        dial?.Abandon();
    }

    /// <summary>Gives up every dial and waits for their end.</summary>
    public async Task StopAsync()
    {
        lock (_gate)
        {
            _stopped = true;
        }

        await _stopping.CancelAsync();
        await _tasks.WhenEmptyAsync();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _stopping.Dispose();
        _slots.Dispose();
    }

    private static DialException Failure(DialFault fault, PeerId peer, string why) =>
        new(fault, peer, $"Cannot connect to {peer}: {why}.");

    private PendingDial Join(PeerId peer, IReadOnlyList<Multiaddr> addresses)
    {
        lock (_gate)
        {
            if (_stopped)
            {
                throw Failure(DialFault.Shutdown, peer, "the host is shutting down");
            }

            // A dial that everybody has left is ending: whoever comes now begins a new one.
            if (!_pending.TryGetValue(peer, out PendingDial? dial) || dial.Abandoned.IsCancellationRequested)
            {
                if (_pending.Count >= _options.MaxDials + _options.MaxQueuedDials)
                {
                    _swarm.Metrics.Dialed(DialFault.LimitExceeded);
                    throw Failure(
                        DialFault.LimitExceeded, peer, $"{_pending.Count} dials are under way (MaxDials, MaxQueuedDials)");
                }

                dial = new PendingDial();
                _pending[peer] = dial;
                PendingDial started = dial;
                _tasks.Run(() => RunAsync(peer, addresses, started));
            }

            dial.Waiters++;
            return dial;
        }
    }

    private void Leave(PendingDial dial)
    {
        bool last;
        lock (_gate)
        {
            last = --dial.Waiters == 0;
        }

        if (last && !dial.Result.IsCompleted)
        {
            dial.Abandon();
        }
    }

    private async Task RunAsync(PeerId peer, IReadOnlyList<Multiaddr> addresses, PendingDial dial)
    {
        using var timeout = new CancellationTokenSource(_options.DialTimeout, _options.TimeProvider);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(
            _stopping.Token, dial.Abandoned, timeout.Token);
        try
        {
            await _slots.WaitAsync(any.Token);
            SwarmConnection connection;
            try
            {
                connection = await DialAsync(peer, addresses, any.Token);
            }
            finally
            {
                _slots.Release();
            }

            _swarm.Metrics.Dialed(null);
            Finish(peer, dial, connection, null);
        }
        catch (OperationCanceledException) when (any.IsCancellationRequested)
        {
            Finish(peer, dial, _swarm.Best(peer), _stopping.IsCancellationRequested
                ? Failure(DialFault.Shutdown, peer, "the host is shutting down")
                : Failure(DialFault.Timeout, peer, $"no address answered within {_options.DialTimeout}"));
        }
        catch (DialException error)
        {
            Finish(peer, dial, _swarm.Best(peer), error);
        }
        catch (Exception error)
        {
            Finish(peer, dial, null, error);
        }
    }

    /// <summary>Ends a dial. A connection that came from the other side meanwhile is as good.</summary>
    private void Finish(PeerId peer, PendingDial dial, SwarmConnection? connection, Exception? error)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_pending.GetValueOrDefault(peer), dial))
            {
                _pending.Remove(peer);
            }
        }

        if (connection is not null)
        {
            dial.Succeed(connection);
        }
        else
        {
            if (!dial.Result.IsCompleted)
            {
                _swarm.Metrics.Dialed((error as DialException)?.Reason ?? DialFault.Unreachable);
            }

            dial.Fail(error!);
        }
    }

    private async ValueTask<SwarmConnection> DialAsync(
        PeerId peer, IReadOnlyList<Multiaddr> given, CancellationToken cancellationToken)
    {
        List<Multiaddr> candidates = Candidates(peer, given);
        var failures = new List<DialAttempt>();
        using var race = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new List<Task<DialAttempt>>();
        int next = 0;
        try
        {
            while (next < candidates.Count || running.Count > 0)
            {
                bool more = next < candidates.Count && running.Count < _options.MaxDialsPerPeer;
                if (more)
                {
                    running.Add(AttemptAsync(peer, candidates[next++], race.Token));
                    more = next < candidates.Count && running.Count < _options.MaxDialsPerPeer;
                }

                Task<DialAttempt>? ended = await FirstAsync(running, more, race.Token);
                cancellationToken.ThrowIfCancellationRequested();
                if (ended is null)
                {
                    continue;
                }

                running.Remove(ended);
                DialAttempt attempt = await ended;
                if (attempt.Connection is null || await AdmitAsync(peer, attempt) is not { } admitted)
                {
                    failures.Add(attempt);
                    continue;
                }

                return admitted;
            }
        }
        finally
        {
            await race.CancelAsync();
            foreach (DialAttempt late in await Task.WhenAll(running))
            {
                if (late.Connection is { } unwanted)
                {
                    await unwanted.CloseAsync(new CloseReason(CloseKind.Duplicate));
                }
            }
        }

        return _swarm.Best(peer) ?? throw Unreached(peer, failures);
    }

    /// <summary>The first attempt that ends; null if the next address is to be tried beside them before that.</summary>
    private async ValueTask<Task<DialAttempt>?> FirstAsync(
        List<Task<DialAttempt>> running, bool more, CancellationToken cancellationToken)
    {
        if (!more)
        {
            return await Task.WhenAny(running);
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task stagger = Task.Delay(_options.DialStagger, _options.TimeProvider, ended.Token);
        Task first = await Task.WhenAny([.. running, stagger]);
        await ended.CancelAsync();
        return first as Task<DialAttempt>;
    }

    private List<Multiaddr> Candidates(PeerId peer, IReadOnlyList<Multiaddr> given)
    {
        if (!_swarm.Gater.MayDialPeer(peer))
        {
            throw Failure(DialFault.Refused, peer, "the gater refuses the peer");
        }

        var candidates = new List<Multiaddr>();
        DialFault fault = DialFault.NoAddress;
        string why = "no address of it is known";
        foreach (Multiaddr address in given.Concat(_swarm.KnownAddresses(peer)))
        {
            Multiaddr bare = address.WithoutPeer();
            if (candidates.Count == _options.MaxAddressesPerDial || candidates.Contains(bare))
            {
                continue;
            }

            if (address.Peer is { } named && !named.Equals(peer))
            {
                (fault, why) = (DialFault.NoAddress, $"{address} names another peer");
            }
            else if (!_transports.Any(transport => transport.CanDial(bare)))
            {
                (fault, why) = (DialFault.NoAddress, $"no transport dials {bare}");
            }
            else if (_ownAddresses().Any(own => own.WithoutPeer().Equals(bare)))
            {
                (fault, why) = (DialFault.Self, $"{bare} is an address of this host");
            }
            else if (!_swarm.Gater.MayDialAddress(peer, bare))
            {
                (fault, why) = (DialFault.Refused, $"the gater refuses {bare}");
            }
            else if (!_swarm.MayDial(peer, bare))
            {
                (fault, why) = (DialFault.Backoff, $"{bare} failed lately and is left alone for now");
            }
            else
            {
                candidates.Add(bare);
            }
        }

        return candidates.Count > 0 ? candidates : throw Failure(fault, peer, why);
    }

    private async Task<DialAttempt> AttemptAsync(PeerId peer, Multiaddr address, CancellationToken cancellationToken)
    {
        ITransport transport = _transports.First(candidate => candidate.CanDial(address));
        long startedAt = _options.TimeProvider.GetTimestamp();
        DialAttempt attempt;
        try
        {
            ITransportConnection raw = await transport.DialAsync(address, cancellationToken);
            (Multiaddr local, Multiaddr remote) = (raw.LocalAddress, raw.RemoteAddress);
            UpgradeResult upgraded =
                await _upgrader.UpgradeAsync(raw, ConnectionDirection.Outbound, peer, cancellationToken);
            attempt = new DialAttempt(address, upgraded.Connection, local, remote, upgraded.Fault, upgraded.Detail);
        }
        catch (IOException error)
        {
            attempt = new DialAttempt(address, null, null, null, UpgradeFault.TransportRefused, error.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            attempt = new DialAttempt(address, null, null, null, UpgradeFault.Cancelled, "");
        }
        catch (Exception error)
        {
            Log.UpgradeFaulted(_swarm.Logger, address, error);
            attempt = new DialAttempt(address, null, null, null, UpgradeFault.LocalFault, error.Message);
        }

        _swarm.Metrics.Upgraded(
            ConnectionDirection.Outbound, attempt.Fault, _options.TimeProvider.GetElapsedTime(startedAt));
        if (attempt.Fault != UpgradeFault.None)
        {
            Log.UpgradeFailed(_swarm.Logger, ConnectionDirection.Outbound, address, attempt.Fault, attempt.Detail);
            if (Consequence.Of(attempt.Fault).BacksOff)
            {
                _swarm.DialFailed(peer, address);
            }
        }

        return attempt;
    }

    /// <summary>Takes the connection up, or gives the one that won against it; null when it was refused.</summary>
    private async ValueTask<SwarmConnection?> AdmitAsync(PeerId peer, DialAttempt attempt)
    {
        _swarm.DialSucceeded(peer, attempt.Address);
        var connection = new SwarmConnection(
            _swarm, attempt.Connection!, ConnectionDirection.Outbound, attempt.Local!, attempt.Remote!);
        UpgradeFault fault = _swarm.Admit(connection);
        if (fault == UpgradeFault.None)
        {
            return _swarm.Best(peer) ?? connection;
        }

        await attempt.Connection!.CloseAsync(Consequence.CloseOf(fault));
        return fault switch
        {
            UpgradeFault.TooManyConnections => _swarm.Best(peer),
            UpgradeFault.Refused => throw Failure(DialFault.Refused, peer, "the gater refuses the connection"),
            _ => throw Failure(DialFault.Shutdown, peer, "the host is shutting down"),
        };
    }

    private static DialException Unreached(PeerId peer, List<DialAttempt> failures)
    {
        var text = new StringBuilder();
        foreach (DialAttempt failure in failures)
        {
            text.Append(text.Length == 0 ? "" : "; ").Append(failure.Address).Append(": ").Append(failure.Fault);
            if (failure.Detail.Length > 0)
            {
                text.Append(" (").Append(failure.Detail).Append(')');
            }
        }

        UpgradeFault last = failures[^1].Fault;
        return Failure(
            last == UpgradeFault.None ? DialFault.LimitExceeded : Consequence.Of(last).Dial, peer, text.ToString());
    }
}

using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Pmq.Core.Hosting;

namespace Pmq.Libp2p.Swarm;

/// <summary>Tells the observers of peers coming and going: one loop, one call at a time, in order.</summary>
internal sealed class ObserverLoop(SwarmState swarm, SwarmMetrics metrics, ILogger logger)
{
    // One token wakes the loop, however many changes it stands for.
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly Lock _gate = new();
    private readonly List<Registration> _newcomers = [];
    private Registration[] _registered = [];

    // Completes with the next round of telling; null while there is no loop.
    private TaskCompletionSource? _nextRound;

    /// <summary>There may be something to tell.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>
    /// Completes when the observers know all that happened before this call. Without a loop nobody is told, nor waits.
    /// </summary>
    public Task WhenToldAsync()
    {
        Task told;
        lock (_gate)
        {
            told = _nextRound?.Task ?? Task.CompletedTask;
        }

        Wake();
        return told;
    }

    /// <summary>Registers an observer; it is told of the present first.</summary>
    public IDisposable Add(IHostObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var registration = new Registration(this, observer);
        lock (_gate)
        {
            _newcomers.Add(registration);
        }

        Wake();
        return registration;
    }

    /// <summary>Starts the loop; it ends with <see cref="Complete"/>, and what changed before that is still told.</summary>
    public Task Start()
    {
        BeginRound(isLast: false);
        return Task.Run(RunAsync);
    }

    /// <summary>Ends the loop once everything is told.</summary>
    public void Complete() => _wake.Writer.TryComplete();

    private async Task RunAsync()
    {
        while (await _wake.Reader.WaitToReadAsync())
        {
            _wake.Reader.TryRead(out _);
            Round(isLast: false);
        }

        Round(isLast: true);
    }

    private void Round(bool isLast)
    {
        TaskCompletionSource? round = BeginRound(isLast);
        Tell();
        round?.SetResult();
    }

    /// <summary>Who asks from now on waits for the round after this one.</summary>
    private TaskCompletionSource? BeginRound(bool isLast)
    {
        lock (_gate)
        {
            TaskCompletionSource? round = _nextRound;
            _nextRound = isLast ? null : new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return round;
        }
    }

    private void Tell()
    {
        Registration[] newcomers;
        lock (_gate)
        {
            newcomers = [.. _newcomers];
            _newcomers.Clear();
        }

        var changes = new List<PeerEvent>();
        var present = new List<PeerEvent>();
        swarm.TakeEvents(changes, present, newcomers.Length > 0);
        foreach (PeerEvent change in changes)
        {
            foreach (Registration registration in _registered)
            {
                Tell(registration, change);
            }
        }

        foreach (Registration newcomer in newcomers)
        {
            foreach (PeerEvent known in present)
            {
                Tell(newcomer, known);
            }
        }

        _registered = [.. _registered.Concat(newcomers).Where(static registration => !registration.IsDisposed)];
    }

    private void Tell(Registration registration, PeerEvent @event)
    {
        if (registration.IsDisposed)
        {
            return;
        }

        try
        {
            switch (@event)
            {
                case PeerEvent.Connected connected:
                    registration.Observer.OnPeerConnected(connected.Connection);
                    break;
                case PeerEvent.Identified identified:
                    registration.Observer.OnPeerIdentified(identified.Peer, identified.Description);
                    break;
                case PeerEvent.Disconnected disconnected:
                    registration.Observer.OnPeerDisconnected(disconnected.Peer, disconnected.Reason);
                    break;
            }
        }
        catch (Exception error)
        {
            metrics.ObserverFaulted();
            Log.ObserverFaulted(logger, @event.GetType().Name, error);
        }
    }

    private sealed class Registration(ObserverLoop loop, IHostObserver observer) : IDisposable
    {
        private volatile bool _disposed;

        public IHostObserver Observer { get; } = observer;

        public bool IsDisposed => _disposed;

        public void Dispose()
        {
            _disposed = true;
            loop.Wake();
        }
    }
}

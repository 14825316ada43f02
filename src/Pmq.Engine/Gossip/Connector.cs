using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;

namespace Pmq.Engine.Gossip;

/// <summary>
/// Connects to the peers that the router wants, with bounded effort: other peers can tell of as many as they like, so
/// dials at one time, dials that wait and failures that are remembered all have a bound.
/// </summary>
internal sealed class Connector : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly ConnectorOptions _options;
    private readonly TimeProvider _time;
    private readonly EngineMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly HashSet<(PeerId Peer, bool IsDirect)> _underWay = [];
    private readonly Dictionary<PeerId, LinkedListNode<Failure>> _failures = [];
    private readonly LinkedList<Failure> _oldestFirst = new();
    private readonly Channel<ConnectTarget> _waiting;

    // Apart, so that no peers that others tell of keep us from those whom we agreed on.
    private readonly Channel<ConnectTarget> _waitingDirect;
    private readonly CancellationTokenSource _stopping = new();
    private Task[] _loops = [];

    public Connector(
        IHost host, ConnectorOptions options, TimeProvider time, EngineMetrics metrics, ILogger logger)
    {
        _host = host;
        _options = options;
        _time = time;
        _metrics = metrics;
        _logger = logger;

        // Wait: TryWrite says when it is full, and Offer counts what it drops.
        var bound = new BoundedChannelOptions(options.MaxWaiting) { FullMode = BoundedChannelFullMode.Wait };
        _waiting = Channel.CreateBounded<ConnectTarget>(bound);
        _waitingDirect = Channel.CreateBounded<ConnectTarget>(bound);
    }

    public void Start() => _loops =
    [
        .. Enumerable.Range(0, _options.MaxDials).Select(_ => Task.Run(() => RunAsync(_waiting.Reader))),
        .. Enumerable.Range(0, _options.MaxDirectDials).Select(_ => Task.Run(() => RunAsync(_waitingDirect.Reader))),
    ];

    /// <summary>
    /// Has a peer dialed, soon; never waits. One that is being dialed is not dialed twice, and one that others told of
    /// and that failed lately is left alone.
    /// </summary>
    public void Offer(ConnectTarget target)
    {
        ConnectOutcome? drop = null;
        lock (_gate)
        {
            if (_underWay.Contains((target.Peer, target.IsDirect)))
            {
                return;
            }

            if (!target.IsDirect && _failures.TryGetValue(target.Peer, out LinkedListNode<Failure>? failure)
                && _time.GetElapsedTime(failure.Value.At) < failure.Value.Backoff)
            {
                drop = ConnectOutcome.InBackoff;
            }
            else if (!(target.IsDirect ? _waitingDirect : _waiting).Writer.TryWrite(target))
            {
                drop = ConnectOutcome.TooMany;
            }
            else
            {
                _underWay.Add((target.Peer, target.IsDirect));
            }
        }

        if (drop is { } outcome)
        {
            _metrics.CountConnect(outcome);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_loops);
        _stopping.Dispose();
    }

    private async Task RunAsync(ChannelReader<ConnectTarget> waiting)
    {
        try
        {
            while (true)
            {
                ConnectTarget target = await waiting.ReadAsync(_stopping.Token);
                bool isConnected = await TryConnectAsync(target);
                lock (_gate)
                {
                    _underWay.Remove((target.Peer, target.IsDirect));
                    Remember(target.Peer, isConnected);
                }

                _metrics.CountConnect(isConnected ? ConnectOutcome.Connected : ConnectOutcome.Failed);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The end of the loop.
        }
    }

    private async Task<bool> TryConnectAsync(ConnectTarget target)
    {
        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping.Token);
        try
        {
            await _host.ConnectAsync(target.Peer, target.Addresses, either.Token);
            return true;
        }
        catch (DialException failure)
        {
            Log.CannotConnect(_logger, target.Peer, failure.Reason.ToString());
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            Log.CannotConnect(_logger, target.Peer, nameof(DialFault.Timeout));
        }
        catch (Exception fault) when (!_stopping.IsCancellationRequested)
        {
            Log.ConnectBroke(_logger, target.Peer, fault);
        }

        _stopping.Token.ThrowIfCancellationRequested();
        return false;
    }

    private void Remember(PeerId peer, bool isConnected)
    {
        TimeSpan backoff = _options.MinBackoff;
        if (_failures.Remove(peer, out LinkedListNode<Failure>? earlier))
        {
            _oldestFirst.Remove(earlier);
            backoff = TimeSpan.FromTicks(Math.Min(earlier.Value.Backoff.Ticks * 2, _options.MaxBackoff.Ticks));
        }

        if (isConnected)
        {
            return;
        }

        if (_failures.Count >= _options.MaxRemembered)
        {
            _failures.Remove(_oldestFirst.First!.Value.Peer);
            _oldestFirst.RemoveFirst();
        }

        _failures.Add(peer, _oldestFirst.AddLast(new Failure(peer, _time.GetTimestamp(), backoff)));
    }

    private sealed record Failure(PeerId Peer, long At, TimeSpan Backoff);
}

using Microsoft.Extensions.Logging;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Engine.Validation;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Scoring;

namespace Pmq.Engine.Gossip;

/// <summary>
/// Drives the router over a host. What comes in lands in lanes: first timers, verdicts and calls; then control; then
/// payload, taken from the streams in turn by bytes. The router has one owner at a time: whoever brought work and finds
/// it free takes a turn on its own thread, else the owner, or the driver's loop, takes it over.
/// </summary>
/// <remarks>
/// Bounds: calls of publishers by <see cref="DriverOptions.MaxWaitingPublications"/>; verdicts and signatures by the
/// router's own bound on what is pending; peers by the host's limits; control and payload by one batch a stream, which
/// is not read on before.
/// </remarks>
internal sealed partial class GossipsubDriver : IHostObserver, IAsyncDisposable
{
    private readonly IHost _host;
    private readonly DriverOptions _options;
    private readonly GossipsubRouter _router;
    private readonly RpcScanner _scanner;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Func<TimeSpan> _clock;
    private readonly ILogger _logger;
    private readonly EngineMetrics _metrics;
    private readonly VerifierPipeline _verifiers;
    private readonly SignatureWorkers _signatures;
    private readonly ListenerRegistry _listeners;
    private readonly Connector _connector;
    private readonly EffectList _effects = new();

    // The lanes, guarded by the gate.
    private readonly Lock _gate = new();
    private readonly Queue<InboundReader> _controlLane = new();
    private readonly Queue<InboundReader> _payloadLane = new();
    private List<DriverCommand> _commands = [];
    private List<DriverCommand> _takenCommands = [];
    private bool _isStopped;

    private readonly AsyncSignal _signal = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _publishSlots;
    private readonly ITimer _heartbeatTimer;
    private volatile IReadOnlyList<string> _topics = [];
    private volatile PeerScoreOptions? _scoring;
    private volatile Exception? _failure;
    private volatile bool _isHeartbeatDue;
    private InboundReader? _inHand;
    private bool _isHorizonShort;
    private int _isOwned;
    private int _nextEffect;
    private PublishTally? _tally;

    // Scratch of a heartbeat.
    private readonly List<(string Topic, int Peers)> _meshSizes = [];
    private readonly List<double> _scores = [];
    private IDisposable? _observation;
    private readonly Dictionary<GossipMessage, PublishRequest> _ownExaminations = [];
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _loop = Task.CompletedTask;

    public GossipsubDriver(
        IHost host, DriverOptions options, Chance chance, TimeProvider time, ILogger logger, EngineMetrics metrics)
    {
        _host = host;
        _options = options;
        _scoring = options.Gossipsub.Scoring;
        _time = time;
        _start = time.GetTimestamp();
        _clock = () => Now;
        _logger = logger;
        _metrics = metrics;
        _router = new GossipsubRouter(options.Gossipsub, host.LocalPeer, chance, TimeSpan.Zero)
        {
            Trace = options.Trace,
        };
        _scanner = new RpcScanner(options.Gossipsub);
        _publishSlots = new SemaphoreSlim(options.MaxWaitingPublications);
        _listeners = new ListenerRegistry(metrics);
        _verifiers = new VerifierPipeline(
            options.VerificationOf, time, metrics.Validation, logger, message => IsMoot((GossipMessage)message),
            message => Present((GossipMessage)message), OnExamined, Drive);
        _signatures = new SignatureWorkers(options.SignatureWorkers, OnSignatureChecked, Drive, logger);
        _connector = new Connector(host, options.Connector, time, metrics, logger);
        metrics.Observe(
            _router.Counters, () => LinksInOrder().Sum(link => link.Outbound.QueuedBytes),
            () => _verifiers.PendingCount, () => _verifiers.VerifierCount, () => _listeners.QueuedCount);
        _heartbeatTimer = time.CreateTimer(
            _ => OnHeartbeatDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The verifiers.</summary>
    public VerifierPipeline Verifiers => _verifiers;

    /// <summary>The listeners.</summary>
    public ListenerRegistry Listeners => _listeners;

    /// <summary>What the router has counted.</summary>
    public RouterCounters Counters => _router.Counters;

    /// <summary>The joined topics, sorted.</summary>
    public IReadOnlyList<string> Topics => _topics;

    /// <summary>How peers are scored; null while they are not.</summary>
    public PeerScoreOptions? Scoring => _scoring;

    /// <summary>What broke the router; null while it works.</summary>
    public Exception? Failure => _failure;

    /// <summary>Completes when the driver was disposed; faults with <see cref="Failure"/> when the router breaks.</summary>
    public Task Completion => _completion.Task;

    private TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>Starts the loops, serves the protocols and watches the host's peers.</summary>
    public void Start()
    {
        _loop = Task.Run(RunAsync);
        _signatures.Start();
        _connector.Start();
        foreach (string protocol in PubsubProtocols.Ids)
        {
            _host.Handle(protocol, ServeAsync);
        }

        _observation = _host.Observe(this);
        ArmHeartbeat();
        _signal.Set();
    }

    /// <summary>Puts an entry in the first lane. False when the driver has stopped.</summary>
    public bool Post(in DriverCommand command)
    {
        lock (_gate)
        {
            if (_isStopped)
            {
                return false;
            }

            _commands.Add(command);
        }

        return true;
    }

    /// <summary>Puts a stream's batch in its lanes and runs the router if nobody does.</summary>
    public void Post(InboundReader reader)
    {
        lock (_gate)
        {
            if (_isStopped)
            {
                reader.OnHandled();
                return;
            }

            PutInLanes(reader);
        }

        Drive();
    }

    /// <summary>Takes a turn of the router if it is free; what is left over goes to the loop.</summary>
    public void Drive()
    {
        if (!TryOwn())
        {
            return;
        }

        try
        {
            Turn();
        }
        catch (Exception broken)
        {
            Fail(broken);
            return;
        }

        Release();
    }

    private bool TryOwn() => Interlocked.CompareExchange(ref _isOwned, 1, 0) == 0;

    /// <summary>
    /// A fault of ours: the router's state cannot be trusted any more, so it stays owned and nothing runs it again.
    /// </summary>
    private void Fail(Exception broken)
    {
        _failure = broken;
        Log.RouterBroken(_logger, broken);
        EndWaiting();
        _verifiers.Dispose();
        _listeners.Complete();
        _completion.TrySetException(broken);
    }

    /// <summary>
    /// Gives the router back. Whoever posted since then found it owned, so the lanes are looked at once more.
    /// </summary>
    private void Release()
    {
        Interlocked.Exchange(ref _isOwned, 0);
        if (HasWork())
        {
            _signal.Set();
        }
    }

    private bool HasWork()
    {
        lock (_gate)
        {
            return _isHeartbeatDue || _commands.Count > 0 || _controlLane.Count > 0 || _payloadLane.Count > 0;
        }
    }

    private void OnHeartbeatDue()
    {
        _isHeartbeatDue = true;
        _signal.Set();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await _signal.WaitAsync();
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            Drive();
        }
    }

    /// <summary>One turn: all of the first lane, all control, payload up to a bound, then the effects.</summary>
    private void Turn()
    {
        TimeSpan now = Now;
        RunCommands(now);
        if (now >= _router.NextHeartbeat)
        {
            Heartbeat(now);
        }
        else if (_isHeartbeatDue)
        {
            ArmHeartbeat(); // The timer was early.
        }

        HandleControl(now);
        HandlePayload(now);
        CarryOut(now);
    }

    private void Heartbeat(TimeSpan now)
    {
        _router.Heartbeat(now, _effects);
        TimeSpan took = Now - now;
        _metrics.HeartbeatTook(took);
        ArmHeartbeat();
        LookAtLinks(now);
        _metrics.SetGuarded(_router.ProtectedTopicCount(now));
        PruneEndedLinks(now);
        WatchSeenHorizon(now);
        ShowRouter();
    }

    /// <summary>What the router's peers and meshes are like, for those who read metrics.</summary>
    private void ShowRouter()
    {
        _meshSizes.Clear();
        foreach (string topic in _router.Topics)
        {
            _meshSizes.Add((topic, _router.MeshCountOf(topic)));
        }

        _scores.Clear();
        _router.CopyScores(_scores);
        _metrics.SetRouter(_router, _meshSizes, _scores);
    }

    /// <summary>
    /// A message can come again for as long as it waits for a verdict or can be asked for; once ids are forgotten
    /// sooner, it would be judged and delivered twice.
    /// </summary>
    private void WatchSeenHorizon(TimeSpan now)
    {
        TimeSpan horizon = _router.SeenHorizon(now);
        TimeSpan needed =
            _options.LongestVerdictTimeout + (_options.Gossipsub.HistoryLength * _options.Gossipsub.HeartbeatInterval);
        _metrics.SetTables(horizon, _router.SeenCount, _router.HistoryCount, _router.HistoryBytes);
        if (horizon < needed && !_isHorizonShort)
        {
            Log.SeenHorizonShort(_logger, horizon, needed);
        }

        _isHorizonShort = horizon < needed;
    }

    private void ArmHeartbeat()
    {
        // Whole milliseconds are all that a timer keeps.
        double wait = Math.Ceiling((_router.NextHeartbeat - Now).TotalMilliseconds);
        _isHeartbeatDue = false;
        _heartbeatTimer.Change(TimeSpan.FromMilliseconds(Math.Max(0, wait)), Timeout.InfiniteTimeSpan);
    }

    private void RunCommands(TimeSpan now)
    {
        lock (_gate)
        {
            (_commands, _takenCommands) = (_takenCommands, _commands);
        }

        foreach (DriverCommand command in _takenCommands)
        {
            switch (command.Kind)
            {
                case DriverCommandKind.Call:
                    ((Action<TimeSpan>)command.Subject)(now);
                    break;
                case DriverCommandKind.PendingCall:
                    ((IPendingCall)command.Subject).Run(now);
                    break;
                case DriverCommandKind.Verdict:
                    ApplyVerdict((GossipMessage)command.Subject, (VerificationOutcome)command.Value, now);
                    break;
                case DriverCommandKind.Signature:
                    ApplySignature((GossipMessage)command.Subject, command.Value, now);
                    break;
                case DriverCommandKind.Publish:
                    var request = (PublishRequest)command.Subject;
                    request.TrySetResult(PublishOwned(request.Message, now));
                    break;
                default:
                    throw new InvariantException($"A command of kind {command.Kind}.");
            }
        }

        _takenCommands.Clear();
    }

    /// <summary>A message's examination ended. Called under the pipeline's lock.</summary>
    private void OnExamined(object message, VerificationOutcome outcome) =>
        Post(new DriverCommand(DriverCommandKind.Verdict, message, (int)outcome));

    /// <summary>
    /// A signature was checked; null for a fault of ours. Called under the workers' lock, in order of arrival.
    /// </summary>
    private void OnSignatureChecked(GossipMessage message, SignatureVerdict? verdict) =>
        Post(new DriverCommand(DriverCommandKind.Signature, message, verdict is { } known ? (int)known : -1));

    private void ApplySignature(GossipMessage message, int verdict, TimeSpan now)
    {
        if (verdict < 0)
        {
            _router.OnLost(message, ValidationLoss.VerifierLost, now);
        }
        else
        {
            _router.OnSignature(message, (SignatureVerdict)verdict, now, _effects);
        }
    }

    private static bool IsMoot(GossipMessage message) => message.ReceivedFrom is not null && !message.IsWaiting;

    private void ApplyVerdict(GossipMessage message, VerificationOutcome outcome, TimeSpan now)
    {
        if (message.ReceivedFrom is null)
        {
            EndOwnExamination(message, outcome, now);
            return;
        }

        switch (outcome)
        {
            case VerificationOutcome.Accepted:
                _router.OnVerdict(message, Verdict.Accept, now, _effects);
                break;
            case VerificationOutcome.Rejected:
                _router.OnVerdict(message, Verdict.Reject, now, _effects);
                break;
            case VerificationOutcome.Ignored:
                _router.OnVerdict(message, Verdict.Ignore, now, _effects);
                break;
            case VerificationOutcome.Moot:
                break;
            default:
                _router.OnLost(message, ValidationLoss.Timeout, now);
                break;
        }
    }
}

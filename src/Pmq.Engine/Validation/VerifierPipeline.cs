using Microsoft.Extensions.Logging;
using Pmq.Engine.Runtime;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;

namespace Pmq.Engine.Validation;

/// <summary>
/// Drives <see cref="VerifierRouter"/>: hands messages to the attached verifiers, takes their verdicts on whatever
/// thread they come, and watches the clock. The router is owned by this object's lock, held only for bookkeeping.
/// </summary>
internal sealed class VerifierPipeline : IDisposable
{
    private readonly Lock _gate = new();
    private readonly VerifierRouter _router;
    private readonly Dictionary<long, VerifierAttachment> _attachments = [];
    private readonly List<VerifierEffect> _effects = [];
    private readonly Action<object, VerificationOutcome> _onDone;
    private readonly Action _drive;
    private readonly Func<object, ReceivedMessage> _present;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ITimer _timer;
    private readonly ValidationMetrics _metrics;
    private readonly ILogger _logger;
    private bool _isTimerSet;
    private bool _isDisposed;
    private long _lastId;

    /// <summary>Makes a pipeline without verifiers.</summary>
    /// <param name="rulesOf">How a topic's messages are examined.</param>
    /// <param name="time">The clock.</param>
    /// <param name="metrics">Counts.</param>
    /// <param name="logger">Logs.</param>
    /// <param name="isMoot">
    /// Whether nobody waits for the verdict on a driver's message any more. Called by who offers or forgets.
    /// </param>
    /// <param name="present">Makes of a driver's message what a verifier sees.</param>
    /// <param name="onDone">Takes each outcome, once a message, under the lock: it only queues.</param>
    /// <param name="drive">
    /// Called outside the lock after outcomes came on a thread of a verifier or of the clock.
    /// </param>
    public VerifierPipeline(
        Func<string, VerificationRules> rulesOf, TimeProvider time, ValidationMetrics metrics, ILogger logger,
        Func<object, bool> isMoot, Func<object, ReceivedMessage> present, Action<object, VerificationOutcome> onDone,
        Action drive)
    {
        _router = new VerifierRouter(rulesOf, isMoot);
        _time = time;
        _metrics = metrics;
        _logger = logger;
        _start = time.GetTimestamp();
        _present = present;
        _onDone = onDone;
        _drive = drive;
        _timer = time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>Messages that wait for a verdict.</summary>
    public int PendingCount
    {
        get
        {
            lock (_gate)
            {
                return _router.PendingCount;
            }
        }
    }

    /// <summary>Verifiers that are attached.</summary>
    public int VerifierCount
    {
        get
        {
            lock (_gate)
            {
                return _router.VerifierCount;
            }
        }
    }

    /// <summary>Topics whose verifier is remembered.</summary>
    public int TopicCount
    {
        get
        {
            lock (_gate)
            {
                return _router.TopicCount;
            }
        }
    }

    /// <summary>Takes a message in. False when as many of its topic wait as may; nothing was done then.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="id">The message id.</param>
    /// <param name="message">The driver's message.</param>
    /// <param name="origin">Who handed it over, by reference; null for ourselves.</param>
    /// <param name="bytes">Its size, by which it waits among others.</param>
    /// <param name="maxCount">How many of the topic may wait.</param>
    public bool TryOffer(string topic, in MessageId id, object message, object? origin, int bytes, int maxCount)
    {
        lock (_gate)
        {
            bool isTaken = !_isDisposed && _router.TryOffer(
                new VerificationRequest(topic, id, message, origin, Turns.Of(bytes)), maxCount, Now, _effects);
            CarryOut();
            return isTaken;
        }
    }

    public VerifierAttachment Attach(VerifierOptions options)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var verifier = new AttachedVerifier(++_lastId, options.Topics, options.IsStateless, options.MaxInFlight);
            var attachment = new VerifierAttachment(this, verifier.Id, options);
            _attachments.Add(verifier.Id, attachment);
            _router.Attach(verifier, _effects);
            CarryOut();
            _metrics.CountAttached();
            string topics = options.Topics.Count == 0 ? "all topics" : string.Join(", ", options.Topics);
            Log.VerifierAttached(_logger, options.Name, topics, options.IsStateless);
            return attachment;
        }
    }

    public void Detach(VerifierAttachment attachment)
    {
        lock (_gate)
        {
            if (_attachments.Remove(attachment.Id))
            {
                int held = _router.HeldBy(attachment.Id);
                _router.Detach(attachment.Id, _effects);
                CarryOut();
                _metrics.CountLeft();
                Log.VerifierLeft(_logger, attachment.Name, held);
            }
        }
    }

    public bool Report(VerifierAttachment attachment, string topic, in MessageId id, Verdict verdict)
    {
        lock (_gate)
        {
            if (_isDisposed || !_router.OnVerdict(attachment.Id, topic, id, verdict, _effects))
            {
                _metrics.CountLateVerdict();
                return false;
            }

            CarryOut();
        }

        _drive();
        return true;
    }

    /// <summary>Takes the next message that is still the verifier's to judge from its unread ones.</summary>
    public bool TryTake(VerifierAttachment attachment, out ReceivedMessage? message)
    {
        object? taken = null;
        lock (_gate)
        {
            while (taken is null && attachment.Unread.TryDequeue(out VerificationRequest? request))
            {
                // What timed out or moved on while it waited here is no longer this verifier's.
                taken = request.AskedOf?.Id == attachment.Id ? request.Message : null;
            }
        }

        message = taken is null ? null : _present(taken);
        return taken is not null;
    }

    /// <summary>We left a topic.</summary>
    public void Forget(string topic)
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _router.Forget(topic, _effects);
            CarryOut();
        }
    }

    /// <summary>Ends every attachment; nothing is asked or judged any more.</summary>
    public void Dispose()
    {
        VerifierAttachment[] attachments;
        lock (_gate)
        {
            _isDisposed = true;
            attachments = [.. _attachments.Values];
            _attachments.Clear();
        }

        _timer.Dispose();
        foreach (VerifierAttachment attachment in attachments)
        {
            attachment.Complete();
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isTimerSet = false;
            _router.Advance(Now, _effects);
            CarryOut();
        }

        _drive();
    }

    private void CarryOut()
    {
        foreach (VerifierEffect effect in _effects)
        {
            if (effect.Kind == VerifierEffectKind.Ask)
            {
                _attachments[effect.Verifier].Ask(effect.Request);
            }
            else
            {
                _metrics.CountOutcome(effect.Outcome, Now - effect.Request.AdmittedAt);
                _onDone(effect.Request.Message, effect.Outcome);
            }
        }

        _effects.Clear();
        if (!_isTimerSet && !_isDisposed && _router.NextDeadline is { } deadline)
        {
            // One deadline is watched at a time: it is set again when it has passed, not with every message.
            _isTimerSet = true;
            TimeSpan wait = deadline - Now;
            _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}

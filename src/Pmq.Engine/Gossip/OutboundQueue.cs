using System.Runtime.InteropServices;
using Pmq.Core.Hosting;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;

namespace Pmq.Engine.Gossip;

/// <summary>
/// What waits for one peer's stream, in three classes each with its bound: control first, then our publications, then
/// what is passed on or answered, which always has a part of the stream. Frames are shared memory; they are copied only
/// into the stream. Filled by the router's owner, emptied by one writer loop.
/// </summary>
/// <remarks>
/// Control is never dropped, but for IDONTWANTs, which are advice: what does not fit is the driver's to end the peer
/// for.
/// </remarks>
internal sealed class OutboundQueue
{
    private const int BatchBytes = 64 * 1024;

    // What of a batch publications may take while something else waits.
    private const int PublishBatchBytes = 48 * 1024;

    // The part of the control's room in which an IDONTWANT may wait: one in so many. A peer that is late must not be
    // ended for advice that it has not read.
    private const int AdvicePart = 4;

    // Messages that are named to the trace in one heartbeat; more are counted only. Arbitrary.
    private const int MaxDropped = 1024;

    // The part of the stream that is left to what is passed on, however large our publications are: one in so many.
    private const int RelayPart = 4;

    private readonly Lock _gate = new();
    private readonly OutboundOptions _options;
    private readonly Func<TimeSpan> _clock;
    private readonly Queue<ReadOnlyMemory<byte>> _control = new();
    private readonly OutboundLane _publish;
    private readonly OutboundLane _relay;

    // Where each waiting message stands: by it a second copy is seen, and an unwanted one found.
    private readonly Dictionary<MessageName, Place> _places = [];
    private readonly List<Outgoing> _batch = [];
    private readonly AsyncSignal _wake = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IStream? _stream;
    private bool _isWriting;
    private bool _isEnding;
    private bool _isBlocked;
    private bool _isUsed;
    private long _controlBytes;
    private int _batchControl;
    private OutboundDrops _drops;

    // What was dropped since the last heartbeat, for the trace; null while nothing is traced.
    private readonly List<GossipMessage>? _dropped;
    private int _slowDrops;

    /// <summary>An empty queue.</summary>
    /// <param name="options">Its bounds.</param>
    /// <param name="clock">The time, as the driver has it. Any thread.</param>
    /// <param name="isTraced">Whether <see cref="TakeDropped"/> is to name what is dropped.</param>
    public OutboundQueue(OutboundOptions options, Func<TimeSpan> clock, bool isTraced = false)
    {
        _dropped = isTraced ? [] : null;
        _options = options;
        _clock = clock;
        _publish = new OutboundLane(options.PublishBytes, options.PublishDeadline);
        _relay = new OutboundLane(options.RelayBytes, options.RelayDeadline);
    }

    /// <summary>
    /// Whether <see cref="CompleteAfterDrain"/> was called: nothing is to be opened or written any more.
    /// </summary>
    public bool IsEnding
    {
        get
        {
            lock (_gate)
            {
                return _isEnding;
            }
        }
    }

    /// <summary>Bytes that wait, all classes.</summary>
    public long QueuedBytes
    {
        get
        {
            lock (_gate)
            {
                return _publish.Bytes + _relay.Bytes + _controlBytes;
            }
        }
    }

    /// <summary>
    /// Sends or queues a message; drops it when the queue of its class is full even without what is stale. The caller
    /// counts what is <see cref="OutboundOutcome.Full"/>.
    /// </summary>
    public OutboundOutcome Offer(GossipMessage message, SendClass sendClass, TimeSpan now)
    {
        lock (_gate)
        {
            // Straight into the stream while nothing is ahead of it: no queue, no wake-up.
            if (_stream is not null && !_isWriting && _stream.TryWrite(message.Frame.Span))
            {
                return OutboundOutcome.Sent;
            }

            var name = new MessageName(message);
            OutboundLane lane = LaneOf(sendClass);
            if (!lane.HasRoom(message.Frame.Length) && !MakeRoom(lane, message.Frame.Length, now))
            {
                if (_places.ContainsKey(name))
                {
                    return OutboundOutcome.Queued;
                }

                // Who publishes faster than a peer reads has itself to blame, until that peer is late, too.
                _slowDrops += _isBlocked && lane == _relay ? 1 : 0;
                return OutboundOutcome.Full;
            }

            ref Place place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, name, out bool waits);
            if (waits)
            {
                return OutboundOutcome.Queued;
            }

            place = new Place(lane, lane.Add(message, sendClass, now));
            _isWriting |= _stream is not null;
            _isUsed = true;
        }

        _wake.Set();
        return OutboundOutcome.Queued;
    }

    /// <summary>Sends or queues control. False when more waits than the bound allows: the peer does not read.</summary>
    public bool OfferControl(ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
        {
            if (_stream is not null && !_isWriting && _stream.TryWrite(frame.Span))
            {
                return true;
            }

            if (_controlBytes > 0 && _controlBytes + frame.Length > _options.ControlBytes)
            {
                return false;
            }

            _control.Enqueue(frame);
            _controlBytes += frame.Length;
            _isWriting |= _stream is not null;
        }

        _wake.Set();
        return true;
    }

    /// <summary>
    /// Sends or queues an IDONTWANT; drops it when much control waits already. False if it was dropped.
    /// </summary>
    /// <param name="frame">Copied if it waits: it may lie in the array of its message, which is to be free.</param>
    public bool OfferIDontWant(ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
        {
            if (_stream is not null && !_isWriting && _stream.TryWrite(frame.Span))
            {
                return true;
            }

            if (_controlBytes + frame.Length > _options.ControlBytes / AdvicePart)
            {
                return false;
            }

            _control.Enqueue(frame.ToArray());
            _controlBytes += frame.Length;
            _isWriting |= _stream is not null;
        }

        _wake.Set();
        return true;
    }

    /// <summary>The peer has the message: a copy that still waits is dropped. False if none does.</summary>
    public bool Cancel(string topic, in MessageId id)
    {
        lock (_gate)
        {
            if (_places.Count == 0 || !_places.Remove(new MessageName(topic, id), out Place place))
            {
                return false;
            }

            OutboundLane.Slot slot = place.Lane.Remove(place.Number);
            CountDrop(slot.Class, OutboundDrop.NotWanted, slot.Message);
            return true;
        }
    }

    /// <summary>
    /// Completes when the writer has written all that waited at <see cref="CompleteAfterDrain"/>, or has ended.
    /// </summary>
    public Task WhenDrained => _drained.Task;

    /// <summary>Lets the writer end once all that waits now is written.</summary>
    public void CompleteAfterDrain()
    {
        lock (_gate)
        {
            _isEnding = true;
            if (_stream is null)
            {
                _drained.TrySetResult();
            }
        }

        _wake.Set();
    }

    /// <summary>Wakes the writer so that it looks at its cancellation.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Forgets what waits: the peer is gone.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            while (_publish.TryTake(out OutboundLane.Slot slot) || _relay.TryTake(out slot))
            {
                CountDrop(slot.Class, OutboundDrop.PeerGone, slot.Message);
            }

            _places.Clear();
            _control.Clear();
            _controlBytes = 0;
        }
    }

    /// <summary>
    /// What was dropped here since this was last called, at the last heartbeat, but for what <see cref="Offer"/>
    /// refused.
    /// </summary>
    /// <param name="slow">
    /// Messages that were dropped, full or stale, while the peer kept the writer waiting, since the last call: what we
    /// are to blame for ourselves is not among them.
    /// </param>
    public OutboundDrops TakeDrops(out int slow)
    {
        lock (_gate)
        {
            OutboundDrops drops = _drops;
            slow = _slowDrops;
            _drops = default;
            _slowDrops = 0;
            TrimIfIdle();
            return drops;
        }
    }

    /// <summary>
    /// Moves the messages of <see cref="TakeDrops"/>, those of them that are remembered, to a list.
    /// </summary>
    public void TakeDropped(List<GossipMessage> dropped)
    {
        if (_dropped is null)
        {
            return;
        }

        lock (_gate)
        {
            dropped.AddRange(_dropped);
            _dropped.Clear();
        }
    }

    /// <summary>
    /// Writes what comes until cancelled, drained after <see cref="CompleteAfterDrain"/>, or the stream breaks.
    /// </summary>
    /// <exception cref="StreamException">The stream broke.</exception>
    public async Task WriteAsync(IStream stream, CancellationToken cancellationToken)
    {
        int written = 0;
        lock (_gate)
        {
            _stream = stream;
            _isWriting = true;
        }

        try
        {
            while (true)
            {
                if (!TakeBatch(out bool hasEnded))
                {
                    if (hasEnded)
                    {
                        return;
                    }

                    await _wake.WaitAsync();
                    cancellationToken.ThrowIfCancellationRequested();
                    continue;
                }

                for (written = 0; written < _batch.Count; written++)
                {
                    if (!stream.TryWrite(_batch[written].Frame.Span))
                    {
                        SetBlocked();
                        await stream.WriteAsync(_batch[written].Frame, cancellationToken);
                    }
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _stream = null;
                _isWriting = _isBlocked = false;
                PutBack(written);
            }

            _batch.Clear();
            _drained.TrySetResult();
        }
    }

    /// <summary>One jam does not cost memory for as long as the peer stays; one a moment does.</summary>
    private void TrimIfIdle()
    {
        if (!_isUsed && _places.Count == 0 && _places.Capacity > OutboundLane.KeptSlots)
        {
            _places.TrimExcess();
            _publish.Trim();
            _relay.Trim();
        }

        _isUsed = false;
    }

    private void CountDrop(SendClass sendClass, OutboundDrop reason, GossipMessage? message)
    {
        _drops.Add(sendClass, reason);
        if (_dropped is { Count: < MaxDropped } && message is not null)
        {
            _dropped.Add(message);
        }
    }

    private OutboundLane LaneOf(SendClass sendClass) => sendClass == SendClass.Publish ? _publish : _relay;

    private void SetBlocked()
    {
        lock (_gate)
        {
            _isBlocked = true;
        }
    }

    /// <summary>
    /// Takes what is written next: all control, then messages up to a batch. False when nothing waits.
    /// </summary>
    private bool TakeBatch(out bool hasEnded)
    {
        _batch.Clear();
        TimeSpan now = _clock();
        lock (_gate)
        {
            while (_control.TryDequeue(out ReadOnlyMemory<byte> frame))
            {
                _batch.Add(new Outgoing(frame, default, null));
            }

            _controlBytes = 0;
            _batchControl = _batch.Count;
            DropStale(_publish, now);
            DropStale(_relay, now);

            // What was dropped here until now waited for the peer; from here on nothing does.
            _isBlocked = false;
            int published = Take(_publish, _relay.Count > 0 ? PublishBatchBytes : BatchBytes);
            Take(_relay, Math.Max(BatchBytes - published, published / (RelayPart - 1)));
            _isWriting = _batch.Count > 0;
            hasEnded = _isEnding && !_isWriting;
            return _isWriting;
        }
    }

    private int Take(OutboundLane lane, int most)
    {
        int bytes = 0;
        while (bytes < most && lane.TryTake(out OutboundLane.Slot slot))
        {
            GossipMessage message = slot.Message!;
            _places.Remove(new MessageName(message));
            _batch.Add(new Outgoing(message.Frame, slot.Class, message));
            bytes += message.Frame.Length;
        }

        return bytes;
    }

    private bool MakeRoom(OutboundLane lane, int length, TimeSpan now)
    {
        DropStale(lane, now);
        return lane.HasRoom(length);
    }

    private void DropStale(OutboundLane lane, TimeSpan now)
    {
        while (lane.TryTakeStale(now, out OutboundLane.Slot stale))
        {
            _places.Remove(new MessageName(stale.Message!));
            CountDrop(stale.Class, OutboundDrop.Stale, stale.Message);
            _slowDrops += _isBlocked ? 1 : 0;
        }
    }

    /// <summary>
    /// The stream broke in the midst of a batch: its control waits for the next stream, since nobody says it again; its
    /// messages are lost.
    /// </summary>
    private void PutBack(int written)
    {
        if (written >= _batch.Count)
        {
            return;
        }

        foreach (ref readonly Outgoing lost in CollectionsMarshal.AsSpan(_batch)[Math.Max(written, _batchControl)..])
        {
            CountDrop(lost.Class, OutboundDrop.StreamBroken, lost.Message);
        }

        ReadOnlyMemory<byte>[] younger = [.. _control];
        _control.Clear();
        for (int i = written; i < _batchControl; i++)
        {
            _control.Enqueue(_batch[i].Frame);
            _controlBytes += _batch[i].Frame.Length;
        }

        Array.ForEach(younger, _control.Enqueue);
    }

    /// <summary>What is being written, and of what class a message is.</summary>
    private readonly record struct Outgoing(
        ReadOnlyMemory<byte> Frame, SendClass Class, GossipMessage? Message);

    /// <summary>Where a message waits.</summary>
    private readonly record struct Place(OutboundLane Lane, long Number);

    /// <summary>
    /// A message by topic and id. The hash is the id's own: a peer that grinds ids to collide lengthens the look-up in
    /// its own queue, which is short.
    /// </summary>
    private readonly struct MessageName(string topic, in MessageId id) : IEquatable<MessageName>
    {
        private readonly string _topic = topic;
        private readonly MessageId _id = id;

        public MessageName(GossipMessage message)
            : this(message.Topic, message.Id)
        {
        }

        public bool Equals(MessageName other) => _id.Equals(other._id) && _topic == other._topic;

        public override bool Equals(object? obj) => obj is MessageName other && Equals(other);

        public override int GetHashCode() => _id.GetHashCode();
    }
}

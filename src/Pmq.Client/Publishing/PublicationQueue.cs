namespace Pmq.Client.Publishing;

/// <summary>
/// Publications without a receipt, oldest first: first those sent on the present stream, then those still to be sent.
/// Each has a number, one more than the one before it. Thread-safe; no call waits.
/// </summary>
/// <remarks>
/// It is as long as there are callers waiting, and those that gave up leave it when what is ahead of them has ended,
/// which the timeout bounds.
/// </remarks>
internal sealed class PublicationQueue(int maxInFlight)
{
    private const int SmallRing = 256;

    private readonly Lock _lock = new();
    private PendingPublication?[] _ring = new PendingPublication?[SmallRing];
    private ulong _head;
    private ulong _next;
    private ulong _tail;

    // Below it publications go one at a time: one of them has broken a stream, and so it shows which.
    private ulong _soloEnd;
    private Exception? _closed;

    /// <summary>Whether one is to be sent now or once there is room.</summary>
    public bool HasWork
    {
        get
        {
            lock (_lock)
            {
                return _head < _tail;
            }
        }
    }

    /// <summary>Adds one; the exception to fail with once the queue is closed.</summary>
    public Exception? Add(PendingPublication publication)
    {
        lock (_lock)
        {
            if (_closed is not null)
            {
                return _closed;
            }

            if (_tail - _head == (ulong)_ring.Length)
            {
                Resize(_ring.Length * 2);
            }

            Slot(_tail++) = publication;
            return null;
        }
    }

    /// <summary>The next one to send, if there is room for it among those under way.</summary>
    public PendingPublication? TakeToSend(out ulong number)
    {
        lock (_lock)
        {
            while (_next < _tail && _next - _head < Window())
            {
                number = _next++;
                if (Slot(number) is { IsDone: false } publication)
                {
                    publication.IsSent = true;
                    return publication;
                }

                DropDone();
            }

            number = 0;
            return null;
        }
    }

    /// <summary>Takes the one that has its receipt, or will never have one; null if there is none of this number.</summary>
    /// <param name="number">What <see cref="TakeToSend"/> gave.</param>
    /// <param name="madeRoom">Whether one may be sent that could not before.</param>
    public PendingPublication? Answer(ulong number, out bool madeRoom)
    {
        lock (_lock)
        {
            madeRoom = false;
            if (number < _head || number >= _next || Slot(number) is not { IsSent: true } publication)
            {
                return null;
            }

            bool wasFull = _next - _head >= Window();
            Slot(number) = null;
            DropDone();
            madeRoom = wasFull && _next < _tail && _next - _head < Window();
            return publication;
        }
    }

    /// <summary>The stream is lost: all that have no receipt are to be sent again, in their order.</summary>
    /// <param name="isSuspect">
    /// Whether one of them broke the stream: they go one at a time until all have been answered.
    /// </param>
    /// <returns>The one that broke it for certain, which is taken out; how many were sent in vain.</returns>
    public (PendingPublication? Culprit, int Unanswered) Restart(bool isSuspect)
    {
        lock (_lock)
        {
            PendingPublication? culprit = null;
            int unanswered = 0;
            for (ulong number = _head; number < _next; number++)
            {
                if (Slot(number) is { IsSent: true } publication)
                {
                    unanswered++;
                    publication.IsSent = false;
                    culprit = publication;
                }
            }

            if (!isSuspect || unanswered != 1)
            {
                culprit = null;
            }

            if (isSuspect && unanswered > 1)
            {
                _soloEnd = _next;
            }

            for (ulong number = _head; culprit is not null && number < _next; number++)
            {
                if (Slot(number) == culprit)
                {
                    Slot(number) = null;
                }
            }

            _next = _head;
            DropDone();
            return (culprit, unanswered);
        }
    }

    /// <summary>Those that began before <paramref name="limit"/>, which stay where they are.</summary>
    /// <param name="limit">A timestamp.</param>
    /// <param name="wasSent">Whether the stream owes a receipt for so long, if only to a caller that gave up.</param>
    /// <param name="oldest">When the oldest of the rest began; null when there is none.</param>
    public List<PendingPublication> Expired(long limit, out bool wasSent, out long? oldest)
    {
        var expired = new List<PendingPublication>();
        wasSent = false;
        oldest = null;
        lock (_lock)
        {
            DropDone();
            for (ulong number = _head; number < _tail; number++)
            {
                if (Slot(number) is not { } publication || publication is { IsDone: true, IsSent: false })
                {
                    continue;
                }

                if (publication.Started > limit)
                {
                    oldest = publication.Started;
                    break;
                }

                wasSent |= publication.IsSent;
                if (!publication.IsDone)
                {
                    expired.Add(publication);
                }
            }
        }

        return expired;
    }

    /// <summary>Takes all of them. With <paramref name="closing"/> none is added any more.</summary>
    public List<PendingPublication> TakeAll(Exception? closing = null)
    {
        var all = new List<PendingPublication>();
        lock (_lock)
        {
            _closed ??= closing;
            for (; _head < _tail; _head++)
            {
                if (Slot(_head) is { } publication)
                {
                    publication.IsSent = false;
                    all.Add(publication);
                    Slot(_head) = null;
                }
            }

            _next = _head;
        }

        return all;
    }

    private ulong Window() => _head < _soloEnd ? 1 : (ulong)maxInFlight;

    private ref PendingPublication? Slot(ulong number) => ref _ring[(int)(number & (ulong)(_ring.Length - 1))];

    /// <summary>Lets go of answered ones, and of those that were given up and not sent, at the head.</summary>
    private void DropDone()
    {
        while (_head < _tail && Slot(_head) is null or { IsDone: true, IsSent: false })
        {
            Slot(_head++) = null;
        }

        _next = Math.Max(_next, _head);
        if (_head == _tail && _ring.Length > 16 * SmallRing)
        {
            _ring = new PendingPublication?[SmallRing];
        }
    }

    private void Resize(int length)
    {
        var ring = new PendingPublication?[length];
        for (ulong number = _head; number < _tail; number++)
        {
            ring[(int)(number & (ulong)(length - 1))] = Slot(number);
        }

        _ring = ring;
    }
}

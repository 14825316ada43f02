using System.Numerics;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;

namespace Pmq.Engine.Gossip;

/// <summary>
/// Messages of one class that wait for a peer, bounded in bytes and in time, in order. A ring: each message keeps its
/// number while it waits, so that one in the midst can be taken out. Grows with need; allocates nothing beyond that.
/// </summary>
internal sealed class OutboundLane(int maxBytes, TimeSpan deadline)
{
    /// <summary>Slots that are kept though nothing has waited for a while.</summary>
    public const int KeptSlots = 256;

    /// <summary>
    /// What a message costs beside its frame, roughly: else a peer that does not read could make a queue of tiny
    /// messages many times larger than its bound.
    /// </summary>
    public const int SlotBytes = 128;

    private Slot[] _slots = [];
    private long _head;
    private long _tail;

    /// <summary>Messages that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of their frames.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether a frame of that size may wait, too; one may always.</summary>
    public bool HasRoom(int length) => Count == 0 || Bytes + length + ((Count + 1L) * SlotBytes) <= maxBytes;

    /// <summary>Puts a message last; returns its number.</summary>
    public long Add(GossipMessage message, SendClass sendClass, TimeSpan now)
    {
        if (_tail - _head == _slots.Length)
        {
            Resize(Math.Max(16, _slots.Length * 2));
        }

        _slots[_tail & (_slots.Length - 1)] = new Slot(message, sendClass, now);
        Count++;
        Bytes += message.Frame.Length;
        return _tail++;
    }

    /// <summary>Takes out the message with a number that <see cref="Add"/> gave, which still waits.</summary>
    public Slot Remove(long number)
    {
        ref Slot slot = ref _slots[number & (_slots.Length - 1)];
        Slot removed = slot;
        slot = default;
        Forget(removed);
        SkipHoles();
        return removed;
    }

    /// <summary>Takes the first message; false when nothing waits.</summary>
    public bool TryTake(out Slot first)
    {
        if (Count == 0)
        {
            first = default;
            return false;
        }

        first = Remove(_head);
        return true;
    }

    /// <summary>Takes the first message if it has waited for too long.</summary>
    public bool TryTakeStale(TimeSpan now, out Slot stale)
    {
        if (Count == 0 || now - _slots[_head & (_slots.Length - 1)].Since <= deadline)
        {
            stale = default;
            return false;
        }

        return TryTake(out stale);
    }

    /// <summary>Gives back the memory of a jam; nothing may wait.</summary>
    public void Trim()
    {
        if (_slots.Length > KeptSlots)
        {
            _slots = [];
        }
    }

    private void Forget(in Slot removed)
    {
        Count--;
        Bytes -= removed.Message!.Frame.Length;
    }

    // The head is a message or the tail.
    private void SkipHoles()
    {
        while (_head < _tail && _slots[_head & (_slots.Length - 1)].Message is null)
        {
            _head++;
        }
    }

    private void Resize(int size)
    {
        var slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)size)];
        for (long number = _head; number < _tail; number++)
        {
            slots[number & (slots.Length - 1)] = _slots[number & (_slots.Length - 1)];
        }

        _slots = slots;
    }

    /// <summary>A message that waits, of what class, since when.</summary>
    internal readonly record struct Slot(GossipMessage? Message, SendClass Class, TimeSpan Since);
}

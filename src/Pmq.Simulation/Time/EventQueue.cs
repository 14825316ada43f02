using System.Runtime.CompilerServices;

namespace Pmq.Simulation.Time;

/// <summary>
/// Events in the order of their time, then in the order in which they were scheduled. A wheel of short buckets takes
/// what is near, unsorted; the bucket that is current is a small heap, which stays in the processor's cache; what is
/// far waits in a second heap. Events lie in one pooled array.
/// </summary>
internal sealed class EventQueue
{
    // 2^11 ticks = 0.2 ms a bucket, 4096 buckets = 0.84 s: a heartbeat is far, a frame is near.
    private const int BucketBits = 11;
    private const int BucketCount = 4096;
    private const int SequenceBits = 64 - BucketBits;
    private const int None = -1;

    private readonly int[] _heads = new int[BucketCount];
    private readonly MinHeap<ulong> _current = new();
    private readonly MinHeap<(long Due, long Order)> _far = new();
    private Slot[] _slots = new Slot[1024];
    private int _free = None;
    private int _used;
    private int _near;
    private long _bucket;
    private long _order;

    public EventQueue() => _heads.AsSpan().Fill(None);

    /// <summary>Events that wait.</summary>
    public int Count { get; private set; }

    public void Push(in SimEvent item)
    {
        int slot = Take();
        ref Slot taken = ref _slots[slot];
        taken.Event = item;
        taken.Order = _order++;
        Count++;
        long bucket = item.Due >> BucketBits;
        if (bucket <= _bucket)
        {
            _current.Push(KeyOf(taken), slot);
        }
        else if (bucket - _bucket < BucketCount)
        {
            ref int head = ref _heads[bucket & (BucketCount - 1)];
            taken.Next = head;
            head = slot;
            _near++;
        }
        else
        {
            _far.Push((item.Due, taken.Order), slot);
        }
    }

    /// <summary>Takes the next event that is due at <paramref name="until"/> or before.</summary>
    public bool TryPop(long until, out SimEvent item)
    {
        while (_current.Count == 0)
        {
            if (!Advance(until >> BucketBits))
            {
                item = default;
                return false;
            }
        }

        int slot = _current.PeekValue();
        if (_slots[slot].Event.Due > until)
        {
            item = default;
            return false;
        }

        _current.Pop();
        ref Slot taken = ref _slots[slot];
        item = taken.Event;
        taken.Event = default;
        taken.Next = _free;
        _free = slot;
        Count--;
        return true;
    }

    /// <summary>Makes the next bucket with events the current one; false if it lies beyond the last one.</summary>
    private bool Advance(long last)
    {
        long next = _bucket + 1;
        if (_near == 0)
        {
            if (_far.Count == 0)
            {
                return false;
            }

            next = Math.Max(next, _far.PeekKey().Due >> BucketBits);
        }

        if (next > last)
        {
            return false;
        }

        _bucket = next;
        ref int head = ref _heads[next & (BucketCount - 1)];
        for (int slot = head; slot != None; slot = _slots[slot].Next)
        {
            _current.Push(KeyOf(_slots[slot]), slot);
            _near--;
        }

        head = None;
        while (_far.Count > 0 && _far.PeekKey().Due >> BucketBits <= next)
        {
            int slot = _far.Pop();
            _current.Push(KeyOf(_slots[slot]), slot);
        }

        return true;
    }

    // All that is current lies in one bucket: the lower bits of the time and the order are one number.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong KeyOf(in Slot slot) =>
        ((ulong)slot.Event.Due << SequenceBits) | (ulong)slot.Order;

    private int Take()
    {
        if (_free != None)
        {
            int slot = _free;
            _free = _slots[slot].Next;
            return slot;
        }

        if (_used == _slots.Length)
        {
            Array.Resize(ref _slots, _slots.Length * 2);
        }

        return _used++;
    }

    private struct Slot
    {
        public SimEvent Event;
        public long Order;
        public int Next;
    }
}

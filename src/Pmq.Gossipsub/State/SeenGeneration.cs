using System.Numerics;

namespace Pmq.Gossipsub.State;

/// <summary>
/// Ids with what became of them, in one flat table: 61 bits of a keyed hash stand for an id, so that a look costs one
/// cache line instead of three. Among a million ids one look in 10¹² takes a new id for a known one, and nobody who does
/// not know the keys can seek such an id.
/// </summary>
internal sealed class SeenGeneration
{
    private const int KindBits = 3;
    private const ulong KindMask = (1 << KindBits) - 1;

    // A slot: the upper 61 bits of the hash, then the kind plus one; 0 is a free slot, Removed one that was taken back.
    private const ulong Removed = KindMask;

    private ulong[] _slots = new ulong[256];
    private int _used;

    /// <summary>Ids in it.</summary>
    public int Count { get; private set; }

    /// <summary>Slots of the table.</summary>
    public int Capacity => _slots.Length;

    public bool TryGet(ulong hash, out SeenKind kind)
    {
        ulong slot = _slots[IndexOf(hash)];
        kind = (SeenKind)((slot & KindMask) - 1);
        return slot != 0 && (slot & KindMask) != Removed;
    }

    public void Set(ulong hash, SeenKind kind)
    {
        int index = IndexOf(hash);
        ulong old = _slots[index];
        _slots[index] = (hash & ~KindMask) | ((ulong)kind + 1);
        if (old == 0 || (old & KindMask) == Removed)
        {
            Count++;
        }

        if (old == 0 && ++_used > _slots.Length / 2)
        {
            Grow();
        }
    }

    public void Remove(ulong hash)
    {
        int index = IndexOf(hash);
        if (_slots[index] != 0 && (_slots[index] & KindMask) != Removed)
        {
            _slots[index] |= Removed;
            Count--;
        }
    }

    public void Clear()
    {
        if (_used > 0)
        {
            Array.Clear(_slots);
            _used = Count = 0;
        }
    }

    /// <summary>
    /// The slot of a hash, or the free one where it belongs. There always is one: half of the table is free.
    /// </summary>
    private int IndexOf(ulong hash)
    {
        ulong[] slots = _slots;
        int mask = slots.Length - 1;
        int index = (int)(hash >> (64 - BitOperations.Log2((uint)slots.Length)));
        while (slots[index & mask] is var slot && slot != 0 && (slot ^ hash) >> KindBits != 0)
        {
            index++;
        }

        return index & mask;
    }

    private void Grow()
    {
        ulong[] old = _slots;

        // What was taken back leaves its slot in use: with many of those the table is only cleaned.
        _slots = new ulong[Count > old.Length / 4 ? old.Length * 2 : old.Length];
        _used = Count;
        foreach (ulong slot in old)
        {
            if (slot != 0 && (slot & KindMask) != Removed)
            {
                _slots[IndexOf(slot)] = slot;
            }
        }
    }
}

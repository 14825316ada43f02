namespace Pmq.Simulation.Time;

/// <summary>A heap of slots, four to a node; the least key comes first.</summary>
internal sealed class MinHeap<TKey>
    where TKey : struct, IComparable<TKey>
{
    private (TKey Key, int Value)[] _items = new (TKey, int)[64];

    public int Count { get; private set; }

    public TKey PeekKey() => _items[0].Key;

    public int PeekValue() => _items[0].Value;

    public void Push(TKey key, int value)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Count * 2);
        }

        (TKey Key, int Value)[] items = _items;
        int index = Count++;
        while (index > 0)
        {
            int parent = (index - 1) >> 2;
            if (items[parent].Key.CompareTo(key) <= 0)
            {
                break;
            }

            items[index] = items[parent];
            index = parent;
        }

        items[index] = (key, value);
    }

    public int Pop()
    {
        (TKey Key, int Value)[] items = _items;
        int value = items[0].Value;
        (TKey Key, int Value) last = items[--Count];
        int index = 0;
        while (true)
        {
            int child = (index << 2) + 1;
            if (child >= Count)
            {
                break;
            }

            int least = child;
            int end = Math.Min(child + 4, Count);
            for (int i = child + 1; i < end; i++)
            {
                if (items[i].Key.CompareTo(items[least].Key) < 0)
                {
                    least = i;
                }
            }

            if (items[least].Key.CompareTo(last.Key) >= 0)
            {
                break;
            }

            items[index] = items[least];
            index = least;
        }

        items[index] = last;
        return value;
    }
}

namespace Pmq.Gossipsub.Effects;

/// <summary>
/// The effects of one turn, in the order in which they are to be carried out. The caller owns and reuses it. It may be
/// read by index while a call to the router appends to it.
/// </summary>
public sealed class EffectList
{
    private Effect[] _items = new Effect[64];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The effect at an index. The reference is good until the list is next appended to or cleared.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such effect.</exception>
    public ref readonly Effect this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return ref _items[index];
        }
    }

    /// <summary>Forgets all effects and what they refer to.</summary>
    public void Clear()
    {
        Array.Clear(_items, 0, Count);
        Count = 0;
    }

    internal void Add(in Effect effect)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, _items.Length * 2);
        }

        _items[Count++] = effect;
    }
}

namespace Pmq.Gossipsub.State;

/// <summary>
/// The ids that have a verdict, in three generations. The youngest takes what is new; when it is half a lifetime old,
/// or has a third of the entries allowed, the oldest is forgotten whole. So an id lives between one and one and a half
/// lifetimes, no entry needs a timer, and a flood shortens memory instead of growing it.
/// </summary>
/// <remarks>The place for a probabilistic duplicate filter: nothing else asks whether an id was seen.</remarks>
internal sealed class SeenCache
{
    private const int GenerationCount = 3;

    private readonly MessageKeyComparer _comparer;
    private readonly SeenGeneration[] _generations = new SeenGeneration[GenerationCount];
    private readonly TimeSpan[] _begun = new TimeSpan[GenerationCount];
    private readonly TimeSpan _lifetime;
    private readonly int _maxPerGeneration;
    private TimeSpan _remembersFrom = TimeSpan.MinValue;

    public SeenCache(TimeSpan lifetime, int maxCount, MessageKeyComparer comparer, TimeSpan now)
    {
        _comparer = comparer;
        _lifetime = lifetime;
        _maxPerGeneration = Math.Max(1, maxCount / GenerationCount);
        for (int i = 0; i < GenerationCount; i++)
        {
            _generations[i] = new SeenGeneration();
            _begun[i] = now;
        }
    }

    /// <summary>Entries in all generations.</summary>
    public int Count => _generations[0].Count + _generations[1].Count + _generations[2].Count;

    /// <summary>How far back the memory reaches: the lifetime, or less when the cap cut it.</summary>
    public TimeSpan Horizon(TimeSpan now) =>
        _remembersFrom == TimeSpan.MinValue || now - _remembersFrom > _lifetime ? _lifetime : now - _remembersFrom;

    /// <summary>
    /// Whether an id was ever noted as delivered and not sent; spares the look for it in most routers.
    /// </summary>
    public bool MayHoldUnsent { get; private set; }

    public bool TryGet(in MessageKey key, out SeenKind kind)
    {
        ulong hash = _comparer.Hash(key);
        return _generations[0].TryGet(hash, out kind) || _generations[1].TryGet(hash, out kind)
            || _generations[2].TryGet(hash, out kind);
    }

    public void Set(in MessageKey key, SeenKind kind, TimeSpan now)
    {
        Advance(now);
        if (_generations[0].Count >= _maxPerGeneration)
        {
            Rotate(now);
        }

        MayHoldUnsent |= kind == SeenKind.DeliveredUnsent;
        _generations[0].Set(_comparer.Hash(key), kind);
    }

    public void Remove(in MessageKey key)
    {
        ulong hash = _comparer.Hash(key);
        foreach (SeenGeneration generation in _generations)
        {
            generation.Remove(hash);
        }
    }

    /// <summary>Lets time pass.</summary>
    public void Advance(TimeSpan now)
    {
        TimeSpan half = _lifetime / 2;
        for (int i = 0; i < GenerationCount && now - _begun[0] >= half; i++)
        {
            Rotate(_begun[0] + half);
        }

        if (now - _begun[0] >= half)
        {
            _begun[0] = now; // A long pause: all generations are empty.
        }
    }

    private void Rotate(TimeSpan now)
    {
        SeenGeneration oldest = _generations[^1];
        bool forgets = oldest.Count > 0;
        oldest.Clear();
        for (int i = GenerationCount - 1; i > 0; i--)
        {
            _generations[i] = _generations[i - 1];
            _begun[i] = _begun[i - 1];
        }

        _remembersFrom = forgets ? _begun[^1] : _remembersFrom;
        _generations[0] = oldest;
        _begun[0] = now;
    }
}

namespace Pmq.Gossipsub.State;

/// <summary>
/// What peers have said by IDONTWANT, for a number of heartbeats: one table for all of them, a generation for each
/// heartbeat, so that no entry needs a timer or a table of its peer. Of each entry only the keyed hash is kept.
/// </summary>
internal sealed class UnwantedIds(int lifetime, MessageKeyComparer comparer)
{
    /// <summary>
    /// Entries at most, 16 MiB; beyond it a peer's word is not kept, and it gets a message that it does not want. Thirty
    /// peers that say all that they may meet it.
    /// </summary>
    public const int Most = 1 << 20;

    // A table of which less than an eighth was used is not kept: a steady load allocates nothing, and a flood does not
    // cost memory once it is over.
    private const int SlotsPerEntry = 8;
    private const int LeastKept = 1024;

    private readonly SeenGeneration?[] _generations = new SeenGeneration?[lifetime];

    /// <summary>Entries; one that a peer repeats in another heartbeat counts twice.</summary>
    public int Count { get; private set; }

    /// <summary>Slots of all tables.</summary>
    public int Capacity => _generations.Sum(static generation => generation?.Capacity ?? 0);

    /// <summary>A peer does not want an id. False if there is no room to note it.</summary>
    /// <param name="peer">Its <see cref="GossipPeer.Number"/>.</param>
    /// <param name="id">The id.</param>
    public bool Add(ulong peer, in Messages.MessageId id)
    {
        if (Count >= Most)
        {
            return false;
        }

        SeenGeneration youngest = _generations[0] ??= new SeenGeneration();
        int before = youngest.Count;
        youngest.Set(comparer.Hash(new MessageKey(peer, id)), SeenKind.Accepted);
        Count += youngest.Count - before;
        return true;
    }

    public bool Contains(ulong peer, in Messages.MessageId id)
    {
        if (Count == 0)
        {
            return false;
        }

        ulong hash = comparer.Hash(new MessageKey(peer, id));
        foreach (SeenGeneration? generation in _generations)
        {
            if (generation is not null && generation.TryGet(hash, out _))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A heartbeat has passed.</summary>
    public void Advance()
    {
        SeenGeneration? oldest = _generations[^1];
        Array.Copy(_generations, 0, _generations, 1, _generations.Length - 1);
        _generations[0] = null;
        if (oldest is null)
        {
            return;
        }

        Count -= oldest.Count;
        if (oldest.Capacity <= Math.Max(LeastKept, oldest.Count * SlotsPerEntry))
        {
            oldest.Clear();
            _generations[0] = oldest;
        }
    }
}

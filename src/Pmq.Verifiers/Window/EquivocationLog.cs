namespace Pmq.Verifiers.Window;

/// <summary>The pairs of different reports of one sequence: each told once, the newest kept.</summary>
internal sealed class EquivocationLog
{
    private readonly Queue<(Pair Pair, WindowProof Proof)> _kept = new();
    private readonly HashSet<Pair> _known = [];

    /// <summary>Pairs told of.</summary>
    public long Count { get; private set; }

    /// <summary>Pairs that went for want of room; such a pair is told again when it comes again.</summary>
    public long Dropped { get; private set; }

    /// <summary>Bytes of the pairs kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>The pairs kept, oldest first.</summary>
    public IEnumerable<WindowProof> Kept => _kept.Select(kept => kept.Proof);

    /// <summary>The proof of a pair that was not known; else null.</summary>
    public WindowProof? Add(WindowReport first, WindowReport second, WindowOptions options)
    {
        Pair pair = new(first.Sequence, first.Content, second.Content);
        if (!_known.Add(pair))
        {
            return null;
        }

        WindowProof proof = new(first.Sequence, first.Encoded, second.Encoded);
        _kept.Enqueue((pair, proof));
        Bytes += proof.Bytes;
        Count++;
        while (_kept.Count > options.MaxEquivocations || Bytes > options.MaxEquivocationBytes)
        {
            (Pair gone, WindowProof old) = _kept.Dequeue();
            _known.Remove(gone);
            Bytes -= old.Bytes;
            Dropped++;
        }

        return proof;
    }

    private readonly record struct Pair(long Sequence, ContentHash First, ContentHash Second);
}

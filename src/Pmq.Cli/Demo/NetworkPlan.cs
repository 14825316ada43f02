namespace Pmq.Cli.Demo;

/// <summary>What one network says, round by round, and what the attacker says on its overlay.</summary>
/// <remarks>
/// A network's sequences: those of <see cref="MarkCount"/> marks, which warm up and close a run and are not counted,
/// then one a round.
/// </remarks>
internal sealed class NetworkPlan
{
    /// <summary>Sequences kept for marks that warm up; as many follow the last round.</summary>
    public const int MarkCount = 256;

    /// <summary>Behind the first sequence by more than any validity threshold of the demo.</summary>
    private const long StaleDistance = 100_000;

    /// <summary>Below 2^40, where OCR2's sequences end.</summary>
    private const long FarFuture = 1_000_000_000_000;

    /// <summary>Wider than the bound, so that no three of them lie within the bound of each other.</summary>
    private const long FarFutureStep = 50_000_000;

    /// <summary>The place among the networks, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The network's name.</summary>
    public required string Id { get; init; }

    /// <summary>The topic it publishes on.</summary>
    public required string Overlay { get; init; }

    /// <summary>The sequence of the first mark; a multiple of 256, as OCR2 begins an epoch.</summary>
    public required long FirstMark { get; init; }

    /// <summary>The payload of each round.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Payloads { get; init; }

    /// <summary>The bad reports of each round.</summary>
    public required IReadOnlyList<IReadOnlyList<BadReport>> BadReports { get; init; }

    /// <summary>The sequence of round 0.</summary>
    public long FirstSequence => FirstMark + MarkCount;

    /// <summary>The sequence of the mark that closes a run.</summary>
    public long ClosingMark => SequenceOf(Payloads.Count);

    /// <summary>What a mark says.</summary>
    public static ReadOnlyMemory<byte> MarkPayload { get; } = "mark"u8.ToArray();

    /// <summary>Whether it is the sequence of a mark.</summary>
    public bool IsMark(long sequence) =>
        (sequence >= FirstMark && sequence < FirstSequence) || sequence == ClosingMark;

    /// <summary>The sequence of a round.</summary>
    public long SequenceOf(int round) => FirstSequence + round;

    /// <summary>The sequence that a bad report of its kind carries; forged ones copy the round's.</summary>
    public long SequenceOf(BadReport bad) => bad.Kind switch
    {
        BadKind.StaleSequence => FirstMark - StaleDistance + bad.Ordinal,

        // They fall: a window moves only to three that rise.
        BadKind.FarFutureSequence => FarFuture - (bad.Ordinal * FarFutureStep),
        _ => SequenceOf(bad.Round),
    };
}

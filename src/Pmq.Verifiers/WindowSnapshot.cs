using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers;

/// <summary>How a verifier stands with one network and digest, at one moment.</summary>
public sealed record WindowSnapshot
{
    /// <summary>The network.</summary>
    public required string NetworkId { get; init; }

    /// <summary>Its configuration.</summary>
    public required ConfigDigest Digest { get; init; }

    /// <summary>The highest sequence accepted, before a restart too; null while the window settles.</summary>
    public required long? High { get; init; }

    /// <summary>Whether reports too old and too new are rejected.</summary>
    public required bool InStep { get; init; }

    /// <summary>Reports that wait for the window to settle.</summary>
    public required int Held { get; init; }

    /// <summary>Judged reports by reason; reasons that never came are not in it.</summary>
    public required IReadOnlyDictionary<JudgementReason, long> Counts { get; init; }

    /// <summary>The equivocations kept, oldest first.</summary>
    public required IReadOnlyList<Equivocation> Equivocations { get; init; }

    /// <summary>Equivocations reported.</summary>
    public required long EquivocationCount { get; init; }

    /// <summary>Equivocations that are no longer kept for want of room.</summary>
    public required long EquivocationsDropped { get; init; }

    /// <summary>Encodings that are no longer kept to prove an equivocation by.</summary>
    public required long EncodingsDropped { get; init; }
}

namespace Pmq.Verifiers.Reports;

/// <summary>What a network signs: a payload with its place in the network's order.</summary>
/// <param name="Scheme">How it is signed.</param>
/// <param name="Digest">The network's configuration of this epoch.</param>
/// <param name="Sequence">
/// From 0 to <see cref="long.MaxValue"/>, rising; for <see cref="ReportScheme.Ocr2"/> epoch × 256 + round, below 2^40.
/// </param>
/// <param name="Payload">
/// The application's bytes; the report of OCR. 1 to <see cref="MaxPayloadLength"/> bytes. Not copied.
/// </param>
public sealed record Report(ReportScheme Scheme, ConfigDigest Digest, long Sequence, ReadOnlyMemory<byte> Payload)
{
    /// <summary>
    /// The longest payload, in bytes: 1 MiB, the agent's default for a whole message, which wins where it is lower.
    /// </summary>
    public const int MaxPayloadLength = 1 << 20;

    /// <summary>The bytes of OCR2's extra hash.</summary>
    public const int ExtraHashLength = 32;

    // An epoch of 32 bits and a round of 8.
    private const long MaxOcr2Sequence = (1L << 40) - 1;

    /// <summary>OCR2's extra hash, 32 bytes; empty means zeros, and other schemes have none.</summary>
    public ReadOnlyMemory<byte> ExtraHash { get; init; }

    /// <summary>The sequence of an OCR2 report: epoch × 256 + round.</summary>
    public static long SequenceOf(uint epoch, byte round) => ((long)epoch << 8) | round;

    /// <summary>What makes the report one that cannot be signed or encoded.</summary>
    internal ReportViolation Check()
    {
        if (!Scheme.IsDefined())
        {
            return ReportViolation.UnknownScheme;
        }

        if (!IsInRange(Scheme, Sequence))
        {
            return ReportViolation.SequenceOutOfRange;
        }

        if (!ExtraHash.IsEmpty && (Scheme != ReportScheme.Ocr2 || ExtraHash.Length != ExtraHashLength))
        {
            return ReportViolation.BadExtraHash;
        }

        return Payload.Length switch
        {
            0 => ReportViolation.EmptyPayload,
            > MaxPayloadLength => ReportViolation.PayloadTooLong,
            _ => ReportViolation.None,
        };
    }

    /// <summary>As <see cref="Check"/>, for reports that our own side makes.</summary>
    /// <exception cref="ArgumentException">Something is wrong.</exception>
    internal void ThrowIfMalformed()
    {
        string? fault = Check() switch
        {
            ReportViolation.None => null,
            ReportViolation.UnknownScheme => $"There is no report scheme {(int)Scheme}.",
            ReportViolation.SequenceOutOfRange when Scheme == ReportScheme.Ocr2 =>
                $"Sequence {Sequence} of an OCR2 report is not from 0 to {MaxOcr2Sequence} (epoch × 256 + round).",
            ReportViolation.SequenceOutOfRange => $"Sequence {Sequence} of a report is below 0.",
            ReportViolation.BadExtraHash when Scheme != ReportScheme.Ocr2 =>
                $"Only OCR2 reports have an extra hash; this one is of scheme {Scheme}.",
            ReportViolation.BadExtraHash => $"An extra hash of {ExtraHash.Length} bytes where it has {ExtraHashLength}.",
            _ => $"A payload of {Payload.Length} bytes where a report has 1 to {MaxPayloadLength}.",
        };
        if (fault is not null)
        {
            throw new ArgumentException(fault);
        }
    }

    internal static bool IsInRange(ReportScheme scheme, long sequence) =>
        sequence >= 0 && (scheme != ReportScheme.Ocr2 || sequence <= MaxOcr2Sequence);
}

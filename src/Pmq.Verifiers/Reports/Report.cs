namespace Pmq.Verifiers.Reports;

/// <summary>What a network signs: a payload with its place in the network's order.</summary>
/// <param name="Scheme">How it is signed.</param>
/// <param name="Digest">The network's configuration of this epoch.</param>
/// <param name="Sequence">
/// From 0 to <see cref="long.MaxValue"/>, rising; for <see cref="ReportScheme.Ocr2"/> epoch × 256 + round, below 2^40.
/// </param>
/// <param name="Payload">The application's bytes; the report of OCR. Not copied.</param>
public sealed record Report(ReportScheme Scheme, ConfigDigest Digest, long Sequence, ReadOnlyMemory<byte> Payload)
{
    /// <summary>OCR2's extra hash, 32 bytes; empty means zeros, and other schemes have none.</summary>
    public ReadOnlyMemory<byte> ExtraHash { get; init; }
}

namespace Pmq.Verifiers.Reports;

/// <summary>A report with the signatures of a quorum. It has one encoding.</summary>
/// <param name="Report">What is signed.</param>
/// <param name="Signatures">By ascending signer.</param>
public sealed record SignedReport(Report Report, IReadOnlyList<ReportSignature> Signatures)
{
    /// <summary>The canonical encoding: what is published.</summary>
    public byte[] Encode() => throw new NotImplementedException();

    /// <summary>
    /// Parses the canonical encoding; <see cref="ReportViolation.None"/> and a report, or what is wrong and null. The
    /// report refers to <paramref name="encoded"/>.
    /// </summary>
    public static ReportViolation TryDecode(ReadOnlyMemory<byte> encoded, out SignedReport? report) =>
        throw new NotImplementedException();
}

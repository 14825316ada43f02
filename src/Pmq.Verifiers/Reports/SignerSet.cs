namespace Pmq.Verifiers.Reports;

/// <summary>The pinned signers of a network for one epoch, and how many of them it takes. Thread-safe.</summary>
public sealed class SignerSet
{
    /// <summary>Pins a set.</summary>
    /// <param name="networkId">The network; part of the pre-image of PMQ's own schemes.</param>
    /// <param name="scheme">How they sign.</param>
    /// <param name="signers">Addresses or public keys as <paramref name="scheme"/> has them, 1 to 255.</param>
    /// <param name="maxFaulty">f: how many may be faulty; n > 3f.</param>
    /// <param name="policy">The quorum.</param>
    /// <exception cref="ArgumentException">
    /// A signer is malformed or there twice, or the numbers do not fit; one line.
    /// </exception>
    public SignerSet(
        string networkId,
        ReportScheme scheme,
        IReadOnlyList<ReadOnlyMemory<byte>> signers,
        int maxFaulty,
        QuorumPolicy policy) => throw new NotImplementedException();

    /// <summary>The network.</summary>
    public string NetworkId => throw new NotImplementedException();

    /// <summary>How they sign.</summary>
    public ReportScheme Scheme => throw new NotImplementedException();

    /// <summary>The signers, by index.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Signers => throw new NotImplementedException();

    /// <summary>f.</summary>
    public int MaxFaulty => throw new NotImplementedException();

    /// <summary>The signatures that a report has: exactly so many.</summary>
    public int Quorum => throw new NotImplementedException();

    /// <summary>Whether <paramref name="report"/> has a quorum of good signatures; else what is wrong first.</summary>
    public ReportViolation Verify(SignedReport report) => throw new NotImplementedException();

    /// <summary>Whether one member's signature is good: what a node asks before it counts it.</summary>
    public ReportViolation Verify(Report report, ReportSignature signature) => throw new NotImplementedException();

    /// <summary>
    /// Makes the signed report of the lowest signers that suffice; null as long as there are fewer than
    /// <see cref="Quorum"/> different ones. The signatures have been verified by the caller.
    /// </summary>
    public SignedReport? TryAssemble(Report report, IEnumerable<ReportSignature> signatures) =>
        throw new NotImplementedException();
}

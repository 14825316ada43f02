using Pmq.Testing;
using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers.Tests.Reports;

/// <summary>A network of n members with keys from a seed, and what its members sign.</summary>
internal sealed class TestNetwork : IDisposable
{
    public static readonly ConfigDigest Digest = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    public TestNetwork(
        ReportScheme scheme, int members = 4, int faulty = 1, QuorumPolicy policy = default, string id = "don-a")
    {
        var entropy = new SeededEntropy(7);
        Members = [.. Enumerable.Range(0, members).Select(_ => ReportSigner.Generate(scheme, entropy))];
        Signers = new SignerSet(id, scheme, [.. Members.Select(member => member.Identity)], faulty, policy);
    }

    public IReadOnlyList<ReportSigner> Members { get; }

    public SignerSet Signers { get; }

    public Report NewReport(long sequence = 0x0102, string payload = "hello") =>
        new(Signers.Scheme, Digest, sequence, System.Text.Encoding.UTF8.GetBytes(payload));

    public ReportSignature Sign(Report report, int member) =>
        Members[member].Sign(Signers.NetworkId, report, (byte)member);

    /// <summary>Signed by these members in this order; by default by the lowest that suffice.</summary>
    public SignedReport SignBy(Report report, params int[] members) => new(
        report,
        [.. (members.Length > 0 ? members : Enumerable.Range(0, Signers.Quorum)).Select(m => Sign(report, m))]);

    public SignedReport NewSigned() => SignBy(NewReport());

    public void Dispose()
    {
        foreach (ReportSigner member in Members)
        {
            member.Dispose();
        }
    }
}

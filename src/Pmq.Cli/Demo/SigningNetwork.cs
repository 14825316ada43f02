using Pmq.Core.Runtime;
using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Reports;

namespace Pmq.Cli.Demo;

/// <summary>A network with the keys of all its nodes: it signs OCR2 reports.</summary>
internal sealed class SigningNetwork : IDisposable
{
    private readonly ReportSigner[] _signers;
    private readonly byte[] _extraHash = new byte[32];

    /// <summary>Makes the keys and the digest.</summary>
    public SigningNetwork(string id, string overlay, int nodes, int maxFaulty, Chance chance)
    {
        Id = id;
        Overlay = overlay;
        var entropy = new ChanceEntropy(chance);
        _signers = [.. Enumerable.Range(0, nodes).Select(_ => ReportSigner.Generate(ReportScheme.Ocr2, entropy))];
        entropy.Fill(_extraHash);
        byte[] digest = new byte[ConfigDigest.Length];
        entropy.Fill(digest);

        // The prefix of OCR2 on EVM chains.
        digest[0] = 0;
        digest[1] = 1;
        Digest = new ConfigDigest(digest);
        Signers = new SignerSet(
            id, ReportScheme.Ocr2, [.. _signers.Select(signer => signer.Identity)], maxFaulty, QuorumPolicy.OneHonest);
    }

    /// <summary>Its name.</summary>
    public string Id { get; }

    /// <summary>The topic it publishes on.</summary>
    public string Overlay { get; }

    /// <summary>Its configuration.</summary>
    public ConfigDigest Digest { get; }

    /// <summary>What others pin.</summary>
    public SignerSet Signers { get; }

    /// <summary>What others know of it.</summary>
    public Network Describe(Verifiers.Window.WindowOptions window) =>
        new(Id, [Overlay], [new NetworkEpoch(Digest, Signers)]) { Window = window };

    /// <summary>The report that is signed for a sequence.</summary>
    public Report Report(long sequence, ReadOnlyMemory<byte> payload) =>
        new(ReportScheme.Ocr2, Digest, sequence, payload) { ExtraHash = _extraHash };

    /// <summary>The encoded report with the signatures of a quorum; who signs changes from one to the next.</summary>
    public byte[] Sign(long sequence, ReadOnlyMemory<byte> payload) =>
        Sign(sequence, payload, Signers.Quorum).Encode();

    /// <summary>The report with so many good signatures.</summary>
    public SignedReport Sign(long sequence, ReadOnlyMemory<byte> payload, int count)
    {
        Report report = Report(sequence, payload);
        IEnumerable<int> members = Enumerable.Range(0, count)
            .Select(place => (int)((sequence + place) % _signers.Length))
            .Order();
        return new SignedReport(report, [.. members.Select(member => SignAs(member, Id, report))]);
    }

    /// <summary>The signature of one of its keys, for whatever network and place.</summary>
    public ReportSignature SignAs(int member, string networkId, Report report, byte? index = null) =>
        _signers[member].Sign(networkId, report, index ?? (byte)member);

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (ReportSigner signer in _signers)
        {
            signer.Dispose();
        }
    }
}

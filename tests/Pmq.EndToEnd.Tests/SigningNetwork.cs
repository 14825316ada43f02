using Pmq.Testing;
using Pmq.Verifiers.Reports;

namespace Pmq.EndToEnd.Tests;

/// <summary>A network of four that signs reports as OCR2 does, two of them at a time.</summary>
internal sealed class SigningNetwork : IDisposable
{
    private readonly ReportSigner[] _signers;

    public SigningNetwork(string id, byte number)
    {
        Id = id;
        byte[] digest = new byte[ConfigDigest.Length];
        digest[^1] = number;
        Digest = new ConfigDigest(digest);
        var entropy = new SeededEntropy(number);
        _signers = [.. Enumerable.Range(0, 4).Select(_ => ReportSigner.Generate(ReportScheme.Ocr2, entropy))];
    }

    public string Id { get; }

    public ConfigDigest Digest { get; }

    public string Overlay => Id + ".reports.1";

    /// <summary>Its entry of a networks file, eight lines.</summary>
    public string Yaml =>
        $"""
          - id: {Id}
            overlays: [{Overlay}]
            window: {"{"} settle: 200ms {"}"}
            epochs:
              - digest: {Digest}
                scheme: ocr2
                f: 1
                signers: [{string.Join(", ", _signers.Select(s => "0x" + Convert.ToHexStringLower(s.Identity.Span)))}]

        """;

    /// <summary>A report with the signatures of these members, encoded.</summary>
    public byte[] Report(long sequence, string payload, params byte[] members)
    {
        var report = new Report(
            ReportScheme.Ocr2, Digest, sequence, System.Text.Encoding.UTF8.GetBytes(payload));
        return new SignedReport(report, [.. members.Select(i => _signers[i].Sign(Id, report, i))]).Encode();
    }

    /// <summary>A report with a payload that nobody signed.</summary>
    public byte[] Forged(long sequence, string payload)
    {
        byte[] encoded = Report(sequence, payload, 0, 1);
        int at = encoded.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(payload));
        encoded[at] ^= 1;
        return encoded;
    }

    public void Dispose()
    {
        foreach (ReportSigner signer in _signers)
        {
            signer.Dispose();
        }
    }
}

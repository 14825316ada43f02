using BenchmarkDotNet.Attributes;
using Pmq.Core.Cryptography;
using Pmq.Core.Runtime;
using Pmq.Verifiers.Reports;

namespace Pmq.Benchmarks.Micro;

/// <summary>
/// What a verifier pays for a report of 1 KiB: decoding, one hash, and its signatures; 2 of 4 members and 11 of 31. A row of a library
/// that the system has not fails; PMQ_TEST_LIBSECP256K1 may name it.
/// </summary>
[MemoryDiagnoser]
public class ReportBenchmarks
{
    private byte[] _encoded = [];
    private SignerSet _signers = null!;

    public enum Kind
    {
        Ocr2ByLibSecp256k1,
        Ocr2ByBouncyCastle,
        Ed25519,
        EcdsaP256,
    }

    [Params(Kind.Ocr2ByLibSecp256k1, Kind.Ocr2ByBouncyCastle, Kind.Ed25519, Kind.EcdsaP256)]
    public Kind Scheme { get; set; }

    [Params(4, 31)]
    public int Members { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        ReportScheme scheme = Scheme switch
        {
            Kind.Ed25519 => ReportScheme.Ed25519,
            Kind.EcdsaP256 => ReportScheme.EcdsaP256,
            _ => ReportScheme.Ocr2,
        };
        Secp256k1Provider secp256k1 = Scheme == Kind.Ocr2ByLibSecp256k1
            ? LibSecp256k1.TryLoad(Environment.GetEnvironmentVariable("PMQ_TEST_LIBSECP256K1"))
                ?? throw new InvalidOperationException("libsecp256k1 is not on this system.")
            : new BouncySecp256k1();
        ReportSigner[] members =
            [.. Enumerable.Range(0, Members).Select(_ => ReportSigner.Generate(scheme, SystemEntropy.Instance))];
        int faulty = (Members - 1) / 3;
        _signers = new SignerSet(
            "bench", scheme, [.. members.Select(m => m.Identity)], faulty, QuorumPolicy.OneHonest, secp256k1);
        var report = new Report(scheme, default, 1, new byte[1024]);
        _encoded = new SignedReport(
            report, [.. members.Take(_signers.Quorum).Select((m, i) => m.Sign("bench", report, (byte)i))]).Encode();
        foreach (ReportSigner member in members)
        {
            member.Dispose();
        }
    }

    [Benchmark]
    public SignedReport? Decode()
    {
        SignedReport.TryDecode(_encoded, out SignedReport? report);
        return report;
    }

    [Benchmark]
    public bool DecodeAndVerify()
    {
        SignedReport.TryDecode(_encoded, out SignedReport? report);
        return _signers.Verify(report!) == ReportViolation.None ? true : throw new InvalidOperationException("Refused.");
    }
}

using FsCheck;
using FsCheck.Fluent;
using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers.Tests.Reports;

public sealed class ReportProperties
{
    public static TheoryData<ReportScheme> Schemes => [.. Enum.GetValues<ReportScheme>()];

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_report_that_is_encoded_and_decoded_is_the_same(ReportScheme scheme)
    {
        using var network = new TestNetwork(scheme);
        Prop.ForAll<long, NonEmptyArray<byte>, byte[]>((number, payload, extra) =>
        {
            long sequence = scheme == ReportScheme.Ocr2 ? number & 0xFF_FFFF_FFFF : number & long.MaxValue;
            byte[] digest = [.. extra.Concat(new byte[32]).Take(32)];
            var report = new Report(scheme, new ConfigDigest(digest), sequence, payload.Get)
            {
                ExtraHash = scheme == ReportScheme.Ocr2 ? digest : default,
            };
            byte[] encoded = network.SignBy(report).Encode();
            return SignedReport.TryDecode(encoded, out SignedReport? decoded) == ReportViolation.None
                && decoded!.Report.Digest == report.Digest
                && decoded.Report.Sequence == sequence
                && decoded.Report.Payload.Span.SequenceEqual(payload.Get)
                && decoded.Report.ExtraHash.Span.SequenceEqual(report.ExtraHash.Span)
                && decoded.Encode().AsSpan().SequenceEqual(encoded)
                && network.Signers.Verify(decoded) == ReportViolation.None;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30));
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_report_with_any_byte_changed_is_refused(ReportScheme scheme)
    {
        using var network = new TestNetwork(scheme);
        byte[] encoded = network.NewSigned().Encode();
        Assert.Equal(ReportViolation.None, SignerSetTests.Judge(network.Signers, encoded));
        int shift = 0;
        for (int at = 0; at < encoded.Length; at++)
        {
            foreach (int mask in (int[])[0xFF, 1 << (shift++ & 7)])
            {
                byte[] changed = SignedReportTests.With(encoded, at, (byte)(encoded[at] ^ mask));
                Assert.NotEqual(ReportViolation.None, SignerSetTests.Judge(network.Signers, changed));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Any_members_that_suffice_make_a_valid_report(ReportScheme scheme)
    {
        using var network = new TestNetwork(scheme, members: 7, faulty: 2);
        Report report = network.NewReport();
        ReportSignature[] all = [.. Enumerable.Range(0, 7).Select(member => network.Sign(report, member))];
        foreach (int subset in Enumerable.Range(0, 1 << 7))
        {
            ReportSignature[] some = [.. all.Where(signature => (subset & (1 << signature.Signer)) != 0).Reverse()];
            SignedReport? assembled = network.Signers.TryAssemble(report, some);
            Assert.Equal(some.Length >= 3, assembled is not null);
            if (some.Length == 3)
            {
                Assert.Equal(ReportViolation.None, SignerSetTests.Judge(network.Signers, assembled!.Encode()));
            }
        }
    }
}

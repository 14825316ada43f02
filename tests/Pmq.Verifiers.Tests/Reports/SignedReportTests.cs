using System.Buffers.Binary;
using System.Numerics;
using Pmq.Testing;
using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers.Tests.Reports;

public sealed class SignedReportTests
{
    // version, scheme, digest, sequence
    private const int HeadLength = 42;

    public static TheoryData<ReportScheme> Schemes => [.. Enum.GetValues<ReportScheme>()];

    [Fact]
    public void The_encoding_is_as_documented()
    {
        var report = new Report(ReportScheme.Ocr2, TestNetwork.Digest, 0x0102030405, "hi"u8.ToArray())
        {
            ExtraHash = Enumerable.Repeat((byte)0xEE, 32).ToArray(),
        };
        byte[] first = [.. Enumerable.Repeat((byte)0x33, 64), 1], second = [.. Enumerable.Repeat((byte)0x44, 64), 0];
        byte[] expected =
        [
            1, 1, .. Enumerable.Range(0, 32).Select(i => (byte)i), 0, 0, 0, 1, 2, 3, 4, 5,
            .. Enumerable.Repeat((byte)0xEE, 32), 0, 0, 0, 2, (byte)'h', (byte)'i',
            2, 0, .. first, 200, .. second,
        ];
        Assert.Equal(expected, new SignedReport(report, [new(0, first), new(200, second)]).Encode());
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void What_is_encoded_is_decoded_and_verified(ReportScheme scheme)
    {
        using var network = new TestNetwork(scheme);
        byte[] encoded = network.NewSigned().Encode();
        SignedReport report = Decode(encoded);
        Assert.Equal(scheme, report.Report.Scheme);
        Assert.Equal(TestNetwork.Digest, report.Report.Digest);
        Assert.Equal(0x0102, report.Report.Sequence);
        Assert.Equal("hello"u8.ToArray(), report.Report.Payload.ToArray());
        Assert.Equal([0, 1], report.Signatures.Select(signature => signature.Signer));
        Assert.Equal(ReportViolation.None, network.Signers.Verify(report));
        Assert.Equal(encoded, report.Encode());
    }

    [Fact]
    public void A_consumer_is_told_what_is_wrong_with_bytes_that_are_no_report()
    {
        using var network = new TestNetwork(ReportScheme.Ed25519);
        byte[] encoded = network.NewSigned().Encode();
        Assert.Equal(encoded, SignedReport.Decode(encoded).Encode());
        var fault = Assert.Throws<FormatException>(() => SignedReport.Decode(encoded.AsMemory()[..^1]));
        Assert.Equal($"These {encoded.Length - 1} bytes are no signed report: Truncated.", fault.Message);
    }

    [Fact]
    public void Absent_and_zero_extra_hash_are_one_report()
    {
        using var network = new TestNetwork(ReportScheme.Ocr2);
        Report report = network.NewReport();
        SignedReport zero = network.SignBy(report with { ExtraHash = new byte[32] });
        Assert.Equal(network.SignBy(report).Encode(), zero.Encode());
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Every_prefix_is_truncated(ReportScheme scheme)
    {
        using var network = new TestNetwork(scheme);
        byte[] encoded = network.NewSigned().Encode();
        for (int length = 0; length < encoded.Length; length++)
        {
            Assert.Equal(ReportViolation.Truncated, SignedReport.TryDecode(encoded.AsMemory(0, length), out _));
        }
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_report_in_another_encoding_is_refused(ReportScheme scheme)
    {
        using var network = new TestNetwork(scheme);
        byte[] encoded = network.NewSigned().Encode();
        int lengthAt = HeadLength + (scheme == ReportScheme.Ocr2 ? 32 : 0);
        Assert.Equal(ReportViolation.TrailingBytes, Refused([.. encoded, 0]));
        Assert.Equal(ReportViolation.UnknownVersion, Refused(With(encoded, 0, 2)));
        Assert.Equal(ReportViolation.UnknownVersion, Refused(With(encoded, 0, 0)));
        Assert.Equal(ReportViolation.UnknownScheme, Refused(With(encoded, 1, 0)));
        Assert.Equal(ReportViolation.UnknownScheme, Refused(With(encoded, 1, 6)));

        // One byte more of payload, taken from what follows, and one less.
        Assert.NotEqual(ReportViolation.None, Refused(With(encoded, lengthAt + 3, 6)));
        Assert.NotEqual(ReportViolation.None, Refused(With(encoded, lengthAt + 3, 4)));
        Assert.Equal(ReportViolation.EmptyPayload, Refused(With(encoded, lengthAt + 3, 0)));
        Assert.Equal(ReportViolation.PayloadTooLong, Refused(With(encoded, lengthAt, 0xFF)));
        Assert.Equal(ReportViolation.SequenceOutOfRange, Refused(With(encoded, 34, 0x80)));
        Assert.Equal(
            scheme == ReportScheme.Ocr2 ? ReportViolation.SequenceOutOfRange : ReportViolation.BadSignature,
            SignedReport.TryDecode(With(encoded, 36, 1), out SignedReport? later) is var violation and not 0
                ? violation
                : network.Signers.Verify(later!));
    }

    [Theory]
    [InlineData(ReportScheme.Ocr2)]
    [InlineData(ReportScheme.Ocr3)]
    [InlineData(ReportScheme.Ocr3Contract)]
    public void A_v_of_27_or_28_is_refused(ReportScheme scheme)
    {
        using var network = new TestNetwork(scheme);
        byte[] encoded = network.NewSigned().Encode();
        foreach (int v in (int[])[2, 3, 27, 28, 255])
        {
            Assert.Equal(ReportViolation.BadRecoveryId, Refused(With(encoded, encoded.Length - 1, (byte)v)));
        }
    }

    [Theory]
    [InlineData(ReportScheme.Ocr2)]
    [InlineData(ReportScheme.Ocr3)]
    [InlineData(ReportScheme.Ocr3Contract)]
    [InlineData(ReportScheme.EcdsaP256)]
    public void A_high_S_is_refused(ReportScheme scheme)
    {
        using var network = new TestNetwork(scheme);
        SignedReport report = network.NewSigned();
        ReportSignature last = report.Signatures[^1];
        var high = new ReportSignature(last.Signer, Raise(scheme, last.Bytes.ToArray()));
        byte[] encoded = [.. report.Encode()[..^last.Bytes.Length], .. high.Bytes.Span];
        Assert.Equal(ReportViolation.HighS, Refused(encoded));
        Assert.Equal(ReportViolation.HighS, network.Signers.Verify(report.Report, high));
        Assert.Equal(ReportViolation.HighS, network.Signers.Verify(report with { Signatures = [report.Signatures[0], high] }));
        Assert.Throws<ArgumentException>((report with { Signatures = [high] }).Encode);
    }

    [Theory]
    [InlineData(ReportScheme.Ocr2)]
    [InlineData(ReportScheme.Ocr3)]
    [InlineData(ReportScheme.Ocr3Contract)]
    [InlineData(ReportScheme.EcdsaP256)]
    public void Half_of_the_order_is_the_highest_low_S(ReportScheme scheme)
    {
        byte[] signature = new byte[scheme.SignatureLength()];
        BigInteger half = OrderOf(scheme) / 2;
        half.ToByteArray(isUnsigned: true, isBigEndian: true).CopyTo(signature, 32);
        Assert.Equal(ReportViolation.None, scheme.CheckForm(signature));
        (half + 1).ToByteArray(isUnsigned: true, isBigEndian: true).CopyTo(signature, 32);
        Assert.Equal(ReportViolation.HighS, scheme.CheckForm(signature));
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Signers_out_of_order_or_twice_are_refused(ReportScheme scheme)
    {
        using var network = new TestNetwork(scheme);
        byte[] encoded = network.NewSigned().Encode();
        int each = 1 + network.Sign(network.NewReport(), 0).Bytes.Length;
        byte[] head = encoded[..^(2 * each)], first = encoded[^(2 * each)..^each], second = encoded[^each..];
        Assert.Equal(ReportViolation.SignersOutOfOrder, Refused([.. head, .. second, .. first]));
        Assert.Equal(ReportViolation.DuplicateSigner, Refused([.. head, .. first, .. first]));

        SignedReport report = Decode(encoded);
        SignedReport reversed = report with { Signatures = [.. report.Signatures.Reverse()] };
        SignedReport twice = report with { Signatures = [report.Signatures[0], report.Signatures[0]] };
        Assert.Equal(ReportViolation.SignersOutOfOrder, network.Signers.Verify(reversed));
        Assert.Equal(ReportViolation.DuplicateSigner, network.Signers.Verify(twice));
        Assert.Throws<ArgumentException>(reversed.Encode);
        Assert.Throws<ArgumentException>(twice.Encode);
    }

    [Theory]
    [InlineData(ReportScheme.Ocr2, -1L, 0)]
    [InlineData(ReportScheme.Ocr2, 1L << 40, 0)]
    [InlineData(ReportScheme.Ocr3, -1L, 0)]
    [InlineData(ReportScheme.Ed25519, 1L, 32)]
    [InlineData(ReportScheme.Ocr2, 1L, 31)]
    [InlineData((ReportScheme)6, 1L, 0)]
    public void What_no_encoding_has_is_neither_signed_nor_encoded(ReportScheme scheme, long sequence, int extraLength)
    {
        var report = new Report(scheme, default, sequence, new byte[1]) { ExtraHash = new byte[extraLength] };
        Assert.Throws<ArgumentException>(new SignedReport(report, []).Encode);
        if (Enum.IsDefined(scheme))
        {
            using var network = new TestNetwork(scheme);
            Assert.Throws<ArgumentException>(() => network.Sign(report, 0));
            Assert.NotEqual(ReportViolation.None, network.Signers.Verify(new SignedReport(report, [])));
        }
    }

    [Fact]
    public void The_bounds_of_payload_and_sequence_are_in()
    {
        using var network = new TestNetwork(ReportScheme.Ocr3);
        foreach (int length in (int[])[1, Report.MaxPayloadLength])
        {
            var report = new Report(ReportScheme.Ocr3, TestNetwork.Digest, long.MaxValue, new byte[length]);
            Assert.Equal(ReportViolation.None, network.Signers.Verify(Decode(network.SignBy(report).Encode())));
        }

        Report above = network.NewReport() with { Payload = new byte[Report.MaxPayloadLength + 1] };
        Assert.Throws<ArgumentException>(() => network.Sign(above, 0));
        Assert.Throws<ArgumentException>(() => network.Sign(above with { Payload = default }, 0));

        using var ocr2 = new TestNetwork(ReportScheme.Ocr2);
        SignedReport last = ocr2.SignBy(ocr2.NewReport(Report.SequenceOf(uint.MaxValue, byte.MaxValue)));
        Assert.Equal(ReportViolation.None, ocr2.Signers.Verify(Decode(last.Encode())));
    }

    [Fact]
    public void Any_bytes_give_a_report_or_a_violation()
    {
        byte[][] corpus = [.. Enum.GetValues<ReportScheme>().Select(scheme =>
        {
            using var network = new TestNetwork(scheme);
            return network.NewSigned().Encode();
        })];
        ParserFuzz.RunMemory(
            input =>
            {
                ReportViolation violation = SignedReport.TryDecode(input, out SignedReport? report);
                if (report is null ? violation == 0 : violation != 0 || !report.Encode().AsSpan().SequenceEqual(input.Span))
                {
                    throw new InvalidOperationException($"{violation}, and a report that is not the bytes.");
                }
            },
            corpus);
    }

    internal static byte[] With(byte[] encoded, int at, byte value)
    {
        byte[] copy = [.. encoded];
        copy[at] = value;
        return copy;
    }

    private static SignedReport Decode(byte[] encoded)
    {
        Assert.Equal(ReportViolation.None, SignedReport.TryDecode(encoded, out SignedReport? report));
        return report!;
    }

    private static ReportViolation Refused(byte[] encoded)
    {
        ReportViolation violation = SignedReport.TryDecode(encoded, out SignedReport? report);
        Assert.Null(report);
        return violation;
    }

    /// <summary>The other signature of the same key and message: n - S, and the other v.</summary>
    private static byte[] Raise(ReportScheme scheme, byte[] signature)
    {
        BigInteger s = OrderOf(scheme) - new BigInteger(signature.AsSpan(32, 32), isUnsigned: true, isBigEndian: true);
        s.ToByteArray(isUnsigned: true, isBigEndian: true).CopyTo(signature.AsSpan(32));
        if (scheme != ReportScheme.EcdsaP256)
        {
            signature[64] ^= 1;
        }

        return signature;
    }

    // FIPS 186-4, section D.1.2.3, and SEC 2, section 2.4.1.
    private static BigInteger OrderOf(ReportScheme scheme) => new(
        Convert.FromHexString(
            scheme == ReportScheme.EcdsaP256
                ? "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"
                : "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141"),
        isUnsigned: true,
        isBigEndian: true);
}

using Pmq.Core.Cryptography;
using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers.Tests.Reports;

public sealed class SignerSetTests
{
    public static TheoryData<ReportScheme> Schemes => [.. Enum.GetValues<ReportScheme>()];

    [Theory]
    [InlineData(4, 1, 2, 3, 3)]
    [InlineData(10, 3, 4, 7, 7)]
    [InlineData(31, 10, 11, 21, 21)]
    [InlineData(6, 1, 2, 4, 5)]
    [InlineData(1, 0, 1, 1, 1)]
    [InlineData(255, 84, 85, 170, 171)]
    public void A_quorum_is_as_its_policy_has_it(int members, int faulty, int honest, int byzantine, int all)
    {
        ReadOnlyMemory<byte>[] addresses =
            [.. Enumerable.Range(1, members).Select(i => (ReadOnlyMemory<byte>)(byte[])[.. new byte[19], (byte)i])];
        Assert.Equal(
            [honest, byzantine, all],
            Enum.GetValues<QuorumPolicy>().Select(
                policy => new SignerSet("a", ReportScheme.Ocr2, addresses, faulty, policy).Quorum));
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Fewer_or_more_signatures_than_the_quorum_are_refused(ReportScheme scheme)
    {
        using var network = new TestNetwork(scheme);
        Report report = network.NewReport();
        Assert.Equal(ReportViolation.NoQuorum, network.Signers.Verify(new SignedReport(report, [])));
        Assert.Equal(ReportViolation.NoQuorum, network.Signers.Verify(network.SignBy(report, 3)));
        Assert.Equal(ReportViolation.None, network.Signers.Verify(network.SignBy(report, 1, 3)));
        Assert.Equal(ReportViolation.SurplusSignatures, network.Signers.Verify(network.SignBy(report, 0, 1, 2)));
        ReportSignature[] many = [.. Enumerable.Repeat(network.Sign(report, 0), 300)];
        Assert.Equal(ReportViolation.SurplusSignatures, network.Signers.Verify(new SignedReport(report, many)));
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_member_finds_its_place_by_its_key(ReportScheme scheme)
    {
        using var network = new TestNetwork(scheme);
        SignerSet signers = network.Signers;
        Assert.Equal([0, 1, 2, 3], signers.Signers.Select(signer => signers.IndexOf(signer.Span)!.Value));
        Assert.Null(signers.IndexOf(new byte[signers.Signers[0].Length]));
        Assert.Null(signers.IndexOf([]));
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_signature_counts_only_for_the_member_that_made_it(ReportScheme scheme)
    {
        using var network = new TestNetwork(scheme);
        Report report = network.NewReport();
        ReportSignature first = network.Sign(report, 0), second = network.Sign(report, 1);
        Assert.Equal(ReportViolation.None, network.Signers.Verify(report, second));
        Assert.Equal(ReportViolation.BadSignature, network.Signers.Verify(report, second with { Signer = 2 }));
        Assert.Equal(ReportViolation.UnknownSigner, network.Signers.Verify(report, second with { Signer = 4 }));
        Assert.Equal(
            ReportViolation.BadSignature,
            network.Signers.Verify(new SignedReport(report, [first, second with { Signer = 2 }])));
        Assert.Equal(
            ReportViolation.UnknownSigner,
            network.Signers.Verify(new SignedReport(report, [first, second with { Signer = 4 }])));
        Assert.Equal(
            ReportViolation.BadSignatureLength,
            network.Signers.Verify(report, second with { Bytes = second.Bytes[1..] }));
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_signature_is_for_one_report(ReportScheme scheme)
    {
        using var network = new TestNetwork(scheme);
        SignedReport signed = network.NewSigned();
        Report report = signed.Report;
        byte[] other = new byte[32];
        TestNetwork.Digest.CopyTo(other);
        other[31] ^= 1;
        Report[] others =
        [
            report with { Sequence = report.Sequence + 1 },
            report with { Payload = "hellp"u8.ToArray() },
            report with { Digest = new ConfigDigest(other) },
        ];
        Assert.All(
            others, o => Assert.Equal(ReportViolation.BadSignature, network.Signers.Verify(signed with { Report = o })));
        if (scheme == ReportScheme.Ocr2)
        {
            Report extra = report with { ExtraHash = other };
            Assert.Equal(ReportViolation.BadSignature, network.Signers.Verify(signed with { Report = extra }));
        }
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_report_is_of_the_pinned_scheme(ReportScheme scheme)
    {
        using var network = new TestNetwork(scheme);
        foreach (ReportScheme other in Enum.GetValues<ReportScheme>().Where(other => other != scheme))
        {
            using var stranger = new TestNetwork(other);
            SignedReport report = stranger.NewSigned();
            Assert.Equal(ReportViolation.WrongScheme, network.Signers.Verify(report));
            Assert.Equal(ReportViolation.WrongScheme, network.Signers.Verify(report.Report, report.Signatures[0]));
        }
    }

    [Theory]
    [InlineData(ReportScheme.Ed25519)]
    [InlineData(ReportScheme.EcdsaP256)]
    public void A_report_of_one_network_is_none_of_another_with_the_same_keys(ReportScheme scheme)
    {
        using TestNetwork one = new(scheme, id: "don-a"), other = new(scheme, id: "don-b");
        Assert.Equal(one.Members[0].Identity.ToArray(), other.Members[0].Identity.ToArray());
        Assert.Equal(ReportViolation.BadSignature, other.Signers.Verify(one.NewSigned()));
    }

    [Theory]
    [InlineData(ReportScheme.Ocr2)]
    [InlineData(ReportScheme.Ocr3)]
    public void A_scheme_of_OCR_is_none_of_another_with_the_same_keys(ReportScheme scheme)
    {
        // What the scheme's byte on the wire says is not believed: it is pinned, and it is in what is signed.
        using TestNetwork one = new(scheme), other = new(ReportScheme.Ocr3Contract);
        Assert.Equal(one.Members[0].Identity.ToArray(), other.Members[0].Identity.ToArray());
        SignedReport report = one.NewSigned();
        SignedReport disguised = report with { Report = report.Report with { Scheme = ReportScheme.Ocr3Contract } };
        Assert.Equal(ReportViolation.BadSignature, other.Signers.Verify(disguised));
    }

    [Fact]
    public void An_Ed25519_signature_that_only_our_rule_refuses_is_named_apart()
    {
        using var network = new TestNetwork(ReportScheme.Ed25519);
        Report report = network.NewReport();
        ReportSignature doubtful = Doubtful(network.Sign(report, 0));
        Assert.Equal(ReportViolation.NotCanonicalSignature, network.Signers.Verify(report, doubtful));
        Assert.Equal(
            ReportViolation.NotCanonicalSignature,
            network.Signers.Verify(new SignedReport(report, [doubtful, network.Sign(report, 1)])));
        Assert.Equal(
            ReportViolation.BadSignature,
            network.Signers.Verify(new SignedReport(report, [doubtful, network.Sign(report, 1) with { Signer = 2 }])));
        Assert.Equal(
            ReportViolation.BadSignature,
            network.Signers.Verify(new SignedReport(report, [doubtful, Doubtful(network.Sign(report, 1))])));
    }

    [Fact]
    public void Signatures_with_an_R_of_small_order_which_anyone_can_make_do_not_excuse_a_forgery()
    {
        using var network = new TestNetwork(ReportScheme.Ed25519);
        byte[] identity = [1, .. new byte[63]];
        SignedReport forged = new(
            network.NewReport(), [new ReportSignature(1, identity), new ReportSignature(2, identity)]);
        Assert.Equal(ReportViolation.BadSignature, Judge(network.Signers, forged.Encode()));
        using var single = new TestNetwork(ReportScheme.Ed25519, members: 1, faulty: 0);
        Assert.Equal(
            ReportViolation.BadSignature,
            single.Signers.Verify(new SignedReport(single.NewReport(), [new ReportSignature(0, identity)])));
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Signatures_of_numbers_at_the_ends_of_their_range_are_wrong_and_no_fault_of_ours(ReportScheme scheme)
    {
        // A library that throws would turn a forgery into a fault, for which nobody is blamed.
        byte[] order = Convert.FromHexString(scheme == ReportScheme.EcdsaP256
            ? "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"
            : "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141");
        byte[][] ends = [new byte[32], [.. new byte[31], 1], order, [.. Enumerable.Repeat((byte)0xFF, 32)]];
        using var network = new TestNetwork(scheme);
        Report report = network.NewReport();
        byte[] v = new byte[scheme.SignatureLength() - 64];
        foreach (byte[] first in ends)
        {
            foreach (byte[] second in ends)
            {
                ReportSignature signature = new(0, (byte[])[.. first, .. second, .. v]);
                SignedReport forged = new(report, [signature, signature with { Signer = 1 }]);
                Assert.True(
                    network.Signers.Verify(forged) is ReportViolation.BadSignature or ReportViolation.HighS,
                    Convert.ToHexString(signature.Bytes.Span));
            }
        }
    }

    [Fact]
    public void Any_quorum_of_members_assembles_and_the_lowest_are_taken()
    {
        using var network = new TestNetwork(ReportScheme.Ed25519, members: 10, faulty: 3);
        Report report = network.NewReport();
        ReportSignature[] all = [.. Enumerable.Range(0, 10).Select(member => network.Sign(report, member))];
        Assert.Null(network.Signers.TryAssemble(report, []));
        Assert.Null(network.Signers.TryAssemble(report, all[..3]));
        Assert.Null(network.Signers.TryAssemble(report, [all[0], all[0], all[1], all[2]]));
        SignedReport assembled = network.Signers.TryAssemble(report, all.Reverse().Append(all[9]))!;
        Assert.Equal([0, 1, 2, 3], assembled.Signatures.Select(signature => signature.Signer));
        Assert.Equal(ReportViolation.None, network.Signers.Verify(assembled));
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_malformed_or_repeated_signer_is_named(ReportScheme scheme)
    {
        using var network = new TestNetwork(scheme);
        ReadOnlyMemory<byte>[] good = [.. network.Members.Select(member => member.Identity)];
        string repeated = Convert.ToHexStringLower(good[1].Span);
        AssertRefused($"Signers 1 and 4 are both {repeated}.", scheme, [.. good, good[1]]);
        AssertRefused("Signer 1 is ", scheme, [good[0], good[1][1..]]);
        AssertRefused("Signer 0 is ", scheme, [new byte[good[0].Length]]);
        AssertRefused("Signer 0 is ", scheme, [default]);
        AssertRefused("0 signers where 1 to 255 fit.", scheme, []);
        AssertRefused("256 signers where 1 to 255 fit.", scheme, [.. Enumerable.Repeat(good[0], 256)]);
    }

    [Fact]
    public void A_P256_key_off_the_curve_is_named()
    {
        // Neither sign of y: x = 1 has none.
        byte[] none = [0x02, .. new byte[31], 1], above = [0x02, .. Enumerable.Repeat((byte)0xFF, 32)];
        AssertRefused("Signer 0 is ", ReportScheme.EcdsaP256, [none]);
        AssertRefused("Signer 0 is ", ReportScheme.EcdsaP256, [above]);
    }

    [Theory]
    [InlineData(4, -1)]
    [InlineData(4, 2)]
    [InlineData(3, 1)]
    [InlineData(4, int.MaxValue)]
    public void More_faulty_members_than_a_third_are_refused(int members, int faulty)
    {
        using var network = new TestNetwork(ReportScheme.Ocr2, members, 0);
        ReadOnlyMemory<byte>[] signers = [.. network.Signers.Signers];
        var e = Assert.Throws<ArgumentException>(
            () => new SignerSet("a", ReportScheme.Ocr2, signers, faulty, QuorumPolicy.OneHonest));
        Assert.Contains($"{members} signers bear from 0 to {(members - 1) / 3} faulty ones", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_names_no_network_scheme_or_policy_is_refused()
    {
        ReadOnlyMemory<byte>[] one = [new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }];
        foreach (string id in (string[])["", new string('a', 256), "\uD800"])
        {
            Assert.Throws<ArgumentException>(() => new SignerSet(id, ReportScheme.Ocr2, one, 0, QuorumPolicy.OneHonest));
        }

        Assert.Throws<ArgumentException>(() => new SignerSet("a", 0, one, 0, QuorumPolicy.OneHonest));
        Assert.Throws<ArgumentException>(() => new SignerSet("a", ReportScheme.Ocr2, one, 0, (QuorumPolicy)3));
        Assert.Equal(255, new SignerSet(new string('a', 255), ReportScheme.Ocr2, one, 0, default).NetworkId.Length);
    }

    [Fact]
    public void Verifying_allocates_nothing_of_its_own()
    {
        using var network = new TestNetwork(ReportScheme.Ed25519, members: 31, faulty: 10);
        SignedReport report = network.NewSigned();
        Assert.Equal(11, report.Signatures.Count);
        Assert.Equal(ReportViolation.None, network.Signers.Verify(report));
        long before = GC.GetAllocatedBytesForCurrentThread();
        network.Signers.Verify(report);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Every_secp256k1_library_judges_alike()
    {
        string? path = Environment.GetEnvironmentVariable("PMQ_TEST_LIBSECP256K1");
        LibSecp256k1? native = LibSecp256k1.TryLoad(path);
        Assert.SkipUnless(
            native is not null, "libsecp256k1 is not on this system (or set PMQ_TEST_LIBSECP256K1 to its path).");
        using var network = new TestNetwork(ReportScheme.Ocr2, members: 10, faulty: 3);
        byte[] encoded = network.NewSigned().Encode();
        foreach (Secp256k1Provider provider in (Secp256k1Provider[])[native!, new BouncySecp256k1()])
        {
            var signers = new SignerSet("don-a", ReportScheme.Ocr2, network.Signers.Signers, 3, default, provider);
            Assert.Equal(ReportViolation.None, Judge(signers, encoded));
            for (int at = encoded.Length - 66; at < encoded.Length; at++)
            {
                byte[] broken = SignedReportTests.With(encoded, at, (byte)(encoded[at] ^ 1));
                Assert.NotEqual(ReportViolation.None, Judge(signers, broken));
            }
        }
    }

    internal static ReportViolation Judge(SignerSet signers, byte[] encoded) =>
        SignedReport.TryDecode(encoded, out SignedReport? report) is var violation && report is not null
            ? signers.Verify(report)
            : violation;

    /// <summary>The same signature with S + L for S, little endian.</summary>
    private static ReportSignature Doubtful(ReportSignature signature)
    {
        byte[] bytes = signature.Bytes.ToArray();
        var s = new System.Numerics.BigInteger(bytes.AsSpan(32), isUnsigned: true);
        s += System.Numerics.BigInteger.Parse("7237005577332262213973186563042994240857116359379907606001950938285454250989");
        s.ToByteArray(isUnsigned: true).CopyTo(bytes.AsSpan(32));
        return signature with { Bytes = bytes };
    }

    private static void AssertRefused(string start, ReportScheme scheme, ReadOnlyMemory<byte>[] signers)
    {
        var e = Assert.Throws<ArgumentException>(() => new SignerSet("a", scheme, signers, 0, QuorumPolicy.OneHonest));
        Assert.StartsWith(start, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}

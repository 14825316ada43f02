using Pmq.Testing;
using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers.Tests.Reports;

public sealed class ReportSignerTests
{
    public static TheoryData<ReportScheme> Schemes => [.. Enum.GetValues<ReportScheme>()];

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_key_from_a_secret_signs_like_the_one_it_was_made_with(ReportScheme scheme)
    {
        var secret = new byte[32];
        new SeededEntropy(5).Fill(secret);
        using ReportSigner made = ReportSigner.Generate(scheme, new SeededEntropy(5));
        using ReportSigner taken = ReportSigner.FromSecret(scheme, secret);
        Assert.Equal(scheme, made.Scheme);
        Assert.Equal(made.Identity.ToArray(), taken.Identity.ToArray());
        var signers = new SignerSet("a", scheme, [made.Identity], 0, QuorumPolicy.OneHonest);
        var report = new Report(scheme, default, 0, new byte[1]);
        Assert.Equal(ReportViolation.None, signers.Verify(report, taken.Sign("a", report, 0)));
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void What_is_no_secret_is_refused(ReportScheme scheme)
    {
        Assert.Throws<ArgumentException>(() => ReportSigner.FromSecret(scheme, new byte[31]));
        Assert.Throws<ArgumentException>(() => ReportSigner.FromSecret(scheme, new byte[33]));
        if (scheme != ReportScheme.Ed25519)
        {
            byte[] order = Convert.FromHexString(
                scheme == ReportScheme.EcdsaP256
                    ? "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"
                    : "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141");
            Assert.Throws<ArgumentException>(() => ReportSigner.FromSecret(scheme, new byte[32]));
            Assert.Throws<ArgumentException>(() => ReportSigner.FromSecret(scheme, order));
            order[31]--;
            ReportSigner.FromSecret(scheme, order).Dispose();
        }
    }

    [Fact]
    public void What_is_no_scheme_is_refused() =>
        Assert.Throws<ArgumentException>(() => ReportSigner.FromSecret((ReportScheme)6, new byte[32]));

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_key_draws_again_until_it_has_a_secret(ReportScheme scheme)
    {
        // Zero is a seed of Ed25519 and no scalar.
        using ReportSigner signer = ReportSigner.Generate(scheme, new ZeroFirst());
        using ReportSigner expected =
            ReportSigner.FromSecret(scheme, [.. new byte[31], (byte)(scheme == ReportScheme.Ed25519 ? 0 : 1)]);
        Assert.Equal(expected.Identity.ToArray(), signer.Identity.ToArray());
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_disposed_key_signs_no_more(ReportScheme scheme)
    {
        ReportSigner signer = ReportSigner.Generate(scheme, new SeededEntropy(1));
        var report = new Report(scheme, default, 0, new byte[1]);
        signer.Sign("a", report, 0);
        signer.Dispose();
        signer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => signer.Sign("a", report, 0));
    }

    [Fact]
    public void A_report_of_another_scheme_is_not_signed()
    {
        using ReportSigner signer = ReportSigner.Generate(ReportScheme.Ocr3, new SeededEntropy(1));
        Assert.Throws<ArgumentException>(
            () => signer.Sign("a", new Report(ReportScheme.Ocr3Contract, default, 0, new byte[1]), 0));
    }

    private sealed class ZeroFirst : Core.Runtime.IEntropySource
    {
        private byte _draws;

        public void Fill(Span<byte> destination)
        {
            destination.Clear();
            destination[^1] = _draws++;
        }
    }
}

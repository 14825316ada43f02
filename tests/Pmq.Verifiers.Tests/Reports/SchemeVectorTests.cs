using System.Security.Cryptography;
using Pmq.Core.Cryptography;
using Pmq.Testing;
using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers.Tests.Reports;

/// <summary>
/// Contexts: TestRawReportContext3 of chainlink. Hashes and signatures: an independent implementation of Keccak,
/// secp256k1 and RFC 6979, and once more by ethers 6 (its ABI encoder and signing key). Our own schemes: the README's
/// example, made with @noble/curves.
/// </summary>
public sealed class SchemeVectorTests
{
    private const string AddressOfOne = "7e5f4552091a69125d5dfcb7b8c2659029395bdf";

    private static readonly byte[] One = [.. new byte[31], 1];

    [Fact]
    public void OCR2_with_zeros_signs_as_published()
    {
        // Its report is empty, which has an OCR2 hash but no encoding here.
        var report = new Report(ReportScheme.Ocr2, default, 0, default);
        byte[] hash = Hash(report);
        Assert.Equal("b523fd58c12b4b64d48a158610fadbb70a4007a210cc527a879016d075d84eaa", Hex(hash));

        var signature = new byte[65];
        Secp256k1Provider.Default.SignRecoverable(One, hash, signature);
        Assert.Equal(
            "ece2fdb399f892d14471f4dfe63499f0e7af5a0a05f52f2142d709ea36c39e3d"
            + "687b24b4abc77c71646604dd6440b9362eeb246fb15423afc894a71dcb3e781101",
            Hex(signature));
    }

    [Theory]
    [InlineData(
        ReportScheme.Ocr2,
        0x0703,
        "40b934d39a69d028a85b8968c2cdee26b9c92e0afa0778ff0902f17b1ead3fe2",
        "a499cc9b14dafd80e667b1bd90f2d6633b0f83b0fe8f021a236ec3fa828b371a"
        + "325e51d3ae5ea023025e9774a14ebcfc5410886edc3c10e3fb87798142f9b8aa00")]
    [InlineData(
        ReportScheme.Ocr3,
        1,
        "81817f355daaac3419325249fb5924bd49fc821b7512a4e1f58bbc6b5a47134d",
        "51088b1358f2c6bbbb733a42e923b1fe35acf16aa9d9df1a7c690d8a7a822f30"
        + "74da88f409f6dbfa25f0cdc75efac6d99b64f05f495f75ed412312c7371b636700")]
    [InlineData(
        ReportScheme.Ocr3Contract,
        1,
        "da588296af57f142176ba179aaa9ae1c63b32bf401c9468d211bf776a49dc16a",
        "07268bd50a317786577fd053e6d90b77bdc0f37d0c0bf294c35e64bb33ee6581"
        + "2bcab522ee0eaad812a7a1f9abca4c8d285c43e8aeead66502fff45aab1ec19e01")]
    public void A_report_is_hashed_and_signed_as_published(
        ReportScheme scheme, long sequence, string hash, string signature)
    {
        var report = new Report(scheme, TestNetwork.Digest, sequence, "hello"u8.ToArray())
        {
            ExtraHash = scheme == ReportScheme.Ocr2 ? Enumerable.Repeat((byte)0x11, 32).ToArray() : default,
        };
        using ReportSigner signer = ReportSigner.FromSecret(scheme, One);
        ReportSignature made = signer.Sign("any", report, 0);
        Assert.Equal(AddressOfOne, Hex(signer.Identity.Span));
        Assert.Equal(hash, Hex(Hash(report)));
        Assert.Equal(signature, Hex(made.Bytes.Span));
        var signers = new SignerSet("any", scheme, [signer.Identity], 0, QuorumPolicy.OneHonest);
        Assert.Equal(ReportViolation.None, signers.Verify(report, made));
    }

    [Theory]
    [InlineData("", 0L, "0000000000000000")]
    [InlineData("010203", 0L, "0000000000000000")]
    [InlineData("", 1L, "0000000000000001")]
    [InlineData("010203", -1L, "ffffffffffffffff")]
    public void The_context_of_OCR3_is_as_TestRawReportContext3_has_it(string digestStart, long sequence, string last)
    {
        // The test of chainlink goes to the maximum of uint64, above what a report may have; the hash is the same code.
        byte[] digest = [.. Convert.FromHexString(digestStart.PadRight(64, '0'))];
        byte[] context = [.. digest, .. new byte[24], .. Convert.FromHexString(last)];
        byte[] expected = Keccak([.. Keccak("x"u8), .. context]);
        Assert.Equal(expected, Hash(new Report(ReportScheme.Ocr3, new ConfigDigest(digest), sequence, "x"u8.ToArray())));
    }

    [Fact]
    public void The_context_of_OCR2_holds_epoch_and_round()
    {
        byte[] digest = new byte[32], extra = [.. Enumerable.Repeat((byte)9, 32)];
        byte[] context = [.. digest, .. new byte[27], 0x01, 0x02, 0x03, 0x04, 0x05, .. extra];
        long sequence = Report.SequenceOf(0x01020304, 0x05);
        Assert.Equal(0x0102030405, sequence);
        Assert.Equal(
            Keccak([.. Keccak("x"u8), .. context]),
            Hash(new Report(ReportScheme.Ocr2, default, sequence, "x"u8.ToArray()) { ExtraHash = extra }));
    }

    [Theory]
    [InlineData(ReportScheme.Ed25519)]
    [InlineData(ReportScheme.EcdsaP256)]
    public void Our_own_pre_image_is_as_documented(ReportScheme scheme)
    {
        // tag (13), length of the id (1), id (UTF-8), digest (32), sequence (8), SHA-256 of the payload (32)
        byte[] expected =
        [
            .. "PMQ-report-v1"u8, 6, .. "don-"u8, 0xC3, 0xA9,
            .. Enumerable.Range(0, 32).Select(i => (byte)i),
            0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, .. SHA256.HashData("hello"u8),
        ];
        byte[] signed = Hash(new Report(scheme, TestNetwork.Digest, 0x0102030405060708, "hello"u8.ToArray()), "don-é");
        Assert.Equal(scheme == ReportScheme.Ed25519 ? expected : SHA256.HashData(expected), signed);
    }

    [Fact]
    public void The_example_of_the_README_is_what_it_says()
    {
        // The seeds of RFC 8032, 7.1, TEST 1 and TEST 2.
        using ReportSigner first = ReportSigner.FromSecret(
            ReportScheme.Ed25519,
            Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
        using ReportSigner second = ReportSigner.FromSecret(
            ReportScheme.Ed25519,
            Convert.FromHexString("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
        var report = new Report(ReportScheme.Ed25519, TestNetwork.Digest, 1, "hello"u8.ToArray());
        var signed = new SignedReport(report, [first.Sign("don-a", report, 0), second.Sign("don-a", report, 1)]);
        string readme = File.ReadAllText(Repository.Path("src", "Pmq.Verifiers", "README.md"));
        string example = string.Concat(readme.Where(c => !char.IsWhiteSpace(c)));
        Assert.Contains("pre-image" + Hex(Hash(report, "don-a")) + "encoding", example, StringComparison.Ordinal);
        Assert.Contains("encoding" + Hex(signed.Encode()) + "```", example, StringComparison.Ordinal);
        Assert.Contains(Hex(first.Identity.Span), readme, StringComparison.Ordinal);
        Assert.Contains(Hex(second.Identity.Span), readme, StringComparison.Ordinal);
    }

    [Fact]
    public void A_P256_report_is_one_that_the_base_class_library_verifies()
    {
        // The key pair of RFC 6979, A.2.5.
        byte[] secret = Convert.FromHexString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
        byte[] x = Convert.FromHexString("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6");
        byte[] y = Convert.FromHexString("7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299");
        using ReportSigner signer = ReportSigner.FromSecret(ReportScheme.EcdsaP256, secret);
        Assert.Equal([0x03, .. x], signer.Identity.ToArray());
        var report = new Report(ReportScheme.EcdsaP256, TestNetwork.Digest, 1, "hello"u8.ToArray());
        using var key = ECDsa.Create(
            new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } });
        for (int i = 0; i < 16; i++)
        {
            // Its nonces are drawn, so S is high in every second one before it is made low.
            byte[] signature = signer.Sign("net", report, 0).Bytes.ToArray();
            Assert.True(key.VerifyHash(Hash(report, "net"), signature));
            Assert.Equal(ReportViolation.None, ReportScheme.EcdsaP256.CheckForm(signature));
        }
    }

    private static byte[] Hash(Report report, string networkId = "any")
    {
        var signed = new byte[PreImage.MaxLength];
        return signed[..PreImage.Write(PreImage.PrefixOf(networkId), report, signed)];
    }

    private static byte[] Keccak(ReadOnlySpan<byte> data)
    {
        var hash = new byte[32];
        Keccak256.HashData(data, hash);
        return hash;
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}

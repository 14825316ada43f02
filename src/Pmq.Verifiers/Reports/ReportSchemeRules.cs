using Pmq.Core.Cryptography;

namespace Pmq.Verifiers.Reports;

/// <summary>What the schemes differ in.</summary>
internal static class ReportSchemeRules
{
    /// <summary>The longest signature, in bytes.</summary>
    public const int MaxSignatureLength = Secp256k1Provider.RecoverableLength;

    private const int ScalarLength = 32;

    // Half of the order, rounded down; SEC 2, section 2.4.1 and FIPS 186-4, section D.1.2.3.
    private static ReadOnlySpan<byte> Secp256k1HalfOrder =>
    [
        0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0x5D, 0x57, 0x6E, 0x73, 0x57, 0xA4, 0x50, 0x1D, 0xDF, 0xE9, 0x2F, 0x46, 0x68, 0x1B, 0x20, 0xA0,
    ];

    private static ReadOnlySpan<byte> P256HalfOrder =>
    [
        0x7F, 0xFF, 0xFF, 0xFF, 0x80, 0x00, 0x00, 0x00, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xDE, 0x73, 0x7D, 0x56, 0xD3, 0x8B, 0xCF, 0x42, 0x79, 0xDC, 0xE5, 0x61, 0x7E, 0x31, 0x92, 0xA8,
    ];

    extension(ReportScheme scheme)
    {
        public bool IsDefined() => scheme is >= ReportScheme.Ocr2 and <= ReportScheme.EcdsaP256;

        /// <summary>secp256k1, and signers are addresses.</summary>
        public bool IsRecoverable() => scheme is ReportScheme.Ocr2 or ReportScheme.Ocr3 or ReportScheme.Ocr3Contract;

        public int SignatureLength() => scheme.IsRecoverable()
            ? Secp256k1Provider.RecoverableLength
            : Ed25519Signer.SignatureLength;

        /// <summary>
        /// Whether a signature has the one form that is taken: its length, v of 0 or 1, low S. Cheap.
        /// </summary>
        public ReportViolation CheckForm(ReadOnlySpan<byte> signature)
        {
            if (signature.Length != scheme.SignatureLength())
            {
                return ReportViolation.BadSignatureLength;
            }

            if (scheme == ReportScheme.Ed25519)
            {
                return ReportViolation.None;
            }

            if (scheme.IsRecoverable() && signature[^1] > 1)
            {
                return ReportViolation.BadRecoveryId;
            }

            ReadOnlySpan<byte> half = scheme == ReportScheme.EcdsaP256 ? P256HalfOrder : Secp256k1HalfOrder;
            return signature.Slice(ScalarLength, ScalarLength).SequenceCompareTo(half) > 0
                ? ReportViolation.HighS
                : ReportViolation.None;
        }
    }
}

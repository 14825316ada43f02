namespace Pmq.Verifiers.Reports;

/// <summary>How the members of a network sign a report. The value is the byte on the wire.</summary>
public enum ReportScheme
{
    /// <summary>
    /// OCR2 on EVM chains: secp256k1 with recovery over keccak256(keccak256(report) ‖ digest ‖ epoch and round ‖ extra
    /// hash). A signer is a 20-byte address.
    /// </summary>
    Ocr2 = 1,

    /// <summary>
    /// OCR3 as Chainlink's keyring signs it: secp256k1 with recovery over keccak256(keccak256(report) ‖ digest ‖
    /// sequence). A signer is a 20-byte address.
    /// </summary>
    Ocr3 = 2,

    /// <summary>
    /// OCR3 as libocr's contract hashes it: secp256k1 with recovery over keccak256(digest ‖ sequence ‖
    /// keccak256(report)). A signer is a 20-byte address.
    /// </summary>
    Ocr3Contract = 3,

    /// <summary>Ed25519 over the pre-image of PMQ. A signer is a 32-byte public key.</summary>
    Ed25519 = 4,

    /// <summary>ECDSA on P-256 with SHA-256 over the pre-image of PMQ. A signer is a 33-byte compressed key.</summary>
    EcdsaP256 = 5,
}

namespace Pmq.Verifiers.Reports;

/// <summary>What is wrong with a report.</summary>
public enum ReportViolation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The bytes end before the report does.</summary>
    Truncated,

    /// <summary>Bytes follow the last signature.</summary>
    TrailingBytes,

    /// <summary>The first byte is no version that we know.</summary>
    UnknownVersion,

    /// <summary>The second byte is no <see cref="ReportScheme"/>.</summary>
    UnknownScheme,

    /// <summary>Above <see cref="long.MaxValue"/>; for OCR2 not below 2^40.</summary>
    SequenceOutOfRange,

    /// <summary>The extra hash has not 32 bytes, or the scheme has none. It has no encoding.</summary>
    BadExtraHash,

    /// <summary>The payload has no bytes.</summary>
    EmptyPayload,

    /// <summary>The payload has more than <see cref="Report.MaxPayloadLength"/> bytes.</summary>
    PayloadTooLong,

    /// <summary>A signer comes after one with a higher index.</summary>
    SignersOutOfOrder,

    /// <summary>A signer comes twice.</summary>
    DuplicateSigner,

    /// <summary>A signature has another length than its scheme's. It has no encoding.</summary>
    BadSignatureLength,

    /// <summary>The v of a signature is not 0 or 1, as when 27 is added to it.</summary>
    BadRecoveryId,

    /// <summary>The S of an ECDSA signature is above half of the order: the same signature has another, low S.</summary>
    HighS,

    /// <summary>The report is of another scheme than the pinned one.</summary>
    WrongScheme,

    /// <summary>Fewer signatures than the quorum.</summary>
    NoQuorum,

    /// <summary>More signatures than the quorum.</summary>
    SurplusSignatures,

    /// <summary>A signer's index is not below the number of signers.</summary>
    UnknownSigner,

    /// <summary>A signature is not by the signer it names, or not of this report.</summary>
    BadSignature,

    /// <summary>
    /// An Ed25519 signature that only our acceptance rule refuses: other implementations may take it, so whoever handed
    /// it on is not to be punished. Of a report: at most f are so, and the others good.
    /// </summary>
    NotCanonicalSignature,
}

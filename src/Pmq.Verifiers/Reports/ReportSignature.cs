namespace Pmq.Verifiers.Reports;

/// <summary>One member's signature of a report.</summary>
/// <param name="Signer">The member's index in the network's list of signers, from 0.</param>
/// <param name="Bytes">r ‖ s ‖ v (65 bytes, v is 0 or 1) for the OCR schemes, else 64 bytes; low S.</param>
public readonly record struct ReportSignature(byte Signer, ReadOnlyMemory<byte> Bytes);

using System.Buffers.Binary;

namespace Pmq.Verifiers.Reports;

/// <summary>A report with the signatures of a quorum. It has one encoding.</summary>
/// <remarks>
/// Big endian: version (1 byte, 1), scheme (1), digest (32), sequence (8), extra hash (32; only OCR2), payload length
/// (4), payload, signature count (1), and for each signature its signer (1) and its bytes (65 for the OCR schemes, else
/// 64). Signers ascend, S is low, nothing follows.
/// </remarks>
/// <param name="Report">What is signed.</param>
/// <param name="Signatures">By ascending signer.</param>
public sealed record SignedReport(Report Report, IReadOnlyList<ReportSignature> Signatures)
{
    private const byte Version = 1;

    // version (1), scheme (1), digest (32), sequence (8)
    private const int HeadLength = 2 + ConfigDigest.Length + sizeof(ulong);

    /// <summary>The canonical encoding: what is published.</summary>
    /// <exception cref="ArgumentException">The report or its signatures have none.</exception>
    public byte[] Encode()
    {
        Report.ThrowIfMalformed();
        if (CheckSignatures() is var violation and not ReportViolation.None)
        {
            throw new ArgumentException($"The signatures have no encoding: {violation}.");
        }

        ReportScheme scheme = Report.Scheme;
        int extraLength = scheme == ReportScheme.Ocr2 ? Report.ExtraHashLength : 0;
        var encoded = new byte[HeadLength + extraLength + sizeof(uint) + Report.Payload.Length
            + 1 + (Signatures.Count * (1 + scheme.SignatureLength()))];
        Span<byte> rest = encoded;

        // version u8, scheme u8, digest 32, sequence u64
        rest[0] = Version;
        rest[1] = (byte)scheme;
        Report.Digest.CopyTo(rest[2..]);
        BinaryPrimitives.WriteInt64BigEndian(rest[(2 + ConfigDigest.Length)..], Report.Sequence);
        rest = rest[HeadLength..];

        // extra hash 32, only OCR2; zeros when there is none
        Report.ExtraHash.Span.CopyTo(rest);
        rest = rest[extraLength..];

        // payload length u32, payload
        BinaryPrimitives.WriteInt32BigEndian(rest, Report.Payload.Length);
        Report.Payload.Span.CopyTo(rest[sizeof(uint)..]);
        rest = rest[(sizeof(uint) + Report.Payload.Length)..];

        // count u8, then signer u8 and the signature's bytes
        rest[0] = (byte)Signatures.Count;
        rest = rest[1..];
        for (int i = 0; i < Signatures.Count; i++)
        {
            ReportSignature signature = Signatures[i];
            rest[0] = signature.Signer;
            signature.Bytes.Span.CopyTo(rest[1..]);
            rest = rest[(1 + signature.Bytes.Length)..];
        }

        return encoded;
    }

    /// <summary>
    /// Parses the canonical encoding; <see cref="ReportViolation.None"/> and a report, or what is wrong and null. The
    /// report refers to <paramref name="encoded"/>.
    /// </summary>
    /// <remarks>No signature is verified: <see cref="SignerSet.Verify(SignedReport)"/>.</remarks>
    public static ReportViolation TryDecode(ReadOnlyMemory<byte> encoded, out SignedReport? report)
    {
        report = null;
        ReportViolation violation = TryDecodeReport(ref encoded, out Report? signed);
        if (violation == ReportViolation.None)
        {
            violation = TryDecodeSignatures(encoded, signed!.Scheme, out ReportSignature[] signatures);
            report = violation == ReportViolation.None ? new SignedReport(signed, signatures) : null;
        }

        return violation;
    }

    /// <summary>
    /// Parses what a verifier has accepted; <see cref="TryDecode"/> is for what may be anything. The report refers to
    /// <paramref name="encoded"/>.
    /// </summary>
    /// <exception cref="FormatException">It is not canonical; one line that says what is wrong.</exception>
    public static SignedReport Decode(ReadOnlyMemory<byte> encoded) =>
        TryDecode(encoded, out SignedReport? report) is var violation and not ReportViolation.None
            ? throw new FormatException($"These {encoded.Length} bytes are no signed report: {violation}.")
            : report!;

    /// <summary>Whether the signatures have the form and the order that an encoding has.</summary>
    internal ReportViolation CheckSignatures()
    {
        if (Signatures.Count > byte.MaxValue)
        {
            return ReportViolation.SurplusSignatures;
        }

        int last = -1;
        for (int i = 0; i < Signatures.Count; i++)
        {
            ReportSignature signature = Signatures[i];
            if (CheckSignature(Report.Scheme, signature, ref last) is var violation and not ReportViolation.None)
            {
                return violation;
            }
        }

        return ReportViolation.None;
    }

    private static ReportViolation CheckSignature(ReportScheme scheme, ReportSignature signature, ref int last)
    {
        if (signature.Signer <= last)
        {
            return signature.Signer == last ? ReportViolation.DuplicateSigner : ReportViolation.SignersOutOfOrder;
        }

        last = signature.Signer;
        return scheme.CheckForm(signature.Bytes.Span);
    }

    private static ReportViolation TryDecodeReport(ref ReadOnlyMemory<byte> rest, out Report? report)
    {
        report = null;
        ReadOnlySpan<byte> head = rest.Span;

        // version u8, scheme u8, digest 32, sequence u64
        if (head.Length >= 1 && head[0] != Version)
        {
            return ReportViolation.UnknownVersion;
        }

        if (head.Length >= 2 && !((ReportScheme)head[1]).IsDefined())
        {
            return ReportViolation.UnknownScheme;
        }

        if (head.Length < HeadLength)
        {
            return ReportViolation.Truncated;
        }

        // Above the maximum of a signed number it reads as below zero.
        var scheme = (ReportScheme)head[1];
        long sequence = BinaryPrimitives.ReadInt64BigEndian(head[(2 + ConfigDigest.Length)..]);
        if (!Report.IsInRange(scheme, sequence))
        {
            return ReportViolation.SequenceOutOfRange;
        }

        // extra hash 32, only OCR2; payload length u32
        var digest = new ConfigDigest(head.Slice(2, ConfigDigest.Length));
        int extraLength = scheme == ReportScheme.Ocr2 ? Report.ExtraHashLength : 0;
        rest = rest[HeadLength..];
        if (rest.Length < extraLength + sizeof(uint))
        {
            return ReportViolation.Truncated;
        }

        ReadOnlyMemory<byte> extraHash = rest[..extraLength];
        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest.Span[extraLength..]);
        rest = rest[(extraLength + sizeof(uint))..];
        if (length is 0 or > Report.MaxPayloadLength)
        {
            return length == 0 ? ReportViolation.EmptyPayload : ReportViolation.PayloadTooLong;
        }

        if (rest.Length < length)
        {
            return ReportViolation.Truncated;
        }

        report = new Report(scheme, digest, sequence, rest[..(int)length]) { ExtraHash = extraHash };
        rest = rest[(int)length..];
        return ReportViolation.None;
    }

    private static ReportViolation TryDecodeSignatures(
        ReadOnlyMemory<byte> rest, ReportScheme scheme, out ReportSignature[] signatures)
    {
        signatures = [];

        // count u8, then signer u8 and the signature's bytes
        if (rest.IsEmpty)
        {
            return ReportViolation.Truncated;
        }

        int count = rest.Span[0];
        int length = 1 + scheme.SignatureLength();
        rest = rest[1..];
        if (rest.Length != count * length)
        {
            return rest.Length < count * length ? ReportViolation.Truncated : ReportViolation.TrailingBytes;
        }

        signatures = new ReportSignature[count];
        int last = -1;
        for (int i = 0; i < count; i++)
        {
            ReadOnlyMemory<byte> part = rest.Slice(i * length, length);
            signatures[i] = new ReportSignature(part.Span[0], part[1..]);
            if (CheckSignature(scheme, signatures[i], ref last) is var violation and not ReportViolation.None)
            {
                return violation;
            }
        }

        return ReportViolation.None;
    }
}

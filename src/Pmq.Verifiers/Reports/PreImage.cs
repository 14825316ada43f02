using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Pmq.Core.Cryptography;

namespace Pmq.Verifiers.Reports;

/// <summary>The bytes that a member signs.</summary>
/// <remarks>
/// Ed25519 signs these and ECDSA on P-256 their SHA-256; big endian: tag (13 bytes, ASCII "PMQ-report-v1"), length of
/// the network's id (1), the id (UTF-8), digest (32), sequence (8), SHA-256 of the payload (32).
/// The OCR schemes sign a Keccak-256 of 32 bytes, with no word of the network's id: their digest is its only name.
/// </remarks>
internal static class PreImage
{
    /// <summary>The longest pre-image, in bytes.</summary>
    public const int MaxLength = 13 + 1 + MaxNetworkIdLength + ConfigDigest.Length + sizeof(ulong) + Hash;

    private const int MaxNetworkIdLength = byte.MaxValue;
    private const int Hash = 32;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private static ReadOnlySpan<byte> Tag => "PMQ-report-v1"u8;

    /// <summary>What starts each pre-image of a network: tag, length of the id, id.</summary>
    /// <exception cref="ArgumentException">The id is empty, too long or no text.</exception>
    public static byte[] PrefixOf(string networkId)
    {
        byte[] id;
        try
        {
            id = StrictUtf8.GetBytes(networkId);
        }
        catch (EncoderFallbackException)
        {
            throw new ArgumentException("A network's id holds half of a surrogate pair.", nameof(networkId));
        }

        if (id.Length is 0 or > MaxNetworkIdLength)
        {
            throw new ArgumentException(
                $"A network's id of {id.Length} bytes of UTF-8 where it has 1 to {MaxNetworkIdLength}.",
                nameof(networkId));
        }

        return [.. Tag, (byte)id.Length, .. id];
    }

    /// <summary>Writes what is signed; returns its length, at most <see cref="MaxLength"/>.</summary>
    /// <param name="prefix">Of <see cref="PrefixOf"/>; the OCR schemes do without.</param>
    /// <param name="report">The report.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    public static int Write(ReadOnlySpan<byte> prefix, Report report, Span<byte> destination)
    {
        if (report.Scheme.IsRecoverable())
        {
            WriteKeccak(report, destination);
            return Hash;
        }

        prefix.CopyTo(destination);
        Span<byte> rest = destination[prefix.Length..];
        report.Digest.CopyTo(rest);
        BinaryPrimitives.WriteInt64BigEndian(rest[ConfigDigest.Length..], report.Sequence);
        SHA256.HashData(report.Payload.Span, rest[(ConfigDigest.Length + sizeof(ulong))..]);
        int length = prefix.Length + ConfigDigest.Length + sizeof(ulong) + Hash;
        if (report.Scheme == ReportScheme.Ed25519)
        {
            return length;
        }

        Span<byte> hash = stackalloc byte[Hash];
        SHA256.HashData(destination[..length], hash);
        hash.CopyTo(destination);
        return Hash;
    }

    private static void WriteKeccak(Report report, Span<byte> destination)
    {
        // Keyring and contract put the same words in different orders; only OCR2 has the extra hash, and its epoch (u32)
        // and round (u8) are the last five bytes of the sequence as a number of 32 bytes.
        //   OCR2           keccak256(payload), digest, sequence, extra hash
        //   OCR3           keccak256(payload), digest, sequence
        //   OCR3 contract  digest, sequence, keccak256(payload)
        Span<byte> words = stackalloc byte[4 * Hash];
        words.Clear();
        int context = report.Scheme == ReportScheme.Ocr3Contract ? 0 : Hash;
        int payload = report.Scheme == ReportScheme.Ocr3Contract ? 2 * Hash : 0;
        Keccak256.HashData(report.Payload.Span, words.Slice(payload, Hash));
        report.Digest.CopyTo(words[context..]);
        BinaryPrimitives.WriteInt64BigEndian(words[(context + (2 * Hash) - sizeof(ulong))..], report.Sequence);
        report.ExtraHash.Span.CopyTo(words[(3 * Hash)..]);
        Keccak256.HashData(report.Scheme == ReportScheme.Ocr2 ? words : words[..(3 * Hash)], destination);
    }
}

using System.Buffers;
using System.Buffers.Text;
using SimpleBase;

namespace Pmq.Core.Encoding;

/// <summary>
/// Text forms of bytes, named by their first character (multiformats multibase): those that libp2p uses.
/// </summary>
public static class Multibase
{
    // The cost grows with the square of the length. Ours: peer ids have at most 61 characters.
    private const int MaxBase58Length = 256;

    private static readonly SearchValues<char> Base58Characters =
        SearchValues.Create("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");

    /// <summary>base58btc, without a prefix.</summary>
    public static string ToBase58(ReadOnlySpan<byte> bytes) => Base58.Bitcoin.Encode(bytes);

    /// <summary>base32 (RFC 4648), lower case, unpadded, without a prefix.</summary>
    public static string ToBase32(ReadOnlySpan<byte> bytes) => Base32.FileCoin.Encode(bytes);

    /// <summary>base64url, unpadded, with the prefix <c>u</c>: how go and js print certificate hashes.</summary>
    public static string ToPrefixedBase64Url(ReadOnlySpan<byte> bytes) => "u" + Base64Url.EncodeToString(bytes);

    /// <summary>
    /// Decodes base58btc text without a prefix; false if it is none, has more than 256 characters or needs more room.
    /// </summary>
    public static bool TryFromBase58(ReadOnlySpan<char> text, Span<byte> destination, out int length)
    {
        length = 0;
        if (text.Length is 0 or > MaxBase58Length || text.ContainsAnyExcept(Base58Characters))
        {
            return false;
        }

        // The library's decoder throws on some characters outside its alphabet, and truncates where room is short: it
        // gets neither. The result is never longer than the text.
        Span<byte> room = stackalloc byte[MaxBase58Length];
        return Base58.Bitcoin.TryDecode(text, room[..text.Length], out length)
            && room[..length].TryCopyTo(destination);
    }

    /// <summary>Decodes RFC 4648 base32 text of either case without a prefix or padding.</summary>
    public static bool TryFromBase32(ReadOnlySpan<char> text, Span<byte> destination, out int length)
    {
        int bits = 0;
        uint buffer = 0;
        length = 0;
        foreach (char c in text)
        {
            int digit = c switch
            {
                >= 'a' and <= 'z' => c - 'a',
                >= 'A' and <= 'Z' => c - 'A',
                >= '2' and <= '7' => c - '2' + 26,
                _ => -1,
            };
            if (digit < 0)
            {
                return false;
            }

            buffer = (buffer << 5) | (uint)digit;
            bits += 5;
            if (bits >= 8)
            {
                if (length == destination.Length)
                {
                    return false;
                }

                bits -= 8;
                destination[length++] = (byte)(buffer >> bits);
                buffer &= (1u << bits) - 1;
            }
        }

        // What is left over is padding: fewer than five bits, all zero.
        return bits < 5 && buffer == 0;
    }

    /// <summary>
    /// Decodes text by its prefix: <c>z</c> base58btc, <c>b</c> and <c>B</c> base32, <c>u</c> base64url, <c>f</c> and
    /// <c>F</c> hex.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination, out int length)
    {
        length = 0;
        if (text.IsEmpty)
        {
            return false;
        }

        ReadOnlySpan<char> digits = text[1..];
        switch (text[0])
        {
            case 'z':
                return TryFromBase58(digits, destination, out length);
            case 'b' or 'B':
                return TryFromBase32(digits, destination, out length);
            case 'u':
                return Base64Url.IsValid(digits, out int size) && size <= destination.Length
                    && Base64Url.TryDecodeFromChars(digits, destination, out length);
            case 'f' or 'F':
                return Convert.FromHexString(digits, destination, out _, out length) == OperationStatus.Done;
            default:
                return false;
        }
    }
}

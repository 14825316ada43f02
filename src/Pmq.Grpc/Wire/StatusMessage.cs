using System.Buffers;
using System.Globalization;
using System.Text;

namespace Pmq.Grpc.Wire;

/// <summary>The value of <c>grpc-message</c>: UTF-8, then percent-encoded. Pure and total.</summary>
/// <remarks>Spec: gRPC over HTTP/2, Status-Message.</remarks>
internal static class StatusMessage
{
    /// <summary>
    /// A longer text is cut before it is encoded. Arbitrary, may be raised; clients limit all trailers to 8 KiB or
    /// more, and a byte takes up to three.
    /// </summary>
    public const int MaxChars = 1024;

    private static readonly SearchValues<char> Unencoded = SearchValues.Create(
        string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => c != '%')));

    /// <summary>Encodes <paramref name="text"/>.</summary>
    public static string Encode(string text)
    {
        if (text.Length > MaxChars)
        {
            text = text[..MaxChars];
        }

        if (!text.AsSpan().ContainsAnyExcept(Unencoded))
        {
            return text;
        }

        var result = new StringBuilder(text.Length * 2);
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            if (Unencoded.Contains((char)octet))
            {
                result.Append((char)octet);
            }
            else
            {
                result.Append('%').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return result.ToString();
    }

    /// <summary>
    /// Decodes <paramref name="encoded"/>. A broken escape is left as it is, a broken UTF-8 sequence reads U+FFFD.
    /// </summary>
    public static string Decode(string encoded)
    {
        if (!encoded.Contains('%', StringComparison.Ordinal))
        {
            return encoded;
        }

        var source = Encoding.UTF8.GetBytes(encoded);
        var length = 0;
        for (var i = 0; i < source.Length; i++)
        {
            // In place: the result is never longer than what is already read.
            if (source[i] == '%' && i + 2 < source.Length
                && TryHex(source[i + 1], out var high) && TryHex(source[i + 2], out var low))
            {
                source[length++] = (byte)((high << 4) | low);
                i += 2;
            }
            else
            {
                source[length++] = source[i];
            }
        }

        return Encoding.UTF8.GetString(source, 0, length);
    }

    private static bool TryHex(byte digit, out int value)
    {
        value = char.IsAsciiHexDigit((char)digit) ? Convert.ToInt32(((char)digit).ToString(), 16) : -1;
        return value >= 0;
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Unicode;
using Pmq.Core.Encoding;
using Pmq.Core.Identity;

namespace Pmq.Core.Addresses;

/// <summary>The values of multiaddr protocols: checked in binary, read from text, written as text.</summary>
internal static class MultiaddrValue
{
    // RFC 1035: a name has at most 253 characters.
    private const int MaxNameLength = 253;

    // sun_path of Linux, without its terminator.
    private const int MaxPathLength = 107;
    private const int Onion3KeyLength = 35;
    private const int MaxHashText = 2 * (Multihash.MaxDigestLength + 4);

    // Whatever is printed into logs and terminals: no control characters, no space, no slash.
    private static readonly SearchValues<byte> NameBytes = SearchValues.Create(
        "!\"#$%&'()*+,-.0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    private static readonly SearchValues<char> Ip6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>Whether a value that stands in a binary address is one.</summary>
    public static bool IsValid(MultiaddrValueKind kind, ReadOnlySpan<byte> value)
    {
        switch (kind)
        {
            case MultiaddrValueKind.Name:
                return value.Length is > 0 and <= MaxNameLength && !value.ContainsAnyExcept(NameBytes);
            case MultiaddrValueKind.Path:
                return value.Length is > 1 and <= MaxPathLength && value[0] == '/' && value[^1] != '/'
                    && !value.ContainsAnyInRange((byte)0, (byte)0x1F) && !value.Contains((byte)0x7F)
                    && Utf8.IsValid(value);
            case MultiaddrValueKind.Peer:
                return PeerId.IsValid(value);
            case MultiaddrValueKind.Hash:
                return Multihash.TryRead(value, out _, out ReadOnlySpan<byte> digest) && !digest.IsEmpty;
            case MultiaddrValueKind.Onion3:
                return value[Onion3KeyLength] != 0 || value[Onion3KeyLength + 1] != 0;
            default:
                return true;
        }
    }

    /// <summary>
    /// Reads text into <paramref name="destination"/>; false if it is no value, or not one that fits.
    /// </summary>
    public static bool TryParse(
        MultiaddrValueKind kind, ReadOnlySpan<char> text, Span<byte> destination, out int length)
    {
        length = 0;
        switch (kind)
        {
            case MultiaddrValueKind.Ip4:
                return TryParseIp(text, AddressFamily.InterNetwork, destination, out length);
            case MultiaddrValueKind.Ip6:
                return !text.ContainsAnyExcept(Ip6Characters)
                    && TryParseIp(text, AddressFamily.InterNetworkV6, destination, out length);
            case MultiaddrValueKind.Port:
                return TryParsePort(text, destination, out length);
            case MultiaddrValueKind.Number:
                length = sizeof(ulong);
                return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
                    && BinaryPrimitives.TryWriteUInt64BigEndian(destination, number);
            case MultiaddrValueKind.Peer:
                return PeerId.TryParse(text, out PeerId? peer) && TryCopy(peer.Bytes, destination, out length);
            case MultiaddrValueKind.Hash:
                return text.Length <= MaxHashText && Multibase.TryDecode(text, destination, out length)
                    && IsValid(kind, destination[..length]);
            case MultiaddrValueKind.Onion3:
                int colon = text.IndexOf(':');
                return colon > 0 && Multibase.TryFromBase32(text[..colon], destination, out length)
                    && length == Onion3KeyLength
                    && TryParsePort(text[(colon + 1)..], destination[length..], out int more)
                    && IsValid(kind, destination[..(length += more)]);
            default:
                return System.Text.Encoding.UTF8.TryGetBytes(text, destination, out length)
                    && IsValid(kind, destination[..length]);
        }
    }

    /// <summary>The text of a valid value, without the slash before it.</summary>
    public static string Format(MultiaddrValueKind kind, ReadOnlySpan<byte> value) => kind switch
    {
        MultiaddrValueKind.None => string.Empty,
        MultiaddrValueKind.Ip4 or MultiaddrValueKind.Ip6 => new IPAddress(value).ToString(),
        MultiaddrValueKind.Port => FormatPort(value),
        MultiaddrValueKind.Number => BinaryPrimitives.ReadUInt64BigEndian(value).ToString(CultureInfo.InvariantCulture),
        MultiaddrValueKind.Peer => Multibase.ToBase58(value),
        MultiaddrValueKind.Hash => Multibase.ToPrefixedBase64Url(value),
        MultiaddrValueKind.Onion3 =>
            $"{Multibase.ToBase32(value[..Onion3KeyLength])}:{FormatPort(value[Onion3KeyLength..])}",
        MultiaddrValueKind.Path => System.Text.Encoding.UTF8.GetString(value[1..]),
        _ => System.Text.Encoding.UTF8.GetString(value),
    };

    private static string FormatPort(ReadOnlySpan<byte> value) =>
        BinaryPrimitives.ReadUInt16BigEndian(value).ToString(CultureInfo.InvariantCulture);

    private static bool TryParsePort(ReadOnlySpan<char> text, Span<byte> destination, out int length)
    {
        length = sizeof(ushort);
        return ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            && BinaryPrimitives.TryWriteUInt16BigEndian(destination, port);
    }

    private static bool TryParseIp(
        ReadOnlySpan<char> text, AddressFamily family, Span<byte> destination, out int length)
    {
        length = 0;
        if (!IPAddress.TryParse(text, out IPAddress? ip) || ip.AddressFamily != family)
        {
            return false;
        }

        // The runtime also takes "1", "0x7f.1" and octal: only the dotted form is an address here.
        return (family == AddressFamily.InterNetworkV6 || text.SequenceEqual(ip.ToString()))
            && ip.TryWriteBytes(destination, out length);
    }

    private static bool TryCopy(ReadOnlySpan<byte> source, Span<byte> destination, out int length)
    {
        length = source.Length;
        return source.TryCopyTo(destination);
    }
}

using System.Numerics;

namespace Pmq.Core.Encoding;

/// <summary>Unsigned LEB128, at most 9 bytes (63 bits), minimal (multiformats unsigned-varint).</summary>
public static class Varint
{
    /// <summary>The longest encoding in bytes.</summary>
    public const int MaxLength = 9;

    /// <summary>The greatest value that nine bytes hold.</summary>
    public const ulong MaxValue = long.MaxValue;

    /// <summary>Bytes that <paramref name="value"/> takes; 1 to 9 for what <see cref="Write"/> takes.</summary>
    public static int LengthOf(ulong value) => (BitOperations.Log2(value | 1) / 7) + 1;

    /// <summary>Writes <paramref name="value"/>; returns the bytes written.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> needs more than 63 bits.</exception>
    public static int Write(Span<byte> destination, ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxValue);
        int i = 0;
        while (value >= 0x80)
        {
            destination[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[i++] = (byte)value;
        return i;
    }

    /// <summary>Reads one varint from the start of <paramref name="source"/>.</summary>
    /// <param name="source">The bytes; more may follow the varint.</param>
    /// <param name="value">The value; 0 unless done.</param>
    /// <param name="length">The bytes it took; 0 unless done.</param>
    public static VarintStatus Read(ReadOnlySpan<byte> source, out ulong value, out int length)
    {
        if (source.Length > 0 && source[0] < 0x80)
        {
            value = source[0];
            length = 1;
            return VarintStatus.Done;
        }

        return ReadLong(source, out value, out length);
    }

    private static VarintStatus ReadLong(ReadOnlySpan<byte> source, out ulong value, out int length)
    {
        ulong sum = 0;
        value = 0;
        length = 0;
        for (int i = 0; i < source.Length; i++)
        {
            byte b = source[i];
            sum |= (ulong)(b & 0x7F) << (7 * i);
            if (b < 0x80)
            {
                if (b == 0 && i > 0)
                {
                    return VarintStatus.NotMinimal;
                }

                value = sum;
                length = i + 1;
                return VarintStatus.Done;
            }

            if (i == MaxLength - 1)
            {
                return VarintStatus.TooLong;
            }
        }

        return VarintStatus.NeedMoreData;
    }
}

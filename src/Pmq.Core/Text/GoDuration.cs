using System.Buffers;
using System.Globalization;
using System.Text;

namespace Pmq.Core.Text;

/// <summary>Durations as Go writes them: <c>1m30s</c>, <c>-1.5h</c>, <c>250ms</c>, or whole nanoseconds.</summary>
public static class GoDuration
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    private static readonly (string Unit, decimal Nanoseconds)[] Units =
    [
        ("ns", 1m), ("us", 1_000m), ("\u00b5s", 1_000m), ("\u03bcs", 1_000m), ("ms", 1_000_000m),
        ("s", 1_000_000_000m), ("m", 60_000_000_000m), ("h", 3_600_000_000_000m),
    ];

    /// <summary>
    /// Parses <paramref name="text"/>; finer than 100 ns is cut off, as a <see cref="TimeSpan"/> cannot hold it.
    /// </summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
        {
            duration = TimeSpan.FromTicks(whole / TimeSpan.NanosecondsPerTick);
            return true;
        }

        ReadOnlySpan<char> rest = text;
        bool isNegative = rest.StartsWith("-");
        if (isNegative || rest.StartsWith("+"))
        {
            rest = rest[1..];
        }

        if (rest.IsEmpty)
        {
            return false;
        }

        decimal total = 0;
        while (!rest.IsEmpty)
        {
            if (!TryReadPart(ref rest, out decimal part))
            {
                return false;
            }

            total += part;
            if (total > long.MaxValue)
            {
                return false;
            }
        }

        duration = TimeSpan.FromTicks((long)((isNegative ? -total : total) / TimeSpan.NanosecondsPerTick));
        return true;
    }

    /// <summary>The text that Go would print.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        var text = new StringBuilder(duration < TimeSpan.Zero ? "-" : "");
        decimal nanoseconds = Math.Abs((decimal)duration.Ticks) * TimeSpan.NanosecondsPerTick;
        if (nanoseconds < 1_000_000_000m)
        {
            (string unit, decimal size) =
                nanoseconds >= 1_000_000m ? Units[4] : nanoseconds >= 1_000m ? Units[2] : Units[0];
            return text.Append(Number(nanoseconds / size)).Append(unit).ToString();
        }

        decimal seconds = nanoseconds / 1_000_000_000m;
        long hours = (long)(seconds / 3600);
        long minutes = (long)(seconds % 3600 / 60);
        if (hours > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{hours}h");
        }

        if (hours > 0 || minutes > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{minutes}m");
        }

        return text.Append(Number(seconds % 60)).Append('s').ToString();
    }

    private static string Number(decimal value) => value.ToString("0.#########", CultureInfo.InvariantCulture);

    private static bool TryReadPart(ref ReadOnlySpan<char> rest, out decimal nanoseconds)
    {
        nanoseconds = 0;
        int digits = rest.IndexOfAnyExcept(Digits);
        if (digits is <= 0 or > 24
            || !decimal.TryParse(
                rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
        {
            return false;
        }

        rest = rest[digits..];
        int length = rest.IndexOfAny(Digits);
        ReadOnlySpan<char> name = length < 0 ? rest : rest[..length];
        rest = rest[name.Length..];
        foreach ((string unit, decimal size) in Units)
        {
            if (name.SequenceEqual(unit))
            {
                // Past what Go's 64-bit nanoseconds hold; the product may be past a decimal too.
                if (number > long.MaxValue / size)
                {
                    return false;
                }

                nanoseconds = number * size;
                return true;
            }
        }

        return false;
    }
}

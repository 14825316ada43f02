using System.Globalization;

namespace Pmq.Grpc.Wire;

/// <summary>The value of <c>grpc-timeout</c>. Pure and total.</summary>
/// <remarks>Spec: gRPC over HTTP/2, Timeout: 1 to 8 digits and one of H M S m u n.</remarks>
internal static class GrpcTimeout
{
    private const int MaxDigits = 8;
    private const long MaxValue = 99_999_999;

    /// <summary>
    /// From the finest unit to the coarsest: its letter and its length in ticks of 100 ns (0: a nanosecond).
    /// </summary>
    private static readonly (char Letter, long Ticks)[] Units =
    [
        ('n', 0),
        ('u', TimeSpan.TicksPerMicrosecond),
        ('m', TimeSpan.TicksPerMillisecond),
        ('S', TimeSpan.TicksPerSecond),
        ('M', TimeSpan.TicksPerMinute),
        ('H', TimeSpan.TicksPerHour),
    ];

    /// <summary>
    /// Reads a timeout. The longest, 99,999,999 hours, fits a <see cref="TimeSpan"/>; nanoseconds are rounded up to
    /// ticks.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > MaxDigits + 1 || text[..^1].ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        var value = long.Parse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture);
        foreach (var (letter, ticks) in Units)
        {
            if (text[^1] == letter)
            {
                timeout = new TimeSpan(ticks == 0 ? (value + 99) / 100 : checked(value * ticks));
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// The shortest unit that fits in 8 digits, rounded up: the server never gives up before the client does.
    /// </summary>
    public static string Format(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
        {
            return "0n";
        }

        if (timeout.Ticks <= MaxValue / 100)
        {
            return Invariant($"{timeout.Ticks * 100}n");
        }

        foreach (var (letter, ticks) in Units.AsSpan(1))
        {
            var value = ((timeout.Ticks - 1) / ticks) + 1;
            if (value <= MaxValue)
            {
                return Invariant($"{value}{letter}");
            }
        }

        return Invariant($"{MaxValue}H");
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

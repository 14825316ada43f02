using System.Globalization;
using Pmq.Core.Text;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Networks;

/// <summary>A key of <c>window</c> and the option that it sets.</summary>
/// <param name="Name">As the networks file spells it.</param>
/// <param name="IsDuration">Whether it is a duration, whose number is in ticks, rather than a count.</param>
/// <param name="Least">The least that is taken.</param>
/// <param name="Most">The most.</param>
/// <param name="Get">Reads the option.</param>
/// <param name="With">Sets it.</param>
/// <param name="Text">What it does, for the page.</param>
internal sealed record WindowKey(
    string Name,
    bool IsDuration,
    long Least,
    long Most,
    Func<WindowOptions, long> Get,
    Func<WindowOptions, long, WindowOptions> With,
    string Text)
{
    private const long GiB = 1 << 30;

    /// <summary>The keys.</summary>
    public static IReadOnlyList<WindowKey> All { get; } =
    [
        Count("skip", 1, long.MaxValue, w => w.SkipThreshold, (w, v) => w with { SkipThreshold = v },
            "a report so far behind the highest accepted one, or farther, is ignored; at most `validity` and "
                + "`maxRemembered`"),
        Count("validity", 1, long.MaxValue, w => w.ValidityThreshold, (w, v) => w with { ValidityThreshold = v },
            "a report farther behind than this is rejected while the window is in step; at least `skip`"),
        Count("future", 1, long.MaxValue, w => w.FutureBound, (w, v) => w with { FutureBound = v },
            "a report farther ahead than this is rejected while the window is in step"),
        Duration("inStep", TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1), w => w.InStepSpan,
            (w, v) => w with { InStepSpan = v }, "T: how long the window must have been rising to be in step"),
        Duration("settle", TimeSpan.Zero, TimeSpan.FromMinutes(1), w => w.SettlingSpan,
            (w, v) => w with { SettlingSpan = v }, "how long a window without a persisted mark only watches"),
        Count("moveCount", 2, 64, w => w.MoveCount, (w, v) => w with { MoveCount = (int)v },
            "so many rising reports ahead of the bound move a window; of one in step, they end that first"),
        Count("maxRuns", 2, 1024, w => w.MaxRuns, (w, v) => w with { MaxRuns = (int)v },
            "rising runs ahead of the bound that are followed at once"),
        Count("maxHeld", 1, 65_536, w => w.MaxHeld, (w, v) => w with { MaxHeld = (int)v },
            "reports held while the window settles"),
        Count("maxHeldBytes", 1, GiB, w => w.MaxHeldBytes, (w, v) => w with { MaxHeldBytes = v },
            "their bytes"),
        Count("maxRemembered", 1, 1 << 20, w => w.MaxRemembered, (w, v) => w with { MaxRemembered = (int)v },
            "sequences whose content is remembered"),
        Count("maxRememberedBytes", 0, GiB, w => w.MaxRememberedBytes, (w, v) => w with { MaxRememberedBytes = v },
            "bytes of the reports kept to prove an equivocation by"),
        Count("maxEquivocations", 1, 65_536, w => w.MaxEquivocations, (w, v) => w with { MaxEquivocations = (int)v },
            "equivocations kept"),
        Count("maxEquivocationBytes", 0, GiB, w => w.MaxEquivocationBytes,
            (w, v) => w with { MaxEquivocationBytes = v }, "their bytes"),
    ];

    /// <summary>The key of a name; null if there is none.</summary>
    public static WindowKey? Find(string name) => All.FirstOrDefault(key => key.Name == name);

    /// <summary>A value as the file spells it.</summary>
    public string Show(long value) => IsDuration
        ? GoDuration.Format(TimeSpan.FromTicks(value))
        : value.ToString(CultureInfo.InvariantCulture);

    /// <summary>What would be right.</summary>
    public string Range => (IsDuration, Most) switch
    {
        (true, _) => $"a duration of {Show(Least)} to {Show(Most)}",
        (_, long.MaxValue) => $"a whole number of at least {Least}",
        _ => $"a whole number of {Show(Least)} to {Show(Most)}",
    };

    private static WindowKey Count(
        string name,
        long least,
        long most,
        Func<WindowOptions, long> get,
        Func<WindowOptions, long, WindowOptions> with,
        string text) => new(name, false, least, most, get, with, text);

    private static WindowKey Duration(
        string name,
        TimeSpan least,
        TimeSpan most,
        Func<WindowOptions, TimeSpan> get,
        Func<WindowOptions, TimeSpan, WindowOptions> with,
        string text) => new(
            name, true, least.Ticks, most.Ticks, w => get(w).Ticks, (w, v) => with(w, TimeSpan.FromTicks(v)), text);
}

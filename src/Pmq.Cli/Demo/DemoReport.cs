using System.Globalization;
using System.Text.Json.Nodes;

namespace Pmq.Cli.Demo;

/// <summary>How a run's outcome is told.</summary>
internal static class DemoReport
{
    /// <summary>The one line of <c>--json</c>.</summary>
    public static JsonObject Json(DemoOptions options, Tally tally)
    {
        var verdicts = new JsonObject();
        foreach ((BadKind kind, int reject, int ignore) in tally.Verdicts)
        {
            verdicts[kind.Name()] = new JsonObject { ["reject"] = reject, ["ignore"] = ignore };
        }

        return new JsonObject
        {
            ["event"] = "demo",
            ["networks"] = options.Networks,
            ["nodes"] = options.Networks * options.Nodes,
            ["published"] = tally.Published,
            ["expectedDeliveries"] = tally.Expected,
            ["delivered"] = tally.Delivered,
            ["duplicates"] = tally.Duplicates,
            ["lost"] = tally.Lost,
            ["badPublished"] = tally.BadPublished,
            ["badDelivered"] = tally.BadDelivered,
            ["verdicts"] = verdicts,
            ["p50Ms"] = Rounded(tally.P50Ms),
            ["p99Ms"] = Rounded(tally.P99Ms),
        };
    }

    /// <summary>One line of progress.</summary>
    public static string Progress(DemoOptions options, DemoStatus status)
    {
        Tally tally = status.Tally;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{status.Phase}: round {tally.RoundsPublished.Min()} of {options.Rounds}, delivered {tally.Delivered} of "
            + $"{tally.Expected}, refused {Refused(tally)}, p50 {Text(tally.P50Ms)}, p99 {Text(tally.P99Ms)}");
    }

    /// <summary>The closing lines for people.</summary>
    public static IEnumerable<string> Summary(DemoOptions options, Tally tally)
    {
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{options.Networks} networks of {options.Nodes} nodes, {options.Rounds} rounds, seed {options.Seed}: "
            + $"{tally.Delivered} of {tally.Expected} deliveries, {tally.Duplicates} duplicates, {tally.Lost} lost, "
            + $"p50 {Text(tally.P50Ms)}, p99 {Text(tally.P99Ms)}");
        string kinds = string.Join(
            ", ", tally.Verdicts.Select(verdict => string.Create(
                CultureInfo.InvariantCulture,
                $"{verdict.Kind.Words()} {verdict.Reject} rejected {verdict.Ignore} ignored")));
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{tally.BadPublished} bad reports, {tally.BadDelivered} of them delivered; verdicts: {kinds}");
    }

    /// <summary>Milliseconds for people.</summary>
    public static string Text(double? milliseconds) => milliseconds is { } value
        ? string.Create(CultureInfo.InvariantCulture, $"{value:0.0} ms")
        : "-";

    /// <summary>Verdicts that refused a bad report.</summary>
    public static int Refused(Tally tally) => tally.Verdicts.Sum(verdict => verdict.Reject + verdict.Ignore);

    private static double? Rounded(double? milliseconds) =>
        milliseconds is { } value ? Math.Round(value, 2) : null;
}

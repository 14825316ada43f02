using System.Globalization;
using Pmq.Gossipsub;

namespace Pmq.Simulation.Reports;

/// <summary>Reports as lines for people.</summary>
public static class ReportText
{
    private static readonly string[] Headings =
        ["scenario", "seed", "honest", "sybils", "delivered", "p50", "p99", "max", "mesh", "bytes", "took", ""];

    /// <summary>Everything about one run, a line each.</summary>
    public static IEnumerable<string> Lines(ScenarioReport report)
    {
        yield return $"{report.Scenario}: {report.Nodes} honest ({report.Publishers} publish), {report.Sybils} sybils, "
            + $"seed {report.Seed}, defence switched off: {report.Defence}";
        yield return $"  graph      {report.Graph}";
        yield return $"  mesh       {Degrees(report.Options)}";
        yield return $"  time       {Seconds(report.WarmUpSeconds)} warm-up, {Seconds(report.MeasuredSeconds)} measured; "
            + $"took {Seconds(report.Elapsed.TotalSeconds)}, {report.Steps} steps, trace {report.TraceHash:x16}";
        yield return $"  delivered  {report.Delivered} of {report.Expected} ({Percent(report.DeliveryRate)}), "
            + $"{report.Published} published";
        yield return $"  latency    p50 {Text(report.P50)}, p99 {Text(report.P99)}, max {Text(report.Max)}";
        yield return $"  meshes     {Percent(report.HonestShare)} honest at the end; "
            + $"{Ratio(report.BytesPerPayloadByte)} bytes received for each payload byte";
        foreach ((string name, double value) in report.Facts)
        {
            yield return $"  {name} {Number(value)}";
        }

        foreach (CheckResult check in report.Checks)
        {
            string mark = check.HasPassed ? "ok  " : "FAIL";
            yield return $"  {mark} {check.Name}: {check.Expected}; measured: {check.Measured}";
        }
    }

    /// <summary>One line a run under a line of headings.</summary>
    public static IEnumerable<string> Table(IReadOnlyList<ScenarioReport> reports)
    {
        List<string[]> rows = [Headings, .. reports.Select(Row)];
        int[] widths = [.. Enumerable.Range(0, Headings.Length).Select(i => rows.Max(row => row[i].Length))];
        return rows.Select(row => string.Join("  ", row.Select((cell, i) =>
            i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
    }

    /// <summary>The sizes of meshes and gossip as the specification names them.</summary>
    public static string Degrees(GossipsubOptions options) => string.Create(
        CultureInfo.InvariantCulture,
        $"D {options.MeshDegree}, Dlo {options.EffectiveLow}, Dhi {options.EffectiveHigh}, "
        + $"Dscore {options.EffectiveScore}, Dout {options.EffectiveOutbound}, Dlazy {options.GossipDegree}, "
        + $"gossip factor {options.GossipFactor:0.##}, flood publish {(options.FloodPublish ? "on" : "off")}");

    private static string[] Row(ScenarioReport report) =>
    [
        report.Scenario,
        $"{report.Seed}",
        $"{report.Nodes}",
        $"{report.Sybils}",
        Percent(report.DeliveryRate),
        Text(report.P50),
        Text(report.P99),
        Text(report.Max),
        Percent(report.HonestShare),
        Ratio(report.BytesPerPayloadByte),
        Seconds(report.Elapsed.TotalSeconds),
        report.HasPassed ? "ok" : "FAIL " + string.Join(' ', report.Failures),
    ];

    /// <summary>A part of a whole; never 100 % unless it is all.</summary>
    internal static string Percent(double part) => double.IsNaN(part)
        ? "-"
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(part * 100_000) / 1000:0.###} %");

    internal static string Text(TimeSpan? time) => time is { } value
        ? string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds:0.0} ms")
        : "-";

    private static string Ratio(double value) =>
        double.IsNaN(value) ? "-" : value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Seconds(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0.0} s");

    internal static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}

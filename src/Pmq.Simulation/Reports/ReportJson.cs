using System.Text.Json.Nodes;

namespace Pmq.Simulation.Reports;

/// <summary>
/// A report as JSON. Field names are stable; times are milliseconds, parts are 0 to 1, null is what was not measured.
/// </summary>
public static class ReportJson
{
    /// <summary>One object of a run.</summary>
    public static JsonObject Of(ScenarioReport report) => new()
    {
        ["event"] = "scenario",
        ["scenario"] = report.Scenario,
        ["seed"] = report.Seed,
        ["honest"] = report.Nodes,
        ["publishers"] = report.Publishers,
        ["sybils"] = report.Sybils,
        ["defenceOff"] = report.Defence,
        ["graph"] = report.Graph,
        ["d"] = report.Options.MeshDegree,
        ["dLow"] = report.Options.EffectiveLow,
        ["dHigh"] = report.Options.EffectiveHigh,
        ["dScore"] = report.Options.EffectiveScore,
        ["dOut"] = report.Options.EffectiveOutbound,
        ["dLazy"] = report.Options.GossipDegree,
        ["gossipFactor"] = report.Options.GossipFactor,
        ["floodPublish"] = report.Options.FloodPublish,
        ["warmUpSeconds"] = report.WarmUpSeconds,
        ["measuredSeconds"] = report.MeasuredSeconds,
        ["published"] = report.Published,
        ["expected"] = report.Expected,
        ["delivered"] = report.Delivered,
        ["deliveryRate"] = Number(report.DeliveryRate),
        ["p50Ms"] = report.P50?.TotalMilliseconds,
        ["p99Ms"] = report.P99?.TotalMilliseconds,
        ["maxMs"] = report.Max?.TotalMilliseconds,
        ["honestShare"] = Number(report.HonestShare),
        ["bytesPerPayloadByte"] = Number(report.BytesPerPayloadByte),
        ["facts"] = new JsonObject(report.Facts.Select(fact => KeyValuePair.Create(fact.Key, (JsonNode?)Number(fact.Value)))),
        ["checks"] = new JsonArray([.. report.Checks.Select(Check)]),
        ["passed"] = report.HasPassed,
        ["marks"] = new JsonArray([.. report.Marks.Select(mark => (JsonNode)new JsonObject
        {
            ["second"] = mark.Second,
            ["text"] = mark.Text,
        })]),
        ["points"] = new JsonArray([.. report.Points.Select(Point)]),
        ["traceHash"] = report.TraceHash.ToString("x16"),
        ["steps"] = report.Steps,
        ["elapsedSeconds"] = report.Elapsed.TotalSeconds,
        ["command"] = report.Command,
    };

    private static JsonObject Check(CheckResult check) => new()
    {
        ["name"] = check.Name,
        ["passed"] = check.HasPassed,
        ["expected"] = check.Expected,
        ["measured"] = check.Measured,
    };

    private static JsonObject Point(TimePoint point) => new()
    {
        ["second"] = point.Second,
        ["deliveryRate"] = Number(point.DeliveryRate),
        ["p50Ms"] = point.P50?.TotalMilliseconds,
        ["p99Ms"] = point.P99?.TotalMilliseconds,
        ["maxMs"] = point.Max?.TotalMilliseconds,
        ["honestShare"] = Number(point.HonestShare),
        ["bytesPerPayloadByte"] = Number(point.BytesPerPayloadByte),
    };

    private static JsonValue? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;
}

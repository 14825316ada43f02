using Pmq.Gossipsub;
using Pmq.Simulation.Reports;

namespace Pmq.Simulation.Tests.Reports;

/// <summary>A report made by hand.</summary>
internal static class SampleReport
{
    public static ScenarioReport Create() => new()
    {
        Scenario = "eclipse-network",
        Seed = 7,
        Nodes = 50,
        Publishers = 5,
        Sybils = 200,
        Defence = "none",
        Graph = "each dials 5 at random <10 on average>",
        Options = new GossipsubOptions { MeshDegree = 8, MeshDegreeLow = 6 },
        WarmUpSeconds = 2,
        MeasuredSeconds = 4,
        Published = 100,
        Expected = 100_000,
        Delivered = 99_999,
        P50 = TimeSpan.FromMilliseconds(60),
        P99 = TimeSpan.FromMilliseconds(120.5),
        Max = TimeSpan.FromSeconds(2),
        HonestShare = 0.75,
        BytesPerPayloadByte = 3.25,
        Facts = [KeyValuePair.Create("attackers-graylisted", 3.0)],
        Checks =
        [
            new CheckResult("delivery", false, "all is delivered", "99.999 %"),
            new CheckResult("latency", true, "max at most 200 ms", "150 ms"),
        ],
        Points =
        [
            .. Enumerable.Range(0, 6).Select(i => i == 3
                ? new TimePoint(i, double.NaN, null, null, null, 0.5, double.NaN)
                : new TimePoint(
                    i,
                    1 - (i / 10.0),
                    TimeSpan.FromMilliseconds(60),
                    TimeSpan.FromMilliseconds(100 + i),
                    TimeSpan.FromMilliseconds(200 * (i + 1)),
                    0.5,
                    3)),
        ],
        Marks = [new TimeMark(2, "attack & more")],
        TraceHash = 0xabc,
        Steps = 12_345,
        Elapsed = TimeSpan.FromSeconds(1.5),
        Command = "pmq sim --scenario eclipse-network --nodes 50 --sybils 200 --seed 7",
    };
}

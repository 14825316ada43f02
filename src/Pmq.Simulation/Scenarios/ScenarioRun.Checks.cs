using System.Globalization;
using Pmq.Gossipsub;
using Pmq.Simulation.Measuring;
using Pmq.Simulation.Reports;

namespace Pmq.Simulation.Scenarios;

// What has come of it.
internal sealed partial class ScenarioRun
{
    /// <summary>Latency from which on a run has visibly gone wrong: beyond a heartbeat no mesh delivers.</summary>
    private static readonly TimeSpan Visible = TimeSpan.FromSeconds(1);

    /// <summary>Checks that hold in whatever run, on and off.</summary>
    public void CheckInvariants()
    {
        Require(
            "invariants",
            World.Checkers.ViolationCount == 0,
            "no rule is broken on any step",
            World.Checkers.ViolationCount == 0
                ? "none"
                : $"{World.Checkers.ViolationCount}, the first: {World.Checkers.Violations[0]}");
    }

    /// <summary>Every message reached whom it should have reached.</summary>
    public void RequireDelivery() => Require(
        "delivery",
        Result.Expected > 0 && Result.Lost == 0,
        "every message is delivered to every honest node",
        $"{Result.Delivered} of {Result.Expected}");

    /// <summary>At least 999 of 1000 deliveries were made.</summary>
    public void RequireMostDelivery() => Require(
        "delivery",
        Result.DeliveryRate >= 0.999,
        "999 of 1000 deliveries are made",
        $"{Result.Delivered} of {Result.Expected}");

    /// <summary>No delivery took longer.</summary>
    public void RequireMax(TimeSpan most) => RequireLatency("latency-max", "max", Result.Max, most);

    /// <summary>99 of 100 deliveries took no longer.</summary>
    public void RequireP99(TimeSpan most) => RequireLatency("latency-p99", "p99", Result.P99, most);

    /// <summary>A delivered payload byte costs no more bytes received.</summary>
    public void RequireBytes(double most) => Require(
        "bytes",
        Result.BytesPerPayloadByte <= most,
        $"at most {ReportText.Number(most)} bytes received for each payload byte",
        ReportText.Number(Result.BytesPerPayloadByte));

    /// <summary>Some count stays within its bound.</summary>
    public void RequireAtMost(string name, double measured, double most) => Require(
        name, measured <= most, $"at most {ReportText.Number(most)}", ReportText.Number(measured));

    /// <summary>The control: deliveries are lost, or take longer than a heartbeat.</summary>
    public void RequireFailure() => Require(
        "visibly-fails",
        Result.Lost > 0 || Result.Max >= Visible,
        "without the defence messages are lost or take longer than a heartbeat",
        Outcome);

    private string Outcome => $"{ReportText.Percent(Result.DeliveryRate)} delivered, p99 {ReportText.Text(Result.P99)}, "
        + $"max {ReportText.Text(Result.Max)}";

    /// <summary>The report of it all.</summary>
    public ScenarioReport Report() => new()
    {
        Scenario = _scenario.Name,
        Seed = Request.Seed,
        Nodes = _honest.Count,
        Publishers = Publishers.Count,
        Sybils = World.Actors.Count(actor => !actor.IsHonest),
        Defence = Request.Off == Defences.None ? "none" : Request.Off.ToString(),
        Graph = DescribeGraph(),
        Options = Options,
        WarmUpSeconds = AttackAt.TotalSeconds,
        MeasuredSeconds = (End - AttackAt).TotalSeconds,
        Published = Result.Published,
        Expected = Result.Expected,
        Delivered = Result.Delivered,
        P50 = TimeOf(Result.Latency, 0.5),
        P99 = TimeOf(Result.Latency, 0.99),
        Max = TimeOf(Result.Latency, 1),
        HonestShare = Result.FinalHonestMeshShare,
        BytesPerPayloadByte = Result.BytesPerPayloadByte,
        Facts = _facts,
        Checks = _checks,
        Points = [.. World.Measure.Samples.Where(sample => sample.Until <= End).Select(PointOf)],
        Marks = _marks,
        TraceHash = World.TraceHash,
        Steps = World.EventCount,
        Elapsed = TimeProvider.System.GetElapsedTime(_began),
        Command = Command(),
    };

    private void RequireLatency(string name, string what, TimeSpan measured, TimeSpan most) => Require(
        name,
        measured <= most,
        string.Create(CultureInfo.InvariantCulture, $"{what} at most {most.TotalMilliseconds:0} ms"),
        ReportText.Text(measured));

    private static TimePoint PointOf(Sample sample) => new(
        sample.From.TotalSeconds,
        sample.Expected == 0 ? double.NaN : sample.DeliveryRate,
        TimeOf(sample.Latency, 0.5),
        TimeOf(sample.Latency, 0.99),
        TimeOf(sample.Latency, 1),
        sample.HonestMeshPlaces + sample.OtherMeshPlaces == 0 ? double.NaN : sample.HonestMeshShare,
        sample.PayloadBytesDelivered == 0 ? double.NaN : sample.BytesPerPayloadByte);

    private static TimeSpan? TimeOf(LatencyHistogram latency, double part) => latency.Count == 0
        ? null
        : part < 1 ? latency.Percentile(part) : latency.Max;

    private string DescribeGraph()
    {
        double degree = 2.0 * Graph.Edges.Count / _honest.Count;
        long links = _attackers.Sum(attacker => (long)attacker.DialCount);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Graph.Name}, {degree:0.0} links to honest nodes and {(double)links / _honest.Count:0.0} to attackers each");
    }

    private string Command()
    {
        string off = string.Concat(
            Request.Off.HasFlag(Defences.Scoring) ? " --no-scoring" : "",
            Request.Off.HasFlag(Defences.QueueProtection) ? " --no-protection" : "",
            Request.Off.HasFlag(Defences.TopicGate) ? " --no-gate" : "");
        string time = string.Concat(
            Request.WarmUp is { } warmUp ? $" --warm-up {Core.Text.GoDuration.Format(warmUp)}" : "",
            Request.Measured is { } measured ? $" --measure {Core.Text.GoDuration.Format(measured)}" : "");
        string sybils = Request.Sybils is { } count ? $" --sybils {count}" : "";
        return $"pmq sim --scenario {_scenario.Name} --nodes {Request.Nodes}{sybils} --seed {Request.Seed}{time}{off}";
    }

    private static GossipsubOptions Without(GossipsubOptions options, Defences off)
    {
        if (off.HasFlag(Defences.TopicGate) && options.Scoring is { } scoring)
        {
            options = options with { Scoring = scoring with { TopicGate = null } };
        }

        if (off.HasFlag(Defences.Scoring))
        {
            options = options with { Scoring = null };
        }

        return off.HasFlag(Defences.QueueProtection) ? options with { QueueProtection = null } : options;
    }
}

using Pmq.Gossipsub;

namespace Pmq.Simulation.Reports;

/// <summary>What one run of a scenario gave.</summary>
public sealed record ScenarioReport
{
    /// <summary>The scenario's name.</summary>
    public required string Scenario { get; init; }

    /// <summary>What all chance followed from.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Honest nodes.</summary>
    public required int Nodes { get; init; }

    /// <summary>Honest nodes that published.</summary>
    public required int Publishers { get; init; }

    /// <summary>Attackers.</summary>
    public required int Sybils { get; init; }

    /// <summary>The defence that was switched off, or "none".</summary>
    public required string Defence { get; init; }

    /// <summary>How the honest nodes were connected: kind and degree.</summary>
    public required string Graph { get; init; }

    /// <summary>The options of the honest nodes.</summary>
    public required GossipsubOptions Options { get; init; }

    /// <summary>Simulated seconds before anything was measured.</summary>
    public required double WarmUpSeconds { get; init; }

    /// <summary>Simulated seconds that were measured.</summary>
    public required double MeasuredSeconds { get; init; }

    /// <summary>Messages that were published in the measured time.</summary>
    public required long Published { get; init; }

    /// <summary>Deliveries that these should have led to.</summary>
    public required long Expected { get; init; }

    /// <summary>Deliveries that they led to.</summary>
    public required long Delivered { get; init; }

    /// <summary>Half of the deliveries came within; null when there was none.</summary>
    public required TimeSpan? P50 { get; init; }

    /// <summary>99 of 100 deliveries came within; null when there was none.</summary>
    public required TimeSpan? P99 { get; init; }

    /// <summary>The last delivery came after; null when there was none.</summary>
    public required TimeSpan? Max { get; init; }

    /// <summary>Honest peers in the meshes of honest nodes at the end, 0 to 1; NaN when no mesh had a peer.</summary>
    public required double HonestShare { get; init; }

    /// <summary>Bytes received for each payload byte delivered; NaN when nothing was delivered.</summary>
    public required double BytesPerPayloadByte { get; init; }

    /// <summary>What else was counted, by a stable name.</summary>
    public required IReadOnlyList<KeyValuePair<string, double>> Facts { get; init; }

    /// <summary>What must hold.</summary>
    public required IReadOnlyList<CheckResult> Checks { get; init; }

    /// <summary>The measurements over time, in order.</summary>
    public required IReadOnlyList<TimePoint> Points { get; init; }

    /// <summary>What happened when.</summary>
    public required IReadOnlyList<TimeMark> Marks { get; init; }

    /// <summary>The hash over all that happened: equal for equal arguments on every machine.</summary>
    public required ulong TraceHash { get; init; }

    /// <summary>Steps of the simulation.</summary>
    public required long Steps { get; init; }

    /// <summary>How long it took in truth.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The one command that does the same again.</summary>
    public required string Command { get; init; }

    /// <summary>Whether all held that must hold.</summary>
    public bool HasPassed => Checks.All(check => check.HasPassed);

    /// <summary>The names of the checks that did not hold.</summary>
    public IEnumerable<string> Failures => Checks.Where(check => !check.HasPassed).Select(check => check.Name);

    /// <summary>This report with one more check: that a second run of the same arguments did the same.</summary>
    /// <param name="second">The trace hash of the second run.</param>
    public ScenarioReport WithRepetition(ulong second) => this with
    {
        Checks =
        [
            .. Checks,
            new CheckResult(
                "same-trace", second == TraceHash, "a second run does the same", $"{TraceHash:x16} and {second:x16}"),
        ],
    };

    /// <summary>Deliveries to those that should have come: 0 to 1; NaN when none should.</summary>
    public double DeliveryRate => Expected == 0 ? double.NaN : (double)Delivered / Expected;
}

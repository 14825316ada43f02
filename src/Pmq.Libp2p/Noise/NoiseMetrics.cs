using System.Diagnostics.Metrics;
using Pmq.Core.Hosting;

namespace Pmq.Libp2p.Noise;

/// <summary>The counters of Noise.</summary>
internal static class NoiseMetrics
{
    private static readonly Meter Meter = new("Pmq.Libp2p");

    private static readonly Counter<long> Handshakes = Meter.CreateCounter<long>(
        "pmq.noise.handshakes", "{handshake}", "Handshakes that ended, by direction and outcome.");

    private static readonly Counter<long> Violations = Meter.CreateCounter<long>(
        "pmq.noise.violations",
        "{violation}",
        "Connections ended after the handshake for a broken Noise frame, by reason.");

    /// <summary>A handshake has ended.</summary>
    public static void CountHandshake(ConnectionDirection direction, NoiseViolation outcome) =>
        Handshakes.Add(
            1,
            new KeyValuePair<string, object?>("direction", direction.ToString()),
            new KeyValuePair<string, object?>("outcome", outcome.ToString()));

    /// <summary>A channel has ended by a violation.</summary>
    public static void CountViolation(NoiseViolation violation) =>
        Violations.Add(1, new KeyValuePair<string, object?>("reason", violation.ToString()));
}

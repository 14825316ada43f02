using System.Diagnostics.Metrics;

namespace Pmq.Libp2p.Yamux;

/// <summary>The counters of Yamux.</summary>
internal static class YamuxMetrics
{
    private static readonly Meter Meter = new("Pmq.Libp2p");

    private static readonly Counter<long> Opened = Meter.CreateCounter<long>(
        "pmq.yamux.streams.opened", "{stream}", "Streams opened, by direction.");

    private static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "pmq.yamux.streams.refused", "{stream}", "Inbound streams refused for a limit.");

    private static readonly Counter<long> Violations = Meter.CreateCounter<long>(
        "pmq.yamux.violations", "{violation}", "Connections ended for a broken Yamux frame, by reason.");

    private static readonly Counter<long> Timeouts = Meter.CreateCounter<long>(
        "pmq.yamux.timeouts", "{timeout}", "Connections ended because the peer neither answered nor read, by cause.");

    private static readonly Counter<long> Ignored = Meter.CreateCounter<long>(
        "pmq.yamux.frames.ignored", "{frame}", "Frames of unknown, reset or half-closed streams.");

    private static readonly Counter<long> Sent = Meter.CreateCounter<long>(
        "pmq.yamux.sent", "By", "Bytes sent, headers included, before encryption.");

    private static readonly Counter<long> Received = Meter.CreateCounter<long>(
        "pmq.yamux.received", "By", "Bytes received, headers included, after decryption.");

    public static void CountOpened(bool outbound) =>
        Opened.Add(1, new KeyValuePair<string, object?>("direction", outbound ? "Outbound" : "Inbound"));

    public static void CountRefused() => Refused.Add(1);

    public static void CountViolation(YamuxViolation violation) =>
        Violations.Add(1, new KeyValuePair<string, object?>("reason", violation.ToString()));

    public static void CountTimeout(string cause) => Timeouts.Add(1, new KeyValuePair<string, object?>("cause", cause));

    public static void CountIgnored(long frames)
    {
        if (frames > 0)
        {
            Ignored.Add(frames);
        }
    }

    public static void CountSent(int bytes) => Sent.Add(bytes);

    public static void CountReceived(int bytes) => Received.Add(bytes);
}

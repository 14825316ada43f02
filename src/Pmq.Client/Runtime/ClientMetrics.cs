using System.Diagnostics.Metrics;

namespace Pmq.Client.Runtime;

/// <summary>The instruments <c>pmq.client.*</c> of the meter <c>Pmq.Client</c>.</summary>
internal static class ClientMetrics
{
    private static readonly Meter Meter = new("Pmq.Client");

    private static readonly Counter<long> Publications = Meter.CreateCounter<long>(
        "pmq.client.publications", "{message}", "Publications that ended, by how.");

    private static readonly Counter<long> Verdicts = Meter.CreateCounter<long>(
        "pmq.client.verdicts", "{message}", "Verdicts given.");

    public static readonly Histogram<double> PublishDuration = Meter.CreateHistogram<double>(
        "pmq.client.publish.duration", "s", "From the call until the agent's receipt.");

    public static readonly Counter<long> Republished = Meter.CreateCounter<long>(
        "pmq.client.republished", "{message}", "Publications sent again since their stream was lost.");

    public static readonly Counter<long> VerdictsRepeated = Meter.CreateCounter<long>(
        "pmq.client.verdicts.repeated", "{message}", "Messages asked for again and answered without judging again.");

    public static readonly Counter<long> VerifierFaults = Meter.CreateCounter<long>(
        "pmq.client.verifier.faults", "{message}", "Messages ignored since the rules threw or took too long.");

    public static readonly Counter<long> Processed = Meter.CreateCounter<long>(
        "pmq.client.processed", "{message}", "Messages that the consumer has processed.");

    public static readonly Counter<long> ProcessorFaults = Meter.CreateCounter<long>(
        "pmq.client.processor.faults", "{message}", "Messages whose consumer threw.");

    public static readonly Counter<long> Dropped = Meter.CreateCounter<long>(
        "pmq.client.messages.dropped", "{message}", "Messages that the agent says it has dropped for a listener.");

    public static readonly Counter<long> Reconnects = Meter.CreateCounter<long>(
        "pmq.client.reconnects", "{stream}", "Streams that were lost.");

    private static readonly KeyValuePair<string, object?> Published = new("outcome", "published");
    private static readonly KeyValuePair<string, object?> Refused = new("outcome", "refused");
    private static readonly KeyValuePair<string, object?> Failed = new("outcome", "failed");
    private static readonly KeyValuePair<string, object?> Accept = new("verdict", "accept");
    private static readonly KeyValuePair<string, object?> Ignore = new("verdict", "ignore");
    private static readonly KeyValuePair<string, object?> Reject = new("verdict", "reject");

    public static void OnPublished(double seconds)
    {
        Publications.Add(1, Published);
        PublishDuration.Record(seconds);
    }

    /// <summary>The agent refused it.</summary>
    public static void OnRefused() => Publications.Add(1, Refused);

    /// <summary>It ended without an answer of the agent.</summary>
    public static void OnFailed() => Publications.Add(1, Failed);

    public static void OnVerdict(AgentVerdict verdict) => Verdicts.Add(
        1, verdict switch { AgentVerdict.Accept => Accept, AgentVerdict.Reject => Reject, _ => Ignore });
}

using System.Diagnostics.Metrics;

namespace Pmq.Agent.Metrics;

/// <summary>What the agent itself counts.</summary>
internal sealed class AgentMetrics
{
    /// <summary>Makes the instruments.</summary>
    public AgentMetrics(IMeterFactory factory)
    {
        Meter meter = factory.Create("Pmq.Agent");
        Listeners = meter.CreateUpDownCounter<int>("pmq.agent.listener.count", "{listener}", "Open Listen streams.");
        ListenerDropped = meter.CreateCounter<long>(
            "pmq.agent.listener.dropped", "{message}", "Messages that a listener did not get: its rate limit or a full queue.");
        Verifiers = meter.CreateUpDownCounter<int>("pmq.agent.verifier.count", "{verifier}", "Attached verifiers.");
        VerifierAttached = meter.CreateCounter<long>("pmq.agent.verifier.attached", "{verifier}", "Verifiers that came.");
        VerifierLeft = meter.CreateCounter<long>("pmq.agent.verifier.left", "{verifier}", "Verifiers that left.");
        VerdictsUnmatched = meter.CreateCounter<long>(
            "pmq.agent.verdict.unmatched",
            "{verdict}",
            "Verdicts for a message that the verifier was not asked for, or whose verdict timeout had passed.");
    }

    /// <summary>Open Listen streams.</summary>
    public UpDownCounter<int> Listeners { get; }

    /// <summary>Messages that a listener did not get.</summary>
    public Counter<long> ListenerDropped { get; }

    /// <summary>Attached verifiers.</summary>
    public UpDownCounter<int> Verifiers { get; }

    /// <summary>Verifiers that came.</summary>
    public Counter<long> VerifierAttached { get; }

    /// <summary>Verifiers that left.</summary>
    public Counter<long> VerifierLeft { get; }

    /// <summary>Verdicts without effect.</summary>
    public Counter<long> VerdictsUnmatched { get; }
}

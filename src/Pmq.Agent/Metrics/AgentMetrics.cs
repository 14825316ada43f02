using System.Diagnostics.Metrics;

namespace Pmq.Agent.Metrics;

/// <summary>
/// What the agent itself counts; messages and verifiers are counted by the engine, calls by the gRPC server.
/// </summary>
internal sealed class AgentMetrics
{
    /// <summary>Makes the instruments.</summary>
    public AgentMetrics(IMeterFactory factory)
    {
        Meter meter = factory.Create("Pmq.Agent");
        Listeners = meter.CreateUpDownCounter<int>("pmq.agent.listener.count", "{listener}", "Open Listen streams.");
    }

    /// <summary>Open Listen streams.</summary>
    public UpDownCounter<int> Listeners { get; }
}

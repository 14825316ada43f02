using Pmq.Simulation.Nodes;

namespace Pmq.Simulation.Scenarios;

/// <summary>A node that follows the protocol and is not counted among the honest, since it cannot keep up.</summary>
internal sealed class SlowNode(NodeOptions options) : HonestNode(options)
{
    public override bool IsHonest => false;
}

using Pmq.Gossipsub;
using Pmq.Simulation.Nodes;

namespace Pmq.Simulation.Scenarios;

/// <summary>Peers that speak every version, and some that only flood.</summary>
internal sealed class MixedVersionsScenario : Scenario
{
    public override string Name => "mixed-versions";

    public override string Description =>
        "Of twenty nodes six speak meshsub 1.2, seven 1.1, six 1.0 and one floodsub.";

    public override string Holds => "all is delivered, 99 of 100 at most 250 ms late";

    internal override HonestNode CreateNode(int index, NodeOptions options) => new(options)
    {
        Protocol = (index % 20) switch
        {
            0 => PubsubProtocol.Floodsub,
            < 7 => PubsubProtocol.Meshsub10,
            < 14 => PubsubProtocol.Meshsub11,
            _ => PubsubProtocol.Meshsub12,
        },
    };

    internal override void Prepare(ScenarioRun run)
    {
    }

    internal override void Check(ScenarioRun run)
    {
        run.RequireDelivery();
        run.RequireP99(TimeSpan.FromMilliseconds(250));
    }
}

using Pmq.Cli.Demo;
using Pmq.Core.Runtime;

namespace Pmq.Cli.Tests.Demo;

/// <summary>Which agents are connected.</summary>
public sealed class TopologyTests
{
    [Theory]
    [InlineData(3, 4)]
    [InlineData(2, 8)]
    [InlineData(8, 8)]
    [InlineData(2, 31)]
    public void The_subscribers_of_every_overlay_are_connected_and_every_publisher_reaches_some(int networks, int nodes)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            var topology = Topology.Create(networks, nodes, new SeededChance(seed));
            for (int network = 0; network < networks; network++)
            {
                HashSet<int> subscribers =
                    [.. Enumerable.Range(0, topology.Attacker).Where(agent => topology.NetworkOf(agent) != network)];
                Assert.Equal(subscribers, Reached(topology, subscribers));
                Assert.All(
                    Enumerable.Range(0, topology.Attacker + 1),
                    agent => Assert.Contains(topology.Neighbours[agent], subscribers.Contains));
            }
        }
    }

    [Fact]
    public void Agents_dial_those_alone_that_started_in_an_earlier_wave()
    {
        var topology = Topology.Create(3, 4, new SeededChance(1));

        Assert.Equal([3, 3, 3, 3, 1], topology.Waves.Select(wave => wave.Count));
        int started = 0;
        foreach (IReadOnlyList<int> wave in topology.Waves)
        {
            Assert.All(wave, agent => Assert.Equal(Enumerable.Range(0, started), topology.Dialed[agent]));
            started += wave.Count;
        }
    }

    private static HashSet<int> Reached(Topology topology, HashSet<int> among)
    {
        HashSet<int> reached = [among.First()];
        var open = new Queue<int>(reached);
        while (open.TryDequeue(out int agent))
        {
            foreach (int next in topology.Neighbours[agent].Where(among.Contains).Where(reached.Add))
            {
                open.Enqueue(next);
            }
        }

        return reached;
    }
}

using Pmq.Simulation.Measuring;
using Pmq.Simulation.Nodes;

namespace Pmq.Simulation.Tests;

public sealed class WorldTests
{
    private const string Topic = "sim";

    [Fact]
    public void Fifty_honest_nodes_deliver_everything_and_break_no_rule()
    {
        World world = Baseline(seed: 1);

        Summary summary = world.Measure.Summarize(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15));

        Assert.Empty(world.Checkers.Violations);
        Assert.Equal(100, summary.Published);
        Assert.Equal(100 * 49, summary.Expected);
        Assert.Equal(0, summary.Lost);
        Assert.InRange(summary.P50.TotalMilliseconds, 25, 150);
        Assert.InRange(summary.BytesPerPayloadByte, 1, 20);
    }

    [Fact]
    public void One_seed_gives_one_run_and_another_seed_another()
    {
        ulong first = Baseline(seed: 7).TraceHash;

        Assert.Equal(first, Baseline(seed: 7).TraceHash);
        Assert.NotEqual(first, Baseline(seed: 8).TraceHash);
    }

    private static World Baseline(ulong seed)
    {
        World world = new(new WorldOptions { Seed = seed });
        HonestNode[] nodes = [.. Enumerable.Range(0, 50).Select(_ => world.Add(new HonestNode()))];
        Graph.Dial(nodes.Length, 10, world.Chance).Apply(nodes);
        foreach (HonestNode node in nodes)
        {
            world.At(world.Chance.NextTimeSpan(TimeSpan.Zero, TimeSpan.FromSeconds(1)), () => world.Start(node));
        }

        new Traffic(nodes, Topic, PerSecond: 10, Size: 1024).Start(world, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15));
        world.RunUntil(TimeSpan.FromSeconds(20));
        return world;
    }
}

using Pmq.Core.Runtime;

namespace Pmq.Simulation.Tests;

public sealed class GraphTests
{
    [Fact]
    public void A_dial_graph_has_that_many_dials_of_each_node_and_no_pair_twice()
    {
        Graph graph = Graph.Dial(200, 20, new SeededChance(1));

        Assert.All(graph.Edges.GroupBy(edge => edge.Dialer), dials => Assert.Equal(20, dials.Count()));
        AssertSimple(graph);
        Assert.Equal("dial-20 random", graph.Name);
    }

    [Fact]
    public void A_dial_graph_of_few_nodes_ends_with_all_pairs()
    {
        Graph graph = Graph.Dial(5, 20, new SeededChance(1));

        AssertSimple(graph);
        Assert.InRange(graph.Edges.Count, 8, 10);
    }

    [Fact]
    public void A_regular_graph_gives_nearly_every_node_its_degree()
    {
        Graph graph = Graph.Regular(200, 20, new SeededChance(1));
        int[] degrees = new int[200];
        foreach ((int dialer, int listener) in graph.Edges)
        {
            degrees[dialer]++;
            degrees[listener]++;
        }

        AssertSimple(graph);
        Assert.All(degrees, degree => Assert.InRange(degree, 17, 20));
        Assert.True(degrees.Count(degree => degree == 20) >= 195);
    }

    [Fact]
    public void A_line_and_a_star_are_trees()
    {
        Assert.Equal([(0, 1), (1, 2), (2, 3)], Graph.Line(4).Edges);
        Assert.Equal([(1, 0), (2, 0), (3, 0)], Graph.Star(4).Edges);
    }

    private static void AssertSimple(Graph graph)
    {
        Assert.All(graph.Edges, edge => Assert.NotEqual(edge.Dialer, edge.Listener));
        Assert.Equal(
            graph.Edges.Count,
            graph.Edges.Select(e => (Math.Min(e.Dialer, e.Listener), Math.Max(e.Dialer, e.Listener))).Distinct().Count());
    }
}

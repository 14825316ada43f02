using Pmq.Core.Runtime;
using Pmq.Simulation.Nodes;

namespace Pmq.Simulation;

/// <summary>Who dials whom at the beginning: edges from dialer to listener, by index.</summary>
/// <param name="Name">For reports, as <c>dial-20 random</c>.</param>
/// <param name="Edges">Dialer and listener; no pair twice, in either direction.</param>
public sealed record Graph(string Name, IReadOnlyList<(int Dialer, int Listener)> Edges)
{
    /// <summary>Each of n nodes dials k others, drawn evenly; degree about 2k.</summary>
    public static Graph Dial(int nodes, int dials, Chance chance)
    {
        HashSet<(int, int)> known = [];
        List<(int, int)> edges = [];
        int most = Math.Min(dials, nodes - 1);
        for (int i = 0; i < nodes; i++)
        {
            // A pair that exists already counts for neither; who has all the others stops.
            for (int done = 0, tries = 0; done < most && tries < 20 * most; tries++)
            {
                int other = chance.NextInt32(nodes);
                if (other != i && known.Add((Math.Min(i, other), Math.Max(i, other))))
                {
                    edges.Add((i, other));
                    done++;
                }
            }
        }

        return new Graph($"dial-{dials} random", edges);
    }

    /// <summary>Every node has k neighbours but for a few at the end: pairs of stubs, drawn evenly.</summary>
    public static Graph Regular(int nodes, int degree, Chance chance)
    {
        int[] stubs = new int[nodes * degree];
        for (int i = 0; i < stubs.Length; i++)
        {
            stubs[i] = i / degree;
        }

        HashSet<(int, int)> known = [];
        List<(int, int)> edges = [];
        Span<int> open = stubs;

        // Pairs that are loops or exist already are drawn anew, a few times.
        for (int round = 0; round < 50 && open.Length > 1; round++)
        {
            chance.Shuffle(open);
            int kept = 0;
            for (int i = 0; i + 1 < open.Length; i += 2)
            {
                (int a, int b) = (open[i], open[i + 1]);
                if (a != b && known.Add((Math.Min(a, b), Math.Max(a, b))))
                {
                    edges.Add((a, b));
                }
                else
                {
                    open[kept++] = a;
                    open[kept++] = b;
                }
            }

            open = open[..kept];
        }

        return new Graph($"{degree}-regular", edges);
    }

    /// <summary>All others dial the first.</summary>
    public static Graph Star(int nodes)
    {
        List<(int, int)> edges = [];
        for (int i = 1; i < nodes; i++)
        {
            edges.Add((i, 0));
        }

        return new Graph("star", edges);
    }

    /// <summary>Each dials the next.</summary>
    public static Graph Line(int nodes)
    {
        List<(int, int)> edges = [];
        for (int i = 1; i < nodes; i++)
        {
            edges.Add((i - 1, i));
        }

        return new Graph("line", edges);
    }

    /// <summary>Gives each node those that it dials.</summary>
    public void Apply(IReadOnlyList<HonestNode> nodes)
    {
        foreach ((int dialer, int listener) in Edges)
        {
            nodes[dialer].DialTargets.Add(nodes[listener]);
        }
    }
}

using Pmq.Core.Runtime;

namespace Pmq.Cli.Demo;

/// <summary>Which agents are connected. They start in waves, and each dials agents of earlier waves alone.</summary>
/// <remarks>
/// A wave has one node of each network, and the attacker is the last. Up to <see cref="MaxMeshed"/> agents dial all
/// earlier ones; beyond, some of each network: then the subscribers of every overlay are connected among themselves, and
/// every other agent is connected to some of them.
/// </remarks>
internal sealed class Topology
{
    /// <summary>Agents beyond which not every two are connected.</summary>
    public const int MaxMeshed = 16;

    /// <summary>Agents of each network that a further agent dials.</summary>
    private const int LinksToEach = 2;

    private readonly int _networks;

    private Topology(int networks, IReadOnlyList<IReadOnlyList<int>> dialed)
    {
        _networks = networks;
        Dialed = dialed;
        var neighbours = dialed.Select(agents => agents.ToHashSet()).ToList();
        for (int agent = 0; agent < dialed.Count; agent++)
        {
            foreach (int other in dialed[agent])
            {
                neighbours[other].Add(agent);
            }
        }

        Neighbours = [.. neighbours.Select(agents => (IReadOnlyList<int>)[.. agents.Order()])];
    }

    /// <summary>Whom each agent dials. An agent's number is node × networks + network; the attacker is the last.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Dialed { get; }

    /// <summary>Whom each agent is connected to, either way.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Neighbours { get; }

    /// <summary>The attacker's number.</summary>
    public int Attacker => Dialed.Count - 1;

    /// <summary>The waves, in the order of their start.</summary>
    public IEnumerable<IReadOnlyList<int>> Waves =>
        Enumerable.Range(0, Dialed.Count).Chunk(_networks).Select(wave => (IReadOnlyList<int>)wave);

    /// <summary>The network of an agent that is not the attacker.</summary>
    public int NetworkOf(int agent) => agent % _networks;

    /// <summary>The place of an agent in its network.</summary>
    public int NodeOf(int agent) => agent / _networks;

    /// <summary>Draws the connections.</summary>
    public static Topology Create(int networks, int nodes, Chance chance)
    {
        int attacker = networks * nodes;
        var dialed = new List<IReadOnlyList<int>>();
        for (int agent = 0; agent <= attacker; agent++)
        {
            int[] earlier = [.. Enumerable.Range(0, agent / networks * networks)];
            dialed.Add(attacker <= MaxMeshed ? earlier : Draw(earlier, networks, chance));
        }

        return new Topology(networks, dialed);
    }

    private static int[] Draw(int[] earlier, int networks, Chance chance)
    {
        chance.Shuffle<int>(earlier);
        return [.. Enumerable.Range(0, networks)
            .SelectMany(network => earlier.Where(agent => agent % networks == network).Take(LinksToEach))
            .Order()];
    }
}

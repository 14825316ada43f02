using System.Globalization;
using System.Text;
using Pmq.Core.Runtime;

namespace Pmq.Cli.Demo;

/// <summary>All that is decided before a run: it follows from the options alone.</summary>
internal sealed class DemoPlan
{
    private static readonly string[] Names =
        ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"];

    private DemoPlan(DemoOptions options, IReadOnlyList<NetworkPlan> networks)
    {
        Options = options;
        Networks = networks;
    }

    /// <summary>What it follows from.</summary>
    public DemoOptions Options { get; }

    /// <summary>The networks.</summary>
    public IReadOnlyList<NetworkPlan> Networks { get; }

    /// <summary>Who gets the reports of one network: every node of every other.</summary>
    public int SubscribersOfEach => (Networks.Count - 1) * Options.Nodes;

    /// <summary>E: what arrives when nothing is lost.</summary>
    public long ExpectedDeliveries => (long)Networks.Count * Options.Rounds * SubscribersOfEach;

    /// <summary>Publications of good reports: every node publishes its network's.</summary>
    public long GoodPublications => (long)Networks.Count * Options.Nodes * Options.Rounds;

    /// <summary>Bad reports of one kind on one overlay.</summary>
    public static int BadOfEachKind(int rounds) => Math.Max(1, rounds / 10);

    /// <summary>What a node and its agent are called.</summary>
    public string NameOf(int network, int node) => $"{Networks[network].Id}-{node}";

    /// <summary>Makes the plan.</summary>
    public static DemoPlan Create(DemoOptions options)
    {
        Chance root = new SeededChance(options.Seed);
        var networks = new List<NetworkPlan>();
        for (int i = 0; i < options.Networks; i++)
        {
            networks.Add(Plan(i, options.Rounds, root.Fork($"network {i}")));
        }

        return new DemoPlan(options, networks);
    }

    private static NetworkPlan Plan(int index, int rounds, Chance chance) => new()
    {
        Index = index,
        Id = Names[index],
        Overlay = $"reports.{Names[index]}.v1",
        FirstMark = (1_000_000L + chance.NextInt32(1_000_000)) * 256,
        Payloads = Payloads(Names[index], rounds, chance.Fork("payloads")),
        BadReports = BadReports(rounds, chance.Fork("bad reports")),
    };

    /// <summary>A price that wanders, in cents.</summary>
    private static ReadOnlyMemory<byte>[] Payloads(string network, int rounds, Chance chance)
    {
        var payloads = new ReadOnlyMemory<byte>[rounds];
        long cents = 300_000 + chance.NextInt32(100_000);
        for (int round = 0; round < rounds; round++)
        {
            cents += chance.NextInt32(401) - 200;
            payloads[round] = Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"network\":\"{network}\",\"round\":{round},\"feed\":\"ETH/USD\",\"cents\":{cents}}}"));
        }

        return payloads;
    }

    /// <summary>Of each kind some, in different rounds, so that no two are the same bytes.</summary>
    private static List<BadReport>[] BadReports(int rounds, Chance chance)
    {
        var byRound = new List<BadReport>[rounds];
        for (int round = 0; round < rounds; round++)
        {
            byRound[round] = [];
        }

        int count = BadOfEachKind(rounds);
        int[] order = [.. Enumerable.Range(0, rounds)];
        foreach (BadKind kind in BadKinds.All)
        {
            chance.Shuffle<int>(order);
            int ordinal = 0;
            foreach (int round in order.Take(count).Order())
            {
                byRound[round].Add(new BadReport(kind, round, ordinal++));
            }
        }

        return byRound;
    }
}

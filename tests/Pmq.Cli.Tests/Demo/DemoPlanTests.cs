using System.Text;
using Pmq.Cli.Demo;
using Pmq.Core.Runtime;
using Pmq.Verifiers.Window;

namespace Pmq.Cli.Tests.Demo;

/// <summary>What is decided before a run.</summary>
public sealed class DemoPlanTests
{
    private static readonly WindowOptions Window = new();

    [Fact]
    public void The_same_seed_gives_the_same_plan_and_the_same_bytes()
    {
        Assert.Equal(Describe(7), Describe(7));
        Assert.NotEqual(Describe(7), Describe(8));
    }

    [Theory]
    [InlineData(3, 4, 50, 1200)]
    [InlineData(2, 7, 1, 14)]
    [InlineData(8, 8, 10_000, 4_480_000)]
    public void The_deliveries_to_expect_are_known_before(int networks, int nodes, int rounds, long expected) =>
        Assert.Equal(
            expected,
            DemoPlan.Create(
                new DemoOptions { Networks = networks, Nodes = nodes, Rounds = rounds }).ExpectedDeliveries);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(19, 1)]
    [InlineData(20, 2)]
    [InlineData(500, 50)]
    public void Each_network_gets_a_tenth_of_its_rounds_of_each_kind_of_bad_report(int rounds, int count)
    {
        var plan = DemoPlan.Create(new DemoOptions { Rounds = rounds, Seed = 3 });

        foreach (NetworkPlan network in plan.Networks)
        {
            var all = network.BadReports.SelectMany((reports, round) => reports.Select(bad => (round, bad))).ToList();
            Assert.All(all, placed => Assert.Equal(placed.round, placed.bad.Round));
            Assert.All(BadKinds.All, kind => Assert.Equal(
                Enumerable.Range(0, count),
                all.Where(placed => placed.bad.Kind == kind).Select(placed => placed.bad.Ordinal)));
            Assert.Equal(all.Count, all.Select(placed => (placed.round, placed.bad.Kind)).Distinct().Count());
        }
    }

    [Fact]
    public void Sequences_of_marks_rounds_and_attacks_never_meet_and_fit_OCR2()
    {
        var plan = DemoPlan.Create(new DemoOptions { Rounds = 10_000, Seed = 4 });

        foreach (NetworkPlan network in plan.Networks)
        {
            var bad = network.BadReports.SelectMany(reports => reports).ToLookup(report => report.Kind);
            Assert.All(bad[BadKind.StaleSequence], report => Assert.InRange(
                network.SequenceOf(report), 0, network.FirstMark - Window.ValidityThreshold - 1));
            Assert.All(bad[BadKind.FarFutureSequence], report => Assert.InRange(
                network.SequenceOf(report), network.ClosingMark + Window.FutureBound + 1, (1L << 40) - 1));
            Assert.True(NetworkPlan.MarkCount < Window.FutureBound);
        }
    }

    [Fact]
    public void Far_future_sequences_fall_further_apart_than_the_bound_so_that_they_never_move_a_window()
    {
        NetworkPlan network = DemoPlan.Create(new DemoOptions { Rounds = 10_000, Seed = 4 }).Networks[0];

        long[] sequences =
        [
            .. network.BadReports.SelectMany(reports => reports)
                .Where(bad => bad.Kind == BadKind.FarFutureSequence)
                .Select(network.SequenceOf),
        ];

        Assert.All(
            sequences.Zip(sequences.Skip(1)), pair => Assert.True(pair.First - pair.Second > Window.FutureBound));
    }

    private static string Describe(ulong seed)
    {
        var plan = DemoPlan.Create(new DemoOptions { Rounds = 20, Seed = seed });
        using var networks = new DemoNetworks(plan, new SeededChance(seed));
        var text = new StringBuilder();
        foreach (NetworkPlan network in plan.Networks)
        {
            for (int round = 0; round < 20; round++)
            {
                text.AppendLine(Convert.ToHexString(networks.Round(network.Index, round)));
                foreach (BadReport bad in network.BadReports[round])
                {
                    text.AppendLine($"{bad}: {Convert.ToHexString(networks.Bad(network.Index, bad))}");
                }
            }
        }

        return text.ToString();
    }
}

using Pmq.Client;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Tests.Window;

/// <summary>Several nodes with windows of their own, and what one of them goes through.</summary>
public sealed class SequenceWindowScenarioTests
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(1001)]
    [InlineData(100_000)]
    public void A_node_that_was_cut_off_past_the_bound_recovers_without_a_reject(int missed)
    {
        WindowHarness[] nodes = [.. Enumerable.Range(0, 4).Select(_ => new WindowHarness())];
        long sequence = Run(nodes, from: 0, rounds: 60);
        WindowHarness cutOff = nodes[3];
        Assert.True(cutOff.InStep);

        // The network goes on without it, for longer than the span.
        for (int i = 0; i < 40; i++)
        {
            long upTo = sequence + (missed / 40) + 1;
            for (; sequence < upTo; sequence += Math.Min(500, upTo - sequence))
            {
                Assert.All(nodes.Except([cutOff]), node => node.Judge(sequence));
            }

            Assert.All(nodes, node => node.Advance(Round));
        }

        sequence = Run(nodes, sequence + 1, rounds: 60);
        Assert.All(nodes, node => Assert.Equal(0, node.Rejects));
        Assert.All(nodes, node => Assert.Equal(sequence - 1, node.Core.High));
        Assert.True(cutOff.InStep);
    }

    [Fact]
    public void A_node_that_was_cut_off_within_the_bound_misses_only_what_is_older_than_the_skip_threshold()
    {
        WindowHarness[] nodes = [new()];
        long sequence = Run(nodes, from: 0, rounds: 60);
        nodes[0].Advance(TimeSpan.FromMinutes(5));
        Assert.Equal((JudgementReason.Accepted, AgentVerdict.Accept), nodes[0].Decide(sequence + 500));
        Assert.Equal((JudgementReason.Accepted, AgentVerdict.Accept), nodes[0].Decide(sequence + 401));
        Assert.Equal((JudgementReason.Old, AgentVerdict.Ignore), nodes[0].Decide(sequence + 400));
        Assert.Equal(0, nodes[0].Rejects);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    [InlineData(true, -1)]
    [InlineData(false, 0)]
    [InlineData(false, 1)]
    [InlineData(false, -1)]
    public void A_joiner_that_is_fed_100_old_reports_in_any_order_punishes_nobody(bool atOnce, int order)
    {
        WindowHarness joiner = new();
        foreach (long old in Old(order))
        {
            joiner.Judge(old);
            joiner.Advance(atOnce ? TimeSpan.Zero : Round / 4);
        }

        joiner.Advance(Round);
        long high = Run([joiner], from: 1_000_000, rounds: 100);
        Assert.Equal(0, joiner.Rejects);
        Assert.Equal(high - 1, joiner.Core.High);
        Assert.True(joiner.InStep);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_node_with_an_old_mark_that_is_fed_old_reports_among_the_current_ones_punishes_nobody(int order)
    {
        WindowHarness node = new(mark: 900);
        long current = 1_000_000;
        foreach (long old in Old(order))
        {
            node.Judge(old);
            node.Judge(current++);
            node.Advance(Round);
        }

        Assert.Equal(current - 1, node.Core.High);

        // In step, the replays are what no honest peer passes on; the current ones never cost anyone anything.
        Assert.All(
            node.Decided.Where(effect => effect.Report.Sequence >= 1_000_000),
            effect => Assert.NotEqual(AgentVerdict.Reject, WindowHarness.Verdict(effect)));
    }

    [Fact]
    public void A_node_that_an_eclipse_kept_in_the_past_finds_the_network_again_once_that_is_over()
    {
        WindowHarness node = new();
        Run([node], from: 1000, rounds: 60);
        Assert.True(node.InStep);

        // The limit that the README states: until a run shows that there is more, the network's own are rejected.
        long next = Run([node], from: 1_000_000, rounds: 4);
        Assert.Equal(2, node.Rejects);
        Assert.Equal(next - 1, node.Core.High);
    }

    [Fact]
    public void A_rising_old_report_now_and_then_does_not_keep_a_node_from_the_network_that_it_hears_again()
    {
        WindowHarness node = new();
        long old = Run([node], from: 1000, rounds: 60);
        Assert.True(node.InStep);
        long current = 1_000_000;
        for (int i = 0; i < 60; i++)
        {
            node.Judge(old++);
            current = Run([node], from: current, rounds: 1);
        }

        Assert.Equal(current - 1, node.Core.High);
        Assert.All(
            node.Decided.Where(effect => effect.Report.Sequence >= 1_000_002),
            effect => Assert.NotEqual(AgentVerdict.Reject, WindowHarness.Verdict(effect)));
    }

    [Fact]
    public void Reports_out_of_order_by_less_than_the_skip_threshold_are_all_accepted()
    {
        WindowHarness node = new(mark: 0);
        long[] shuffled = [.. Enumerable.Range(1, 500).OrderBy(i => i - (i * 7919 % 90)).Select(i => (long)i)];
        Assert.All(shuffled, sequence => Assert.Equal(JudgementReason.Accepted, node.Judge(sequence)));
    }

    [Fact]
    public void A_node_that_is_fed_far_future_reports_by_holders_of_a_quorum_rejects_them_once_in_step_and_stays()
    {
        WindowHarness[] nodes = [new(), new()];
        long sequence = Run(nodes, from: 0, rounds: 60);
        Assert.All(nodes, node =>
        {
            for (int i = 0; i < 100; i++)
            {
                Assert.Equal((JudgementReason.TooNew, AgentVerdict.Reject), node.Decide(long.MaxValue - i));
            }

            Assert.Equal((JudgementReason.Accepted, AgentVerdict.Accept), node.Decide(sequence));
        });
    }

    /// <summary>100 reports of the past: shuffled, rising or falling.</summary>
    private static IEnumerable<long> Old(int order)
    {
        long[] old = [.. Enumerable.Range(1000, 100).Select(i => (long)i)];
        return order switch
        {
            > 0 => old,
            < 0 => old.Reverse(),
            _ => old.OrderBy(sequence => sequence * 7919 % 101),
        };
    }

    /// <summary>One report a round, heard by all; returns the sequence that comes next.</summary>
    private static long Run(WindowHarness[] nodes, long from, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            foreach (WindowHarness node in nodes)
            {
                node.Judge(from + i);
                node.Advance(Round);
            }
        }

        return from + rounds;
    }
}

using Pmq.Cli.Demo;
using Pmq.Client;
using Pmq.Testing;

namespace Pmq.Cli.Tests.Demo;

/// <summary>What arrived, held against the plan.</summary>
public sealed class LedgerTests
{
    private readonly DemoPlan _plan = DemoPlan.Create(new DemoOptions { Networks = 2, Rounds = 3, Seed = 6 });
    private readonly VirtualTimeProvider _time = new();
    private readonly Ledger _ledger;

    public LedgerTests() => _ledger = new Ledger(_plan, _time);

    [Fact]
    public void Nothing_is_wrong_with_a_run_in_which_each_report_arrives_once_everywhere_and_each_kind_is_refused()
    {
        DeliverAll();
        RefuseEachKind();

        Tally tally = _ledger.Read();

        Assert.Null(tally.Fault);
        Assert.Equal(24, tally.Delivered);
        Assert.Equal([12, 12], tally.DeliveredOf);
        Assert.True(_ledger.IsComplete);
    }

    [Fact]
    public void A_run_is_complete_though_an_attacker_that_is_not_heard_any_more_has_bad_reports_left()
    {
        DeliverAll();
        RefuseEachKind();
        Assert.True(_ledger.IsEveryBadJudged);
        _ledger.BeginBad(BadKind.ForgedSignature, "not heard"u8);

        Assert.True(_ledger.IsComplete);
        Assert.False(_ledger.IsEveryBadJudged);
    }

    [Fact]
    public void A_run_is_not_complete_while_no_bad_report_of_a_kind_has_been_judged()
    {
        DeliverAll();
        _ledger.BeginBad(BadKind.ForgedSignature, "forged"u8);

        Assert.False(_ledger.IsComplete);
    }

    [Fact]
    public void What_did_not_arrive_is_lost()
    {
        RefuseEachKind();
        Deliver(node: 4, network: 0, round: 1);

        Tally tally = _ledger.Read();

        Assert.Equal(23, tally.Lost);
        Assert.Equal("23 of 24 deliveries lost (alpha-0 3 alpha-1 3 alpha-2 3 alpha-3 3 beta-0 2 …)", tally.Fault);
        Assert.False(_ledger.IsComplete);
    }

    [Fact]
    public void What_arrives_again_is_a_duplicate_at_the_same_node_alone()
    {
        DeliverAll();
        RefuseEachKind();
        Deliver(node: 4, network: 0, round: 1);

        Tally tally = _ledger.Read();

        Assert.Equal(1, tally.Duplicates);
        Assert.Equal("1 duplicate deliveries", tally.Fault);
    }

    [Fact]
    public void A_bad_report_that_arrives_is_counted_though_its_sequence_and_payload_are_the_rounds()
    {
        _ledger.BeginBad(BadKind.ForgedSignature, "forged"u8);
        Deliver(node: 4, network: 0, round: 1, data: "forged");

        Tally tally = _ledger.Read();

        Assert.Equal(1, tally.BadDelivered);
        Assert.Equal(0, tally.Delivered);
    }

    [Fact]
    public void Another_payload_at_a_rounds_sequence_is_a_bad_report_though_nobody_announced_it()
    {
        _ledger.Delivered(
            4, 0, _plan.Networks[0].SequenceOf(1), ReportHash.Of("other"u8), "other"u8, _time.GetTimestamp());
        _ledger.DeliveredUnknown();

        Assert.Equal(2, _ledger.Read().BadDelivered);
    }

    [Fact]
    public void What_is_neither_a_round_nor_a_mark_is_a_bad_report_whatever_its_sequence()
    {
        NetworkPlan plan = _plan.Networks[0];
        ReportHash mark = ReportHash.Of(NetworkPlan.MarkPayload.Span);

        _ledger.Delivered(4, 0, plan.ClosingMark + 1, mark, "beyond"u8, _time.GetTimestamp());
        _ledger.Delivered(4, 0, plan.FirstMark - 1, mark, "before"u8, _time.GetTimestamp());
        _ledger.Delivered(4, 0, plan.FirstMark, ReportHash.Of("other"u8), "other"u8, _time.GetTimestamp());

        Assert.Equal(3, _ledger.Read().BadDelivered);
        Assert.False(_ledger.HasMark(0, 1));
    }

    [Fact]
    public void A_report_of_the_nodes_own_network_does_not_make_up_for_a_lost_one()
    {
        Deliver(node: 0, network: 0, round: 1);

        Tally tally = _ledger.Read();

        Assert.Equal(0, tally.Delivered);
        Assert.Equal(1, tally.BadDelivered);
    }

    [Fact]
    public void A_bad_report_that_is_accepted_is_a_fault_though_nobody_got_it()
    {
        DeliverAll();
        RefuseEachKind();
        _ledger.Judged("0"u8, AgentVerdict.Accept);

        Assert.Equal("1 bad reports accepted", _ledger.Read().Fault);
    }

    [Fact]
    public void Verdicts_are_counted_by_kind_and_a_kind_without_any_is_named()
    {
        DeliverAll();
        RefuseEachKind(except: BadKind.StaleSequence);
        _ledger.Judged("0"u8, AgentVerdict.Ignore);

        Tally tally = _ledger.Read();

        Assert.Equal((BadKind.ForgedSignature, 1, 1), tally.Verdicts[0]);
        Assert.Equal((BadKind.StaleSequence, 0, 0), tally.Verdicts[2]);
        Assert.Equal("no verdict on staleSequence", tally.Fault);
    }

    [Fact]
    public void A_good_report_that_is_rejected_is_a_fault()
    {
        DeliverAll();
        RefuseEachKind();
        _ledger.Judged("good"u8, AgentVerdict.Ignore);
        _ledger.Judged("good"u8, AgentVerdict.Reject);

        Assert.Equal("1 good reports rejected", _ledger.Read().Fault);
    }

    [Fact]
    public void Marks_are_not_counted_and_every_subscriber_must_have_one()
    {
        long sequence = _plan.Networks[0].FirstMark;
        for (int node = 4; node < 8; node++)
        {
            Assert.False(_ledger.HasMark(0, sequence));
            _ledger.Delivered(node, 0, sequence + 1, ReportHash.Of("mark"u8), "mark"u8, _time.GetTimestamp());
        }

        Assert.True(_ledger.HasMark(0, sequence));
        Assert.False(_ledger.HasMark(0, sequence + 2));
        Assert.False(_ledger.HasMark(1, 0 + 1));
        Assert.Equal(0, _ledger.Read().Delivered);
    }

    [Fact]
    public void Latency_runs_from_the_first_publish_call()
    {
        _ledger.BeginRound(0, 0, _time.GetTimestamp());
        _time.Advance(TimeSpan.FromMilliseconds(20));
        Deliver(node: 4, network: 0, round: 0);

        Assert.InRange(_ledger.Read().P50Ms!.Value, 19.8, 20.2);
    }

    [Fact]
    public async Task A_wait_ends_when_its_condition_holds_or_nothing_new_came_for_long()
    {
        Task<bool> holds = _ledger.WaitAsync(() => _ledger.Read().Delivered == 2, TimeSpan.FromSeconds(5), default);
        Deliver(node: 4, network: 0, round: 0);
        Deliver(node: 5, network: 0, round: 0);
        Assert.True(await holds);

        Task<bool> never = _ledger.WaitAsync(() => false, TimeSpan.FromSeconds(5), default);
        Assert.False(never.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.False(await never);
    }

    private void DeliverAll()
    {
        for (int node = 0; node < 8; node++)
        {
            for (int round = 0; round < 3; round++)
            {
                Deliver(node, node < 4 ? 1 : 0, round);
            }
        }
    }

    private void RefuseEachKind(BadKind? except = null)
    {
        foreach (BadKind kind in BadKinds.All.Where(kind => kind != except))
        {
            byte[] data = [(byte)('0' + (int)kind)];
            _ledger.BeginBad(kind, data);
            _ledger.Judged(data, AgentVerdict.Reject);
        }
    }

    private void Deliver(int node, int network, int round, string data = "good")
    {
        NetworkPlan plan = _plan.Networks[network];
        _ledger.Delivered(
            node,
            network,
            plan.SequenceOf(round),
            ReportHash.Of(plan.Payloads[round].Span),
            System.Text.Encoding.UTF8.GetBytes(data),
            _time.GetTimestamp());
    }
}

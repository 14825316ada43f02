using Pmq.Client;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Tests.Window;

/// <summary>Each rule of the window.</summary>
public sealed class SequenceWindowTests
{
    private static readonly TimeSpan Settling = new WindowOptions().SettlingSpan;
    private static readonly TimeSpan Span = new WindowOptions().InStepSpan;

    [Fact]
    public void A_sequence_is_accepted_once()
    {
        WindowHarness window = new(mark: 100);
        Assert.Equal(JudgementReason.Accepted, window.Judge(101));
        Assert.Equal(JudgementReason.Seen, window.Judge(101));
    }

    [Fact]
    public void Gaps_are_filled_from_behind_up_to_the_skip_threshold()
    {
        WindowHarness window = new(mark: 100);
        Assert.Equal(JudgementReason.Accepted, window.Judge(1000));
        Assert.Equal(JudgementReason.Accepted, window.Judge(901));
        Assert.Equal(JudgementReason.Old, window.Judge(900));
        Assert.Equal(1000, window.Core.High);
    }

    [Fact]
    public void From_the_skip_to_the_validity_threshold_a_report_is_old_even_in_step()
    {
        WindowHarness window = new(mark: 2000);
        long high = window.GetInStep(2001);
        Assert.Equal((JudgementReason.Old, AgentVerdict.Ignore), window.Decide(high - 100));
        Assert.Equal((JudgementReason.Old, AgentVerdict.Ignore), window.Decide(high - 1000));
    }

    [Fact]
    public void Behind_the_validity_threshold_a_report_is_rejected_in_step_only()
    {
        WindowHarness window = new(mark: 2000);
        Assert.Equal((JudgementReason.Stale, AgentVerdict.Ignore), window.Decide(999));
        long high = window.GetInStep(2001);
        Assert.Equal((JudgementReason.Stale, AgentVerdict.Reject), window.Decide(high - 1001));
        window.Advance(Span + TimeSpan.FromTicks(1));
        Assert.Equal((JudgementReason.Stale, AgentVerdict.Ignore), window.Decide(high - 1001));
    }

    [Fact]
    public void Ahead_of_the_bound_a_report_is_rejected_in_step_only()
    {
        WindowHarness window = new(mark: 2000);
        Assert.Equal((JudgementReason.TooNew, AgentVerdict.Ignore), window.Decide(3001));
        long high = window.GetInStep(2001);
        Assert.Equal((JudgementReason.TooNew, AgentVerdict.Reject), window.Decide(high + 1001));
        Assert.Equal((JudgementReason.Accepted, AgentVerdict.Accept), window.Decide(high + 1000));
    }

    [Fact]
    public void In_step_no_number_of_far_future_reports_that_are_no_rising_run_moves_the_window()
    {
        WindowHarness window = new(mark: 0);
        long high = window.GetInStep(1);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal((JudgementReason.TooNew, AgentVerdict.Reject), window.Decide(1_000_000 - i));
            Assert.Equal((JudgementReason.TooNew, AgentVerdict.Reject), window.Decide(2_000_000 + (i * 1001)));
        }

        Assert.Equal(high, window.Core.High);
        Assert.True(window.InStep);
        Assert.InRange(window.Core.RunCount, 1, window.Core.Options.MaxRuns);
    }

    [Fact]
    public void A_rising_run_ahead_of_the_bound_ends_being_in_step_without_moving_the_window()
    {
        WindowHarness window = new(mark: 0);
        long high = window.GetInStep(1);
        Assert.Equal((JudgementReason.TooNew, AgentVerdict.Reject), window.Decide(1_000_000));
        Assert.Equal((JudgementReason.TooNew, AgentVerdict.Reject), window.Decide(1_000_001));
        Assert.True(window.InStep);
        Assert.Equal((JudgementReason.TooNew, AgentVerdict.Ignore), window.Decide(1_000_002));
        Assert.False(window.InStep);
        Assert.Equal(high, window.Core.High);
        Assert.Equal((JudgementReason.Accepted, AgentVerdict.Accept), window.Decide(high + 1));
        Assert.False(window.InStep);
    }

    [Fact]
    public void The_report_that_continues_a_run_which_ended_being_in_step_moves_the_window_and_a_lone_one_does_not()
    {
        WindowHarness window = new(mark: 0);
        long high = window.GetInStep(1);
        Assert.All([1_000_000, 1_000_001, 1_000_002], sequence =>
            Assert.Equal(JudgementReason.TooNew, window.Judge(sequence)));
        Assert.Equal((JudgementReason.TooNew, AgentVerdict.Ignore), window.Decide(long.MaxValue));
        Assert.Equal(high, window.Core.High);
        Assert.Equal((JudgementReason.Accepted, AgentVerdict.Accept), window.Decide(1_000_003));
        Assert.Equal(1_000_003, window.Core.High);
    }

    [Fact]
    public void Single_reports_far_ahead_now_and_then_are_no_run_and_do_not_crowd_out_the_networks_own()
    {
        WindowHarness window = new(mark: 0);
        long high = window.GetInStep(1);
        for (int i = 0; i < 40; i++)
        {
            window.Advance(Span);
            window.Judge(++high);
            Assert.Equal((JudgementReason.TooNew, AgentVerdict.Reject), window.Decide(long.MaxValue - 40 + i));
        }

        Assert.True(window.InStep);
        long[] own = [1_000_000, 1_000_001, 1_000_002, 1_000_003];
        Assert.Equal(JudgementReason.Accepted, own.Select(sequence => window.Judge(sequence)).ToArray()[^1]);
    }

    [Fact]
    public void A_run_from_before_the_window_was_in_step_does_not_count_in_step()
    {
        WindowHarness window = new(mark: 0);
        window.Judge(1_000_000);
        window.Judge(1_000_001);
        window.GetInStep(1);
        Assert.Equal((JudgementReason.TooNew, AgentVerdict.Reject), window.Decide(1_000_002));
        Assert.True(window.InStep);
    }

    [Fact]
    public void A_window_is_in_step_after_rising_for_the_span_without_a_longer_pause()
    {
        WindowHarness window = new(mark: 0);
        window.Judge(1);
        window.Advance(Span);
        Assert.False(window.InStep);
        window.Judge(2);
        Assert.True(window.InStep);
        window.Advance(Span);
        Assert.True(window.InStep);
        window.Advance(TimeSpan.FromTicks(1));
        Assert.False(window.InStep);
        window.Judge(3);
        Assert.False(window.InStep);
    }

    [Fact]
    public void A_pause_before_the_window_was_in_step_starts_the_count_anew()
    {
        WindowHarness window = new(mark: 0);
        window.Judge(1);
        window.Advance(Span + TimeSpan.FromTicks(1));
        window.Judge(2);
        Assert.False(window.InStep);
        window.Advance(Span);
        window.Judge(3);
        Assert.True(window.InStep);
    }

    [Fact]
    public void A_report_ahead_of_the_bound_starts_the_count_anew_while_not_in_step()
    {
        WindowHarness window = new(mark: 0);
        window.Judge(1);
        window.Advance(Span / 2);
        window.Judge(5000);
        window.Advance(Span / 2);
        window.Judge(2);
        Assert.False(window.InStep);
        window.Advance(Span);
        window.Judge(3);
        Assert.True(window.InStep);
    }

    [Fact]
    public void Reports_that_only_fill_gaps_do_not_keep_a_window_in_step()
    {
        WindowHarness window = new(mark: 0);
        long high = window.GetInStep(200);
        for (int i = 1; i < 8; i++)
        {
            window.Advance(Span / 4);
            Assert.Equal(JudgementReason.Accepted, window.Judge(high - 10 - i));
        }

        Assert.False(window.InStep);
    }

    [Fact]
    public void Three_rising_reports_ahead_of_the_bound_move_a_window_that_is_out_of_step()
    {
        WindowHarness window = new(mark: 10);
        Assert.Equal(JudgementReason.TooNew, window.Judge(50_000));
        Assert.Equal(JudgementReason.TooNew, window.Judge(51_000));
        Assert.Equal(JudgementReason.Accepted, window.Judge(51_001));
        Assert.Equal(51_001, window.Core.High);
        Assert.False(window.InStep);
    }

    [Fact]
    public void A_move_begins_the_count_to_being_in_step()
    {
        WindowHarness window = new(mark: 10);
        window.Judge(11);
        window.Advance(Span / 2);
        long[] ahead = [50_000, 50_001, 50_002];
        Assert.Equal(JudgementReason.Accepted, ahead.Select(s => window.Judge(s)).ToArray()[^1]);
        window.Advance(Span / 2);
        window.Judge(50_003);
        Assert.False(window.InStep);
        window.Advance(Span / 2);
        window.Judge(50_004);
        Assert.True(window.InStep);
    }

    [Theory]
    [InlineData(50_000, 50_000, 50_000)]
    [InlineData(50_002, 50_001, 50_000)]
    [InlineData(50_000, 51_001, 52_002)]
    [InlineData(50_000, 50_001, 50_001)]
    public void Repeats_falling_and_scattered_reports_do_not_move_a_window(long first, long second, long third)
    {
        WindowHarness window = new(mark: 10);
        Assert.All([first, second, third], sequence => Assert.Equal(JudgementReason.TooNew, window.Judge(sequence)));
        Assert.Equal(10, window.Core.High);
    }

    [Fact]
    public void Neither_replays_between_them_nor_one_report_far_above_keep_the_networks_own_from_moving_the_window()
    {
        WindowHarness window = new(mark: 10);
        window.Judge(long.MaxValue);
        for (int i = 0; i < 3; i++)
        {
            for (int replay = 0; replay < 100; replay++)
            {
                Assert.Equal(JudgementReason.TooNew, window.Judge(900_000 - (replay * 2000) - (i * 300_000)));
            }

            Assert.Equal(i == 2 ? JudgementReason.Accepted : JudgementReason.TooNew, window.Judge(1_000_000 + i));
        }

        Assert.InRange(window.Core.RunCount, 0, window.Core.Options.MaxRuns);
    }

    [Fact]
    public void What_came_before_the_mark_is_ignored_though_it_may_be_new()
    {
        WindowHarness window = new(mark: 100);
        Assert.Equal(JudgementReason.Seen, window.Judge(100));
        Assert.Equal(JudgementReason.Seen, window.Judge(99));
        Assert.Equal(JudgementReason.Old, window.Judge(0));
        Assert.Equal(JudgementReason.Accepted, window.Judge(101));
        Assert.Equal(JudgementReason.Seen, window.Judge(99));
    }

    [Fact]
    public void Without_a_mark_the_window_starts_from_the_highest_report_of_its_first_second()
    {
        WindowHarness window = new();
        Assert.All([300, 500, 401, 400], sequence => Assert.Null(window.Judge(sequence)));
        Assert.Null(window.Core.High);
        window.Advance(Settling - TimeSpan.FromTicks(1));
        Assert.Empty(window.Decided);
        window.Advance(TimeSpan.FromTicks(1));
        Assert.Equal([401, 500], window.Accepted);
        Assert.Equal([JudgementReason.Old, JudgementReason.Old], window.Decided.Take(2).Select(e => e.Reason));
        Assert.Equal(500, window.Core.High);
        Assert.Equal(JudgementReason.Accepted, window.Judge(501));
    }

    [Fact]
    public void The_first_second_counts_from_the_first_report()
    {
        WindowHarness window = new();
        window.Advance(TimeSpan.FromDays(1));
        Assert.Null(window.Judge(1));
        window.Advance(Settling / 2);
        Assert.Null(window.Judge(2));
        window.Advance(Settling / 2);
        Assert.Equal([1, 2], window.Accepted);
    }

    [Fact]
    public void A_report_that_comes_when_the_second_is_over_settles_the_window_first()
    {
        WindowHarness window = new();
        window.Judge(1);
        window.Now += Settling;
        Assert.Equal(JudgementReason.Accepted, window.Judge(2));
        Assert.Equal([1, 2], window.Accepted);
    }

    [Fact]
    public void Held_reports_are_compared_too()
    {
        WindowHarness window = new();
        Assert.Null(window.Judge(1));
        Assert.Equal(JudgementReason.Seen, window.Judge(1));
        Assert.Equal(JudgementReason.Equivocation, window.Judge(1, content: 1));
        Assert.NotNull(window.Decided[^1].Proof);
    }

    [Fact]
    public void Beyond_its_bound_the_hold_lets_go_of_the_lowest()
    {
        WindowHarness window = new(new WindowOptions { MaxHeld = 3 });
        foreach (int sequence in new[] { 5, 1, 9, 7, 3 })
        {
            window.Judge(sequence);
            Assert.InRange(window.Core.HeldCount, 1, 3);
        }

        Assert.Equal([1, 3], window.Decided.Select(e => e.Report.Sequence));
        Assert.All(window.Decided, e => Assert.Equal(JudgementReason.NotHeld, e.Reason));
        window.Advance(Settling);
        Assert.Equal([5, 7, 9], window.Accepted);
    }

    [Fact]
    public void The_hold_is_bounded_in_bytes_but_holds_the_highest()
    {
        WindowHarness window = new(new WindowOptions { MaxHeldBytes = 250 });
        foreach (int sequence in new[] { 1, 2, 3 })
        {
            window.Judge(sequence);
        }

        Assert.Equal(200, window.Core.HeldBytes);
        Assert.Null(window.Judge(WindowHarness.Report(4, bytes: 1000)));
        Assert.Equal((1, 1000), (window.Core.HeldCount, window.Core.HeldBytes));
        window.Advance(Settling);
        Assert.Equal([4], window.Accepted);
        Assert.Equal(0, window.Core.HeldBytes);
    }

    [Fact]
    public void A_held_report_that_is_withdrawn_can_come_again()
    {
        WindowHarness window = new();
        WindowReport report = WindowHarness.Report(7);
        window.Judge(report);
        Assert.True(window.Core.Withdraw(report));
        Assert.False(window.Core.Withdraw(report));
        Assert.Equal((0, 0), (window.Core.HeldCount, window.Core.HeldBytes));
        window.Advance(Settling);
        Assert.Equal(JudgementReason.Accepted, window.Judge(7));
    }

    [Fact]
    public void An_acceptance_that_was_told_to_nobody_is_taken_back_and_the_window_stays_where_it_is()
    {
        WindowHarness window = new(mark: 0);
        WindowReport report = WindowHarness.Report(7);
        window.Judge(report);
        Assert.True(window.Core.Withdraw(report));
        Assert.False(window.Core.Withdraw(report));
        Assert.Equal(7, window.Core.High);
        Assert.Equal(JudgementReason.Equivocation, window.Judge(7, content: 1));
        Assert.Equal(JudgementReason.Accepted, window.Judge(7));
        Assert.Equal(JudgementReason.Seen, window.Judge(7));
    }

    [Fact]
    public void An_acceptance_that_was_taken_back_is_not_given_again_once_it_is_old()
    {
        WindowHarness window = new(mark: 0);
        WindowReport report = WindowHarness.Report(7);
        window.Judge(report);
        window.Core.Withdraw(report);
        window.Judge(107);
        Assert.Equal(JudgementReason.Seen, window.Judge(7));
        Assert.Equal(107, window.Core.High);
    }

    [Fact]
    public void A_fresh_window_whose_highest_report_was_withdrawn_starts_there_and_not_yet_to_count()
    {
        WindowHarness window = new();
        window.Judge(8);
        WindowReport highest = WindowHarness.Report(9);
        window.Judge(highest);
        window.Core.Withdraw(highest);
        window.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([8], window.Accepted);
        Assert.Equal(9, window.Core.High);
        window.Advance(Span);
        window.Judge(10);
        Assert.False(window.InStep);
    }

    [Fact]
    public void Two_contents_of_a_sequence_are_told_once_a_pair()
    {
        WindowHarness window = new(mark: 0);
        window.Judge(1);
        Assert.Equal(JudgementReason.Equivocation, window.Judge(1, content: 1));
        Assert.NotNull(window.Decided[^1].Proof);
        Assert.Equal(JudgementReason.Equivocation, window.Judge(1, content: 1));
        Assert.Null(window.Decided[^1].Proof);
        Assert.Equal(JudgementReason.Equivocation, window.Judge(1, content: 2));
        Assert.NotNull(window.Decided[^1].Proof);
        Assert.Equal(2, window.Core.Equivocations.Count);
    }

    [Fact]
    public void An_equivocation_is_found_as_far_back_as_the_validity_threshold_accepted_or_not()
    {
        WindowHarness window = new(mark: 1500);
        window.Judge(2000);
        Assert.Equal(JudgementReason.Old, window.Judge(1000));
        Assert.Equal(JudgementReason.Equivocation, window.Judge(1000, content: 1));
        Assert.Equal(JudgementReason.Old, window.Judge(1400));
        Assert.Equal(JudgementReason.Equivocation, window.Judge(1400, content: 1));
        Assert.Equal(JudgementReason.Stale, window.Judge(999));
    }

    [Fact]
    public void An_equivocation_whose_first_half_went_for_want_of_room_is_told_without_it()
    {
        WindowHarness window = new(new WindowOptions { MaxRememberedBytes = 250 }, mark: 0);
        for (int i = 1; i <= 3; i++)
        {
            window.Judge(i);
        }

        Assert.Equal((200, 1), (window.Core.Remembered.Bytes, window.Core.Remembered.EncodingsDropped));
        window.Judge(1, content: 1);
        Assert.True(window.Decided[^1].Proof!.First.IsEmpty);
        window.Judge(2, content: 1);
        Assert.Equal(100, window.Decided[^1].Proof!.First.Length);
    }

    [Fact]
    public void The_newest_equivocations_are_kept_within_their_bounds()
    {
        WindowHarness window = new(new WindowOptions { MaxEquivocations = 3, MaxEquivocationBytes = 500 }, mark: 0);
        window.Judge(1);
        for (uint i = 1; i <= 10; i++)
        {
            window.Judge(1, i);
            Assert.InRange(window.Core.Equivocations.Bytes, 0, 500);
        }

        Assert.Equal((10, 8), (window.Core.Equivocations.Count, window.Core.Equivocations.Dropped));
        Assert.Equal(2, window.Core.Equivocations.Kept.Count());
    }

    [Fact]
    public void What_is_remembered_is_bounded_and_what_was_forgotten_is_never_accepted()
    {
        WindowHarness window = new(new WindowOptions { SkipThreshold = 4, MaxRemembered = 4 }, mark: 0);
        for (int i = 1; i <= 100; i++)
        {
            Assert.Equal(JudgementReason.Accepted, window.Judge(i));
            Assert.InRange(window.Core.Remembered.Count, 1, 4);
        }

        window.Core.Options = new WindowOptions();
        for (int i = 1; i <= 100; i++)
        {
            Assert.NotEqual(JudgementReason.Accepted, window.Judge(i));
        }
    }

    [Fact]
    public void Releasing_lets_go_of_what_is_held()
    {
        WindowHarness window = new();
        window.Judge(1);
        List<WindowEffect> effects = [];
        window.Core.Release(effects);
        Assert.Equal(JudgementReason.Released, Assert.Single(effects).Reason);
        Assert.Equal((0, 0), (window.Core.HeldCount, window.Core.HeldBytes));
    }

    [Fact]
    public void Time_that_runs_backwards_counts_as_standing_still()
    {
        WindowHarness window = new(mark: 0);
        window.Advance(TimeSpan.FromHours(1));
        window.GetInStep(1);
        window.Now -= TimeSpan.FromHours(1);
        Assert.Equal((JudgementReason.TooNew, AgentVerdict.Reject), window.Decide(1_000_000));
    }
}

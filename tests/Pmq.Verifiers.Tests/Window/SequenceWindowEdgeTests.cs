using Pmq.Client;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Tests.Window;

/// <summary>The ends of the range of sequences, in every role.</summary>
public sealed class SequenceWindowEdgeTests
{
    private const long Max = long.MaxValue;
    private static readonly long[] Edges = [0, 1, Max - 1, Max];

    public static TheoryData<long, long> Pairs()
    {
        TheoryData<long, long> pairs = [];
        foreach (long one in Edges)
        {
            foreach (long other in Edges)
            {
                pairs.Add(one, other);
            }
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_report_beside_any_mark_is_placed_by_their_true_difference(long mark, long sequence)
    {
        WindowHarness window = new(mark: mark);
        Assert.Equal(Expected(mark, sequence), window.Judge(sequence));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_window_in_step_at_either_end_places_reports_by_their_true_difference(long at, long sequence)
    {
        long first = Math.Clamp(at - 2, 0, Max - 2);
        WindowHarness window = new();
        window.Judge(first);
        window.Advance(TimeSpan.FromSeconds(1));
        for (int i = 1; i <= 2; i++)
        {
            window.Advance(window.Core.Options.InStepSpan / 2);
            window.Judge(first + i);
        }

        long high = first + 2;
        JudgementReason expected = sequence >= first && sequence <= high
            ? JudgementReason.Seen
            : (Int128)high - sequence > 1000 ? JudgementReason.Stale
            : (Int128)sequence - high > 1000 ? JudgementReason.TooNew
            : JudgementReason.Accepted;
        (JudgementReason reason, AgentVerdict verdict) = window.Decide(sequence);
        Assert.Equal(expected, reason);
        Assert.Equal(reason is JudgementReason.Stale or JudgementReason.TooNew, verdict == AgentVerdict.Reject);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_fresh_window_that_sees_both_ends_starts_from_the_higher(long one, long other)
    {
        WindowHarness window = new();
        window.Judge(one);
        window.Judge(other);
        window.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Math.Max(one, other), window.Core.High);
        Assert.Contains(Math.Max(one, other), window.Accepted);
    }

    [Fact]
    public void With_the_widest_thresholds_every_sequence_is_in_the_window()
    {
        WindowOptions widest = new()
        {
            SkipThreshold = 1 << 20,
            MaxRemembered = 1 << 20,
            ValidityThreshold = Max,
            FutureBound = Max,
        };
        WindowHarness window = new(widest, mark: 0);
        Assert.Equal(JudgementReason.Accepted, window.Judge(Max));
        Assert.Equal(JudgementReason.Accepted, window.Judge(Max - (1 << 20) + 1));
        Assert.Equal(JudgementReason.Old, window.Judge(Max - (1 << 20)));
        Assert.Equal(JudgementReason.Old, window.Judge(1));
        Assert.Equal(JudgementReason.Old, window.Judge(0));
    }

    [Fact]
    public void A_window_moves_up_to_the_last_sequence_and_stays()
    {
        WindowHarness window = new(mark: 0);
        long[] last = [Max - 2, Max - 1, Max];
        Assert.Equal(
            [JudgementReason.TooNew, JudgementReason.TooNew, JudgementReason.Accepted],
            last.Select(sequence => window.Judge(sequence)!.Value));
        Assert.Equal(JudgementReason.Seen, window.Judge(Max));
        Assert.Equal(JudgementReason.Accepted, window.Judge(Max - 1));
        Assert.Equal(Max, window.Core.High);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void A_sequence_below_zero_is_the_callers_mistake(long sequence) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new WindowHarness(mark: 0).Judge(sequence));

    private static JudgementReason Expected(long mark, long sequence)
    {
        Int128 ahead = (Int128)sequence - mark;
        return ahead switch
        {
            _ when ahead > 1000 => JudgementReason.TooNew,
            _ when ahead > 0 => JudgementReason.Accepted,
            _ when ahead > -100 => JudgementReason.Seen,
            _ when ahead >= -1000 => JudgementReason.Old,
            _ => JudgementReason.Stale,
        };
    }
}

using FsCheck;
using FsCheck.Fluent;
using Pmq.Grpc.Wire;
using Pmq.Testing;

namespace Pmq.Grpc.Tests.Wire;

public sealed class GrpcTimeoutTests
{
    [Theory]
    [InlineData("1H", 36_000_000_000)]
    [InlineData("2M", 1_200_000_000)]
    [InlineData("3S", 30_000_000)]
    [InlineData("4m", 40_000)]
    [InlineData("5u", 50)]
    [InlineData("600n", 6)]
    [InlineData("1n", 1)]
    [InlineData("0S", 0)]
    [InlineData("00000007S", 70_000_000)]
    [InlineData("99999999H", 99_999_999 * 36_000_000_000)]
    public void A_timeout_is_read_in_ticks(string text, long ticks)
    {
        Assert.True(GrpcTimeout.TryParse(text, out var timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("1")]
    [InlineData("1s")]
    [InlineData("-1S")]
    [InlineData("+1S")]
    [InlineData(" 1S")]
    [InlineData("1 S")]
    [InlineData("1.5S")]
    [InlineData("100000000n")]
    [InlineData("٣S")]
    public void Anything_else_is_refused(string text) => Assert.False(GrpcTimeout.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0n")]
    [InlineData(-5, "0n")]
    [InlineData(1, "100n")]
    [InlineData(999_999, "99999900n")]
    [InlineData(1_000_000, "100000u")]
    [InlineData(1_000_001, "100001u")]
    [InlineData(long.MaxValue, "99999999H")]
    [InlineData(99_999_999 * 600_000_000L, "99999999M")]
    public void A_timeout_is_written_in_the_finest_unit_that_fits(long ticks, string expected) =>
        Assert.Equal(expected, GrpcTimeout.Format(new TimeSpan(ticks)));

    [Fact]
    public void What_is_written_reads_back_as_no_less_and_hardly_more() =>
        Prop.ForAll<long>(value =>
        {
            var timeout = new TimeSpan((value & long.MaxValue) % (99_999_999 * TimeSpan.TicksPerHour));
            var text = GrpcTimeout.Format(timeout);
            return text.Length <= 9 && GrpcTimeout.TryParse(text, out var read)
                && read >= timeout && (read - timeout).TotalSeconds <= (timeout.TotalSeconds / 1_000_000) + 1e-6;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_text_gives_an_answer() =>
        ParserFuzz.RunText(
            text => Assert.True(
                GrpcTimeout.TryParse(text, out var timeout) ? timeout >= TimeSpan.Zero : timeout == default),
            ["1S", "99999999H", "0n"],
            maxLength: 20);
}

using FsCheck;
using FsCheck.Fluent;
using Pmq.Core.Text;

namespace Pmq.Core.Tests.Text;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("1h15m30.918s", 4_530_918)]
    [InlineData("-1.5h", -5_400_000)]
    [InlineData("+5ms", 5)]
    [InlineData("1000us", 1)]
    [InlineData("1000µs", 1)]
    [InlineData("1000μs", 1)]
    [InlineData("1000000", 1)]
    [InlineData(".5s", 500)]
    [InlineData("2562047h47m16s", 9_223_372_036_000)]
    [InlineData("9223372036854000000ns", 9_223_372_036_854)]
    public void Reads_what_Go_reads(string text, long milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out TimeSpan duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("s")]
    [InlineData("1d")]
    [InlineData("1 s")]
    [InlineData("1.2.3s")]
    [InlineData("1.5")]
    [InlineData("99999999999h")]
    [InlineData("2562047h47m17s")]
    [InlineData("9223372036854775808ns")]
    [InlineData("100000000000000000h")]
    [InlineData("1000000000000000000h")]
    [InlineData("9999999999999999999999h")]
    public void Refuses_what_Go_refuses(string text) => Assert.False(GoDuration.TryParse(text, out _));

    [Theory]
    [InlineData(90_000, "1m30s")]
    [InlineData(3_600_000, "1h0m0s")]
    [InlineData(1_500, "1.5s")]
    [InlineData(250, "250ms")]
    public void Writes_what_Go_writes(long milliseconds, string text) =>
        Assert.Equal(text, GoDuration.Format(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void What_is_written_is_read_back() => Prop.ForAll(
        Gen.Choose(-1_000_000_000, 1_000_000_000).Select(n => TimeSpan.FromTicks(n * 977L)).ToArbitrary(),
        duration => GoDuration.TryParse(GoDuration.Format(duration), out TimeSpan read) && read == duration)
        .QuickCheckThrowOnFailure();
}

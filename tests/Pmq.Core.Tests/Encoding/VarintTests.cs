using FsCheck;
using FsCheck.Fluent;
using Pmq.Core.Encoding;
using Pmq.Testing;

namespace Pmq.Core.Tests.Encoding;

public sealed class VarintTests
{
    // multiformats unsigned-varint, section "Encoding".
    [Theory]
    [InlineData(0, "00")]
    [InlineData(1, "01")]
    [InlineData(127, "7f")]
    [InlineData(128, "8001")]
    [InlineData(255, "ff01")]
    [InlineData(300, "ac02")]
    [InlineData(16384, "808001")]
    [InlineData(long.MaxValue, "ffffffffffffffff7f")]
    public void Values_have_the_bytes_of_the_specification(long value, string hex)
    {
        var buffer = new byte[Varint.MaxLength];
        int written = Varint.Write(buffer, (ulong)value);

        Assert.Equal(hex, Convert.ToHexStringLower(buffer.AsSpan(0, written)));
        Assert.Equal(written, Varint.LengthOf((ulong)value));
        Assert.Equal(VarintStatus.Done, Varint.Read(Convert.FromHexString(hex + "ff"), out ulong read, out int length));
        Assert.Equal((ulong)value, read);
        Assert.Equal(written, length);
    }

    [Theory]
    [InlineData("", VarintStatus.NeedMoreData)]
    [InlineData("80", VarintStatus.NeedMoreData)]
    [InlineData("ffffffffffffffff", VarintStatus.NeedMoreData)]
    [InlineData("8000", VarintStatus.NotMinimal)]
    [InlineData("81808000", VarintStatus.NotMinimal)]
    [InlineData("ffffffffffffffffff", VarintStatus.TooLong)]
    [InlineData("ffffffffffffffffff01", VarintStatus.TooLong)]
    public void Broken_bytes_have_a_named_outcome(string hex, VarintStatus expected)
    {
        Assert.Equal(expected, Varint.Read(Convert.FromHexString(hex), out ulong value, out int length));
        Assert.Equal(0UL, value);
        Assert.Equal(0, length);
    }

    [Fact]
    public void Writing_more_than_63_bits_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Varint.Write(new byte[16], 1UL << 63));

    [Fact]
    public void Every_value_comes_back() =>
        Prop.ForAll<ulong>(value =>
        {
            value &= Varint.MaxValue;
            var buffer = new byte[Varint.MaxLength];
            int written = Varint.Write(buffer, value);
            return Varint.Read(buffer.AsSpan(0, written), out ulong read, out int length) == VarintStatus.Done
                && read == value && length == written;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_bytes_are_read_or_refused_and_what_is_read_is_the_one_encoding()
    {
        ParserFuzz.Run(
            input =>
            {
                if (Varint.Read(input, out ulong value, out int length) == VarintStatus.Done)
                {
                    Span<byte> again = stackalloc byte[Varint.MaxLength];
                    Assert.True(input[..length].SequenceEqual(again[..Varint.Write(again, value)]));
                }
            },
            [[0x00], [0x80, 0x01], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]],
            maxLength: 16);
    }
}

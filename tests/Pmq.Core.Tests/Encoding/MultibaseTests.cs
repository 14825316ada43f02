using Pmq.Core.Encoding;
using Pmq.Testing;

namespace Pmq.Core.Tests.Encoding;

public sealed class MultibaseTests
{
    // multiformats multibase, tests/basic.csv: "yes mani !".
    [Theory]
    [InlineData("f796573206d616e692021")]
    [InlineData("F796573206D616E692021")]
    [InlineData("bpfsxgidnmfxgsibb")]
    [InlineData("BPFSXGIDNMFXGSIBB")]
    [InlineData("z7paNL19xttacUY")]
    [InlineData("ueWVzIG1hbmkgIQ")]
    public void The_forms_of_the_specification_are_read(string text)
    {
        var bytes = new byte[64];
        Assert.True(Multibase.TryDecode(text, bytes, out int length));
        Assert.Equal("yes mani !"u8.ToArray(), bytes[..length]);
    }

    [Fact]
    public void The_forms_of_the_specification_are_written()
    {
        Assert.Equal("7paNL19xttacUY", Multibase.ToBase58("yes mani !"u8));
        Assert.Equal("pfsxgidnmfxgsibb", Multibase.ToBase32("yes mani !"u8));
        Assert.Equal("ueWVzIG1hbmkgIQ", Multibase.ToPrefixedBase64Url("yes mani !"u8));
        Assert.Equal("17paNL19xttacUY", Multibase.ToBase58("\0yes mani !"u8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("z")]
    [InlineData("z0")]
    [InlineData("zé")]
    [InlineData("b1")]
    [InlineData("ba")]
    [InlineData("bab")]
    [InlineData("b========")]
    [InlineData("f1")]
    [InlineData("fxx")]
    [InlineData("u+")]
    [InlineData("x00")]
    public void Text_of_no_base_is_refused(string text)
    {
        Assert.False(Multibase.TryDecode(text, new byte[64], out _));
    }

    [Fact]
    public void A_destination_that_is_too_small_is_refused()
    {
        Assert.False(Multibase.TryDecode("bpfsxgidnmfxgsibb", new byte[9], out _));
        Assert.False(Multibase.TryDecode("f796573206d616e692021", new byte[9], out _));
        Assert.False(Multibase.TryDecode("ueWVzIG1hbmkgIQ", new byte[9], out _));
        Assert.False(Multibase.TryDecode("z7paNL19xttacUY", new byte[9], out _));
    }

    [Fact]
    public void Any_text_is_decoded_or_refused()
    {
        var bytes = new byte[128];
        ParserFuzz.RunText(
            text => Multibase.TryDecode(text, bytes, out _),
            ["f796573206d616e692021", "bpfsxgidnmfxgsibb", "z7paNL19xttacUY", "ueWVzIG1hbmkgIQ"],
            maxLength: 128);
    }
}

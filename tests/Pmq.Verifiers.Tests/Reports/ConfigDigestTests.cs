using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers.Tests.Reports;

public sealed class ConfigDigestTests
{
    private const string Text = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    [Theory]
    [InlineData(Text)]
    [InlineData("0x" + Text)]
    [InlineData("0X000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F")]
    public void It_is_read_from_hexadecimal_and_written_in_lower_case(string text)
    {
        Assert.True(ConfigDigest.TryParse(text, out ConfigDigest digest));
        Assert.Equal(TestNetwork.Digest, digest);
        Assert.Equal(Text, digest.ToString());
        var bytes = new byte[32];
        digest.CopyTo(bytes);
        Assert.Equal(digest, new ConfigDigest(bytes));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("0x0x" + Text)]
    [InlineData(Text + "00")]
    [InlineData("g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")]
    [InlineData(" 00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")]
    public void Other_text_is_none(string? text)
    {
        Assert.False(ConfigDigest.TryParse(text, out ConfigDigest digest));
        Assert.Equal(default, digest);
    }

    [Fact]
    public void Each_byte_counts()
    {
        for (int i = 0; i < ConfigDigest.Length; i++)
        {
            var bytes = new byte[ConfigDigest.Length];
            bytes[i] = 1;
            var digest = new ConfigDigest(bytes);
            Assert.NotEqual(default, digest);
            Assert.Equal(Convert.ToHexStringLower(bytes), digest.ToString());
        }

        Assert.Throws<ArgumentException>(() => new ConfigDigest(new byte[31]));
        Assert.Throws<ArgumentException>(() => new ConfigDigest(new byte[33]));
    }
}

using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Pmq.Grpc.Wire;
using Pmq.Testing;

namespace Pmq.Grpc.Tests.Wire;

public sealed class StatusMessageTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain text, with ~ and $", "plain text, with ~ and $")]
    [InlineData("100 %", "100 %25")]
    [InlineData("a\nb\t", "a%0Ab%09")]
    [InlineData("ключ €", "%D0%BA%D0%BB%D1%8E%D1%87 %E2%82%AC")]
    [InlineData("\u007F", "%7F")]
    public void A_text_is_percent_encoded_and_back(string text, string encoded)
    {
        Assert.Equal(encoded, StatusMessage.Encode(text));
        Assert.Equal(text, StatusMessage.Decode(encoded));
    }

    [Theory]
    [InlineData("100%", "100%")]
    [InlineData("%4", "%4")]
    [InlineData("%zz%41", "%zzA")]
    [InlineData("%%41", "%A")]
    [InlineData("%e2%82%ac", "€")]
    [InlineData("%FF", "\uFFFD")]
    public void What_is_broken_stays_readable(string encoded, string expected) =>
        Assert.Equal(expected, StatusMessage.Decode(encoded));

    [Fact]
    public void A_long_text_is_cut() =>
        Assert.Equal(StatusMessage.MaxChars * 3, StatusMessage.Encode(new string('\n', 5000)).Length);

    [Fact]
    public void What_is_encoded_is_printable_and_decodes_to_itself() =>
        Prop.ForAll<NonNull<string>>(text =>
        {
            var encoded = StatusMessage.Encode(text.Get);
            return !encoded.AsSpan().ContainsAnyExceptInRange(' ', '~')
                && StatusMessage.Decode(encoded) == Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Get));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_text_decodes() =>
        ParserFuzz.RunText(text => StatusMessage.Decode(text), ["plain", "100 %25", "%E2%82%AC%", "%zz"]);
}

using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Pmq.Grpc.Wire;
using Pmq.Testing;

namespace Pmq.Grpc.Tests.Wire;

public sealed class MetadataTests
{
    [Fact]
    public void Text_travels_as_it_is_and_bytes_as_unpadded_base64()
    {
        var headers = new HeaderDictionary();
        MetadataCodec.Append(new Metadata { { "X-Text", "a b" }, { "x-text", "c" }, { "x-bin", [0, 0xFF] } }, headers);

        Assert.Equal("a b,c", headers["x-text"].ToString());
        Assert.Equal("AP8", headers["x-bin"]);
    }

    [Theory]
    [InlineData("AP8", true)]
    [InlineData("AP8=", true)]
    [InlineData("AP8==", true)]
    [InlineData("A", false)]
    [InlineData("AP8===", false)]
    [InlineData("A P8", false)]
    [InlineData("A=P8", false)]
    [InlineData("+_-/", false)]
    public void Padded_and_unpadded_base64_is_taken(string value, bool isRead)
    {
        var metadata = new Metadata();
        var isValid = MetadataCodec.Decode("x-bin", value, metadata);
        Assert.Equal(isRead, isValid);
        Assert.Equal(isRead ? ["00FF"] : [], metadata.Select(entry => Convert.ToHexString(entry.ValueBytes)));
    }

    [Fact]
    public void A_list_of_binary_values_is_split()
    {
        var metadata = new Metadata();

        Assert.False(MetadataCodec.Decode("x-bin", "AA, AQ==,!", metadata));
        Assert.Equal([[0], [1]], metadata.GetAll("X-BIN").Select(entry => entry.ValueBytes));
    }

    [Theory]
    [InlineData("grpc-status")]
    [InlineData("grpc-anything")]
    [InlineData("Content-Type")]
    [InlineData("te")]
    [InlineData(":path")]
    public void Headers_of_the_protocol_are_no_metadata(string name)
    {
        var metadata = new Metadata();

        Assert.True(MetadataCodec.Decode(name, "value", metadata));
        Assert.Empty(metadata);
    }

    [Theory]
    [InlineData("", "v")]
    [InlineData("with space", "v")]
    [InlineData("ключ", "v")]
    [InlineData("x-bin", "v")]
    [InlineData("x", "line\nbreak")]
    [InlineData("x", "€")]
    public void What_cannot_travel_is_refused_where_it_is_made(string key, string value) =>
        Assert.Throws<ArgumentException>(() => new Metadata { { key, value } });

    [Fact]
    public void Bytes_need_a_binary_key_and_the_empty_metadata_stays_empty()
    {
        Assert.Throws<ArgumentException>(() => new Metadata { { "x", [1] } });
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("x", "v"));
    }

    [Fact]
    public void The_last_value_of_a_key_is_the_one_that_is_got()
    {
        var metadata = new Metadata { { "a", "1" }, { "b", "2" }, { "a", "3" } };

        Assert.Equal("3", metadata.GetValue("A"));
        Assert.Null(metadata.GetValue("c"));
        Assert.Throws<InvalidOperationException>(() => new Metadata { { "x-bin", [1] } }.GetValue("x-bin"));
    }

    [Fact]
    public void Any_value_decodes_or_is_left_out() =>
        ParserFuzz.RunText(text => MetadataCodec.Decode("x-bin", text, []), ["AP8=", "AA,AQ", ",,", "===="]);
}

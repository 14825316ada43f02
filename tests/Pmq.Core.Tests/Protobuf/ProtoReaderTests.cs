using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using Pmq.Core.Protobuf;
using Pmq.Testing;

namespace Pmq.Core.Tests.Protobuf;

public sealed class ProtoReaderTests
{
    [Fact]
    public void Fields_have_the_bytes_of_the_protobuf_encoding()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new ProtoWriter(buffer);
        writer.WriteVarint(1, 150);
        writer.WriteString(2, "testing");
        writer.WriteBytes(16, [1, 2]);
        writer.WriteVarint(3, unchecked((ulong)-2L));

        // protobuf.dev, "Encoding": 08 96 01 and 12 07 74 65 73 74 69 6e 67; a negative int64 takes ten bytes.
        Assert.Equal(
            "089601" + "120774657374696e67" + "8201020102" + "18feffffffffffffffff01",
            Convert.ToHexStringLower(buffer.WrittenSpan));
        Assert.Equal(3, ProtoWriter.SizeOfVarint(1, 150));
        Assert.Equal(9, ProtoWriter.SizeOfBytes(2, 7));
        Assert.Equal(5, ProtoWriter.SizeOfBytes(16, 2));
    }

    [Fact]
    public void Fields_are_read_in_order_and_unread_ones_are_skipped()
    {
        byte[] source = Convert.FromHexString("089601" + "120774657374696e67" + "1d01020304" + "210102030405060708" + "0801");
        var reader = new ProtoReader(source);

        Assert.True(reader.Next());
        Assert.Equal((1, WireType.Varint), (reader.FieldNumber, reader.WireType));
        Assert.True(reader.TryReadVarint(out ulong value));
        Assert.Equal(150UL, value);

        Assert.True(reader.Next());
        Assert.True(reader.TryReadRange(out Range range));
        Assert.Equal("testing"u8.ToArray(), source[range]);

        Assert.True(reader.Next());
        Assert.Equal((3, WireType.Fixed32), (reader.FieldNumber, reader.WireType));
        Assert.True(reader.Next());
        Assert.True(reader.TryReadFixed64(out ulong word));
        Assert.Equal(0x0807060504030201UL, word);
        Assert.True(reader.Next());
        Assert.False(reader.Next());
        Assert.False(reader.Malformed);
    }

    [Theory]
    [InlineData("00", "field number zero")]
    [InlineData("80", "a tag cut off")]
    [InlineData("08", "a varint cut off")]
    [InlineData("0880", "a varint cut off")]
    [InlineData("08ffffffffffffffffff02", "a varint above 64 bits")]
    [InlineData("0880808080808080808080808000", "a varint of 13 bytes")]
    [InlineData("1205616263", "a length beyond the end")]
    [InlineData("12ffffffffffffffff7f", "a length above the memory")]
    [InlineData("12ffffffffffffffffff01", "a length of 64 set bits")]
    [InlineData("0b", "a group starts")]
    [InlineData("0c", "a group ends")]
    [InlineData("0e", "wire type 6")]
    [InlineData("0f", "wire type 7")]
    [InlineData("1d010203", "fixed32 cut off")]
    [InlineData("1901020304050607", "fixed64 cut off")]
    [InlineData("888080801000", "field number 2^29")]
    public void Broken_bytes_are_malformed(string hex, string why)
    {
        var reader = new ProtoReader(Convert.FromHexString(hex));
        while (reader.Next())
        {
        }

        Assert.True(reader.Malformed, why);
    }

    [Fact]
    public void A_field_of_another_wire_type_than_asked_is_malformed()
    {
        var reader = new ProtoReader([0x08, 0x01, 0x08, 0x01]);
        Assert.True(reader.Next());
        Assert.False(reader.TryReadBytes(out ReadOnlySpan<byte> bytes));
        Assert.True(bytes.IsEmpty);
        Assert.True(reader.Malformed);
        Assert.False(reader.Next());
    }

    [Fact]
    public void A_value_is_read_once()
    {
        var reader = new ProtoReader([0x08, 0x01, 0x08, 0x02]);
        Assert.False(reader.TryReadVarint(out _));

        reader = new ProtoReader([0x08, 0x01, 0x08, 0x02]);
        Assert.True(reader.Next());
        Assert.True(reader.TryReadVarint(out _));
        Assert.False(reader.TryReadVarint(out _));
        Assert.True(reader.Malformed);
    }

    [Fact]
    public void Whatever_is_written_is_read_again() =>
        Prop.ForAll<Tuple<ulong, byte[], string, ushort>>(input =>
        {
            (ulong number, byte[]? bytes, string? text, ushort field) = input;
            (bytes, text) = (bytes ?? [], text ?? string.Empty);
            var buffer = new ArrayBufferWriter<byte>();
            var writer = new ProtoWriter(buffer);
            writer.WriteVarint(field + 1, number);
            writer.WriteBytes(field + 2, bytes);
            writer.WriteString(field + 3, text);
            int size = ProtoWriter.SizeOfVarint(field + 1, number) + ProtoWriter.SizeOfBytes(field + 2, bytes.Length)
                + ProtoWriter.SizeOfBytes(field + 3, System.Text.Encoding.UTF8.GetByteCount(text));

            var reader = new ProtoReader(buffer.WrittenSpan);
            return buffer.WrittenCount == size
                && reader.Next() && reader.FieldNumber == field + 1 && reader.TryReadVarint(out ulong readNumber) && readNumber == number
                && reader.Next() && reader.FieldNumber == field + 2 && reader.TryReadBytes(out ReadOnlySpan<byte> readBytes) && readBytes.SequenceEqual(bytes)
                && reader.Next() && reader.TryReadBytes(out ReadOnlySpan<byte> readText) && readText.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(text))
                && !reader.Next() && !reader.Malformed;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_bytes_give_fields_or_an_end() =>
        ParserFuzz.Run(
            input =>
            {
                var reader = new ProtoReader(input);
                int last = 0;
                while (reader.Next())
                {
                    _ = reader.WireType switch
                    {
                        WireType.Varint => reader.TryReadVarint(out _),
                        WireType.LengthDelimited => reader.TryReadBytes(out _),
                        WireType.Fixed64 => reader.TryReadFixed64(out _),
                        _ => reader.Skip(),
                    };
                    if (reader.Position <= last || reader.Position > input.Length)
                    {
                        throw new InvalidOperationException("The reader does not move forward.");
                    }

                    last = reader.Position;
                }

                if (!reader.Malformed && reader.Position != input.Length)
                {
                    throw new InvalidOperationException("The reader ended early without a reason.");
                }
            },
            [Convert.FromHexString("089601120774657374696e671d0102030421010203040506070818feffffffffffffffff01")]);
}

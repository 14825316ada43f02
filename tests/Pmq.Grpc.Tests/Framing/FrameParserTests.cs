using System.Buffers;
using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Pmq.Grpc.Framing;
using Pmq.Testing;

namespace Pmq.Grpc.Tests.Framing;

public sealed class FrameParserTests
{
    private const int Max = 1000;

    [Fact]
    public void A_message_is_found_behind_its_header()
    {
        var (status, message, length) = Read([0, 0, 0, 0, 3, 7, 8, 9, 0xFF]);

        Assert.Equal(FrameStatus.Message, status);
        Assert.Equal(3u, length);
        Assert.Equal([7, 8, 9], message);
    }

    [Fact]
    public void A_message_may_be_empty()
    {
        var (status, message, _) = Read([0, 0, 0, 0, 0]);

        Assert.Equal(FrameStatus.Message, status);
        Assert.Empty(message);
    }

    [Fact]
    public void Every_beginning_of_a_message_is_incomplete()
    {
        byte[] frame = [0, 0, 0, 0, 3, 7, 8, 9];
        for (var length = 0; length < frame.Length; length++)
        {
            Assert.Equal(FrameStatus.Incomplete, Read(frame[..length]).Status);
        }
    }

    [Fact]
    public void A_length_above_the_limit_is_refused_from_the_header_alone()
    {
        Assert.Equal((FrameStatus.TooLarge, 1001u), Without(Read([0, 0, 0, 0x03, 0xE9])));
        Assert.Equal((FrameStatus.Incomplete, 1000u), Without(Read([0, 0, 0, 0x03, 0xE8])));
        Assert.Equal((FrameStatus.TooLarge, uint.MaxValue), Without(Read([0, 0xFF, 0xFF, 0xFF, 0xFF])));
    }

    [Theory]
    [InlineData(1, nameof(FrameStatus.Compressed))]
    [InlineData(2, nameof(FrameStatus.BadFlag))]
    [InlineData(0x80, nameof(FrameStatus.BadFlag))]
    [InlineData(0xFF, nameof(FrameStatus.BadFlag))]
    public void A_flag_other_than_zero_is_named_from_the_first_byte(byte flag, string expected) =>
        Assert.Equal(expected, Read([flag]).Status.ToString());

    [Fact]
    public void Messages_come_out_as_they_went_in_however_the_bytes_are_cut()
    {
        var messages = Gen.ListOf(ArbMap.Default.GeneratorFor<byte[]>()).Select(list => list.ToArray());
        var cuts = Gen.Choose(1, 9).ArrayOf();
        Prop.ForAll(messages.ToArbitrary(), cuts.ToArbitrary(), (sent, sizes) =>
        {
            var bytes = sent.SelectMany(Frame).ToArray();
            var source = Segments(bytes, sizes);
            var received = new List<byte[]>();
            while (FrameParser.Read(source, int.MaxValue, out var message, out _) == FrameStatus.Message)
            {
                received.Add(message.ToArray());
                source = source.Slice(message.End);
            }

            return source.IsEmpty && received.Count == sent.Length
                && received.Zip(sent).All(pair => pair.First.SequenceEqual(pair.Second));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Any_bytes_give_a_status_and_allocate_nothing_of_note()
    {
        byte[][] corpus =
            [[.. Frame([]), .. Frame([1, 2, 3])], Frame(new byte[Max]), [0, 0, 0, 3, 233], [1, 0, 0, 0, 0]];
        ParserFuzz.RunMemory(
            input =>
            {
                var source = input.Length < 6
                    ? new ReadOnlySequence<byte>(input)
                    : Segment.Join(input[..(input.Length / 2)], input[(input.Length / 2)..]);
                while (FrameParser.Read(source, Max, out var message, out var length) == FrameStatus.Message)
                {
                    Assert.True(length <= Max && message.Length == length);
                    source = source.Slice(message.End);
                }
            },
            corpus);
    }

    internal static byte[] Frame(byte[] message)
    {
        var frame = new byte[message.Length + FrameParser.HeaderLength];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, FrameParser.HeaderLength);
        return frame;
    }

    private static (FrameStatus Status, byte[] Message, uint Length) Read(byte[] bytes)
    {
        var status = FrameParser.Read(new ReadOnlySequence<byte>(bytes), Max, out var message, out var length);
        var cut = FrameParser.Read(Segments(bytes, [1]), Max, out var sameMessage, out var sameLength);
        Assert.Equal((status, length), (cut, sameLength));
        Assert.Equal(message.ToArray(), sameMessage.ToArray());
        return (status, message.ToArray(), length);
    }

    private static (FrameStatus, uint) Without((FrameStatus Status, byte[] Message, uint Length) read) =>
        (read.Status, read.Length);

    private static ReadOnlySequence<byte> Segments(byte[] bytes, int[] sizes)
    {
        var parts = new List<ReadOnlyMemory<byte>>();
        var rest = bytes.AsMemory();
        for (var i = 0; !rest.IsEmpty; i++)
        {
            var size = sizes.Length == 0 ? rest.Length : Math.Min(sizes[i % sizes.Length], rest.Length);
            parts.Add(rest[..size]);
            rest = rest[size..];
        }

        return Segment.Join([.. parts]);
    }
}

using System.Buffers;
using Grpc.Core;
using Pmq.Grpc.Framing;

namespace Pmq.Grpc.Tests.Framing;

public sealed class FrameWriterTests
{
    private readonly ArrayBufferWriter<byte> _output = new();

    [Fact]
    public void A_message_goes_behind_its_length()
    {
        var writer = new FrameWriter(_output);
        writer.Write("x", Marshaller((_, context) =>
        {
            context.SetPayloadLength(2);
            context.GetBufferWriter().Write<byte>([8, 9]);
            context.Complete();
        }));
        writer.Write("y", Marshaller((_, context) => context.Complete([7])));

        Assert.Equal([0, 0, 0, 0, 2, 8, 9, 0, 0, 0, 0, 1, 7], _output.WrittenSpan.ToArray());
    }

    [Fact]
    public void A_serializer_that_does_not_keep_the_order_is_a_fault()
    {
        var writer = new FrameWriter(_output);

        Assert.Throws<InvalidOperationException>(() => writer.Write("x", Marshaller((_, _) => { })));
        Assert.Throws<InvalidOperationException>(
            () => writer.Write("x", Marshaller((_, context) => context.GetBufferWriter())));
        Assert.Throws<InvalidOperationException>(() => writer.Write("x", Marshaller((_, context) =>
        {
            context.SetPayloadLength(1);
            context.SetPayloadLength(1);
        })));
    }

    private static Marshaller<string> Marshaller(Action<string, SerializationContext> serializer) =>
        Marshallers.Create(
            serializer, context => context.PayloadLength.ToString(System.Globalization.CultureInfo.InvariantCulture));
}

using System.IO.Pipelines;
using FsCheck;
using FsCheck.Fluent;
using Grpc.Core;
using Pmq.Grpc.Framing;

namespace Pmq.Grpc.Tests.Framing;

public sealed class MessageReaderTests
{
    private static readonly Marshaller<byte[]> Bytes =
        Marshallers.Create<byte[]>(
            (message, context) => context.Complete(message), context => context.PayloadAsNewBuffer());

    [Fact]
    public void Messages_come_out_as_they_went_in_however_the_bytes_arrive()
    {
        var messages = Gen.ListOf(ArbMap.Default.GeneratorFor<byte[]>()).Select(list => list.ToArray());
        var cuts = Gen.Choose(1, 9).NonEmptyListOf().Select(list => list.ToArray());
        Prop.ForAll(messages.ToArbitrary(), cuts.ToArbitrary(), (sent, sizes) =>
        {
            var received = RunAsync(sent, sizes).GetAwaiter().GetResult();
            return received.Count == sent.Length
                && received.Zip(sent).All(pair => pair.First.SequenceEqual(pair.Second));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task A_burst_is_taken_with_one_read()
    {
        var pipe = new Pipe();
        var reader = new MessageReader<byte[]>(pipe.Reader, Bytes, 100);
        Assert.False(reader.TryTake(out _));
        await pipe.Writer.WriteAsync((byte[])[.. FrameParserTests.Frame([1]), .. FrameParserTests.Frame([2]), 0]);

        Assert.Equal([1], (await reader.ReadAsync(CancellationToken.None))!);
        Assert.True(reader.TryTake(out var second));
        Assert.Equal([2], second);
        Assert.False(reader.TryTake(out _));
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing()
    {
        var pipe = new Pipe();
        var reader = new MessageReader<byte[]>(pipe.Reader, Bytes, 100);
        byte[] frame = FrameParserTests.Frame([1, 2, 3]);
        await pipe.Writer.WriteAsync(frame.AsMemory(0, 6));
        using var cancel = new CancellationTokenSource();
        var read = reader.ReadAsync(cancel.Token).AsTask();

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        await pipe.Writer.WriteAsync(frame.AsMemory(6));

        Assert.Equal([1, 2, 3], (await reader.ReadAsync(CancellationToken.None))!);
    }

    [Fact]
    public async Task What_no_deserializer_can_read_is_internal_and_keeps_the_cause()
    {
        var pipe = new Pipe();
        var reader = new MessageReader<byte[]>(
            pipe.Reader, Marshallers.Create<byte[]>((_, _) => { }, _ => throw new FormatException("why")), 100);
        await pipe.Writer.WriteAsync(FrameParserTests.Frame([1]));

        var error = await Assert.ThrowsAsync<RpcException>(() => reader.ReadAsync(CancellationToken.None).AsTask());

        Assert.Equal(StatusCode.Internal, error.StatusCode);
        Assert.IsType<FormatException>(error.InnerException);
    }

    private static async Task<List<byte[]>> RunAsync(byte[][] sent, int[] sizes)
    {
        var pipe = new Pipe();
        var reader = new MessageReader<byte[]>(pipe.Reader, Bytes, int.MaxValue);
        var received = new List<byte[]>();
        var reading = Task.Run(async () =>
        {
            while (await reader.ReadAsync(CancellationToken.None) is { } message)
            {
                received.Add(message);
            }
        });
        var rest = sent.SelectMany(FrameParserTests.Frame).ToArray().AsMemory();
        for (var i = 0; !rest.IsEmpty; i++)
        {
            var size = Math.Min(sizes[i % sizes.Length], rest.Length);
            await pipe.Writer.WriteAsync(rest[..size]);
            rest = rest[size..];
        }

        await pipe.Writer.CompleteAsync();
        await reading;
        return received;
    }
}

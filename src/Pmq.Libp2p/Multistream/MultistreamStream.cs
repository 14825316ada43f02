using System.Buffers;
using System.IO.Pipelines;
using Pmq.Core.Hosting;

namespace Pmq.Libp2p.Multistream;

/// <summary>Runs a negotiation on a stream; what follows it stays unread in the stream's input.</summary>
internal static class MultistreamStream
{
    /// <summary>Negotiates, our first tokens included. A stream that breaks meanwhile is a result, not an exception.</summary>
    public static ValueTask<MultistreamResult> RunAsync(
        IStream stream, MultistreamNegotiation negotiation, CancellationToken cancellationToken)
    {
        var output = new ArrayBufferWriter<byte>(128);
        negotiation.Start(output);
        return FinishAsync(stream, negotiation, output, cancellationToken);
    }

    /// <summary>Goes on with a negotiation whose first tokens have been sent.</summary>
    public static ValueTask<MultistreamResult> FinishAsync(
        IStream stream, MultistreamNegotiation negotiation, CancellationToken cancellationToken) =>
        FinishAsync(stream, negotiation, new ArrayBufferWriter<byte>(32), cancellationToken);

    private static async ValueTask<MultistreamResult> FinishAsync(
        IStream stream,
        MultistreamNegotiation negotiation,
        ArrayBufferWriter<byte> output,
        CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (output.WrittenCount > 0)
                {
                    await WriteAsync(stream, negotiation, output, cancellationToken);
                }

                if (negotiation.State != NegotiationState.Running)
                {
                    return Result(negotiation, null);
                }

                await ReadAsync(stream.Input, negotiation, output, cancellationToken);
            }
        }
        catch (StreamException broken)
        {
            return Result(negotiation, broken);
        }
    }

    private static MultistreamResult Result(MultistreamNegotiation negotiation, StreamException? broken) =>
        new(negotiation.State, negotiation.Selected, negotiation.Violation, ReadOnlyMemory<byte>.Empty, broken);

    private static async ValueTask ReadAsync(
        PipeReader input,
        MultistreamNegotiation negotiation,
        ArrayBufferWriter<byte> output,
        CancellationToken cancellationToken)
    {
        ReadResult read = await input.ReadAsync(cancellationToken);
        ReadOnlySequence<byte> buffer = read.Buffer;
        int consumed = Handle(negotiation, buffer, output);
        SequencePosition position = buffer.GetPosition(consumed);
        bool stuck = consumed == 0 && negotiation.State == NegotiationState.Running;
        input.AdvanceTo(position, stuck ? buffer.End : position);
        if (read.IsCompleted && stuck)
        {
            negotiation.HandleEnd();
        }
    }

    private static async ValueTask WriteAsync(
        IStream stream,
        MultistreamNegotiation negotiation,
        ArrayBufferWriter<byte> output,
        CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(output.WrittenMemory, cancellationToken);
        }
        catch (StreamException error)
            when (negotiation.State == NegotiationState.Selected && error.Reason != StreamFault.ConnectionClosed)
        {
            // A peer that sent its proposal with all its data may be gone before our answer: the data is good all the same.
        }

        output.ResetWrittenCount();
    }

    /// <summary>A token is short and nearly always lies in one segment; otherwise its bytes are gathered.</summary>
    private static int Handle(
        MultistreamNegotiation negotiation, ReadOnlySequence<byte> buffer, ArrayBufferWriter<byte> output)
    {
        if (buffer.IsSingleSegment)
        {
            return negotiation.Handle(buffer.FirstSpan, output);
        }

        int length = (int)Math.Min(buffer.Length, negotiation.BufferBytes);
        byte[] gathered = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            buffer.Slice(0, length).CopyTo(gathered);
            return negotiation.Handle(gathered.AsSpan(0, length), output);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(gathered);
        }
    }
}

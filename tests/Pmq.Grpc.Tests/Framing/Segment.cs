using System.Buffers;

namespace Pmq.Grpc.Tests.Framing;

/// <summary>A piece of a sequence that is not in one piece.</summary>
internal sealed class Segment : ReadOnlySequenceSegment<byte>
{
    public static ReadOnlySequence<byte> Join(params ReadOnlyMemory<byte>[] parts)
    {
        if (parts.Length == 0)
        {
            return ReadOnlySequence<byte>.Empty;
        }

        var first = new Segment { Memory = parts[0] };
        var last = first;
        foreach (var part in parts.AsSpan(1))
        {
            var next = new Segment { Memory = part, RunningIndex = last.RunningIndex + last.Memory.Length };
            last.Next = next;
            last = next;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}

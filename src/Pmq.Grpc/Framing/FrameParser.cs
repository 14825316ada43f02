using System.Buffers;
using System.Buffers.Binary;

namespace Pmq.Grpc.Framing;

/// <summary>
/// Finds the messages in a stream of bytes. Pure and total: any bytes give a status, nothing is allocated.
/// </summary>
/// <remarks>Spec: gRPC over HTTP/2, Length-Prefixed-Message.</remarks>
internal static class FrameParser
{
    /// <summary>Bytes ahead of each message.</summary>
    public const int HeaderLength = 5;

    /// <summary>
    /// Looks at the start of <paramref name="source"/>. Of a message, <paramref name="message"/> is its bytes in place
    /// and <c>message.End</c> is where the next one starts.
    /// </summary>
    /// <param name="source">The stream from the start of a message.</param>
    /// <param name="maxMessageBytes">The longest message allowed, without its header.</param>
    /// <param name="message">The message; empty unless the status is <see cref="FrameStatus.Message"/>.</param>
    /// <param name="length">The stated length in bytes; 0 when the header is not whole.</param>
    public static FrameStatus Read(
        in ReadOnlySequence<byte> source, int maxMessageBytes, out ReadOnlySequence<byte> message, out uint length)
    {
        // Compressed-Flag: u8 (0 or 1) | Message-Length: u32 big endian | Message
        message = default;
        length = 0;
        Span<byte> copy = stackalloc byte[HeaderLength];
        scoped var header = source.FirstSpan;
        if (header.Length < HeaderLength)
        {
            var available = (int)Math.Min(source.Length, HeaderLength);
            source.Slice(0, available).CopyTo(copy);
            header = copy[..available];
        }

        if (header.IsEmpty)
        {
            return FrameStatus.Incomplete;
        }

        if (header[0] != 0)
        {
            return header[0] == 1 ? FrameStatus.Compressed : FrameStatus.BadFlag;
        }

        if (header.Length < HeaderLength)
        {
            return FrameStatus.Incomplete;
        }

        length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (length > (uint)maxMessageBytes)
        {
            return FrameStatus.TooLarge;
        }

        if (source.Length - HeaderLength < length)
        {
            return FrameStatus.Incomplete;
        }

        message = source.Slice(HeaderLength, length);
        return FrameStatus.Message;
    }
}

using System.Buffers.Binary;

namespace Pmq.Libp2p.Yamux;

/// <summary>The kind of a frame.</summary>
internal enum YamuxFrameType : byte
{
    /// <summary>Bytes of a stream; the only frame with a body.</summary>
    Data = 0,

    /// <summary>Grants the other side credit on a stream.</summary>
    WindowUpdate = 1,

    /// <summary>Asks for, or gives, a sign of life.</summary>
    Ping = 2,

    /// <summary>Says that the session ends.</summary>
    GoAway = 3,
}

/// <summary>What a frame does to its stream besides its type.</summary>
[Flags]
internal enum YamuxFlags : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Opens the stream; on a ping: the question.</summary>
    Syn = 1,

    /// <summary>Accepts the stream; on a ping: the answer.</summary>
    Ack = 2,

    /// <summary>The sender writes no more.</summary>
    Fin = 4,

    /// <summary>Ends the stream at once, in both directions.</summary>
    Rst = 8,
}

/// <summary>The header of a frame.</summary>
/// <param name="Type">The kind of the frame.</param>
/// <param name="Flags">Unknown flags are kept and ignored.</param>
/// <param name="StreamId">The stream; 0 for the session.</param>
/// <param name="Length">Data: bytes of the body. WindowUpdate: credit. Ping: an opaque value. GoAway: the
/// reason.</param>
internal readonly record struct YamuxHeader(YamuxFrameType Type, YamuxFlags Flags, uint StreamId, uint Length)
{
    /// <summary>The bytes of a header.</summary>
    public const int Size = 12;

    /// <summary>Reads a header of 12 bytes.</summary>
    public static YamuxViolation Read(ReadOnlySpan<byte> source, out YamuxHeader header)
    {
        // Version (1, zero), type (1), flags (2), stream id (4), length (4); big endian. Spec: yamux/README.md,
        // Framing.
        header = new YamuxHeader(
            (YamuxFrameType)source[1],
            (YamuxFlags)BinaryPrimitives.ReadUInt16BigEndian(source[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[8..]));
        return source[0] != 0 ? YamuxViolation.UnknownVersion
            : header.Type > YamuxFrameType.GoAway ? YamuxViolation.UnknownFrameType
            : YamuxViolation.None;
    }

    /// <summary>Writes the 12 bytes of the header.</summary>
    public void Write(Span<byte> destination)
    {
        destination[0] = 0;
        destination[1] = (byte)Type;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)Flags);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], StreamId);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Length);
    }
}

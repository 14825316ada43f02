using System.Buffers;
using System.Numerics;

namespace Pmq.Core.Protobuf;

/// <summary>Writes protobuf fields to a buffer writer, in the order of the calls, with minimal varints.</summary>
public readonly ref struct ProtoWriter
{
    private const int MaxVarintLength = 10;

    private readonly IBufferWriter<byte> _destination;

    /// <summary>Writes to <paramref name="destination"/>.</summary>
    public ProtoWriter(IBufferWriter<byte> destination) => _destination = destination;

    /// <summary>A varint field. A negative int32 or int64 is passed as its sign-extended 64 bits.</summary>
    public void WriteVarint(int field, ulong value) => WritePair(Tag(field, WireType.Varint), value);

    /// <summary>A length-delimited field.</summary>
    public void WriteBytes(int field, scoped ReadOnlySpan<byte> value)
    {
        WriteLengthPrefix(field, value.Length);
        _destination.Write(value);
    }

    /// <summary>A UTF-8 string field.</summary>
    public void WriteString(int field, scoped ReadOnlySpan<char> value)
    {
        int length = System.Text.Encoding.UTF8.GetByteCount(value);
        WriteLengthPrefix(field, length);
        Span<byte> span = _destination.GetSpan(length);
        _destination.Advance(System.Text.Encoding.UTF8.GetBytes(value, span));
    }

    /// <summary>
    /// The tag and length of a length-delimited field whose <paramref name="length"/> bytes the caller writes next.
    /// </summary>
    public void WriteLengthPrefix(int field, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        WritePair(Tag(field, WireType.LengthDelimited), (ulong)length);
    }

    /// <summary>
    /// The size of a length-delimited field with <paramref name="length"/> bytes of content, tag included.
    /// </summary>
    public static int SizeOfBytes(int field, int length) =>
        checked(SizeOf(Tag(field, WireType.LengthDelimited)) + SizeOf((ulong)length) + length);

    /// <summary>The size of a varint field, tag included.</summary>
    public static int SizeOfVarint(int field, ulong value) => SizeOf(Tag(field, WireType.Varint)) + SizeOf(value);

    private void WritePair(ulong tag, ulong value)
    {
        Span<byte> span = _destination.GetSpan(2 * MaxVarintLength);
        int length = Put(span, tag);
        length += Put(span[length..], value);
        _destination.Advance(length);
    }

    private static ulong Tag(int field, WireType type) => ((ulong)(uint)field << 3) | (uint)type;

    private static int SizeOf(ulong value) => (BitOperations.Log2(value | 1) / 7) + 1;

    private static int Put(Span<byte> destination, ulong value)
    {
        int i = 0;
        while (value >= 0x80)
        {
            destination[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[i++] = (byte)value;
        return i;
    }
}

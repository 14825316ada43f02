using System.Buffers;

namespace Pmq.Core.Protobuf;

/// <summary>Writes protobuf fields to a buffer writer, in the order of the calls.</summary>
public readonly ref struct ProtoWriter
{
    /// <summary>Writes to <paramref name="destination"/>.</summary>
    public ProtoWriter(IBufferWriter<byte> destination) => throw new NotImplementedException();

    /// <summary>A varint field.</summary>
    public void WriteVarint(int field, ulong value) => throw new NotImplementedException();

    /// <summary>A length-delimited field.</summary>
    public void WriteBytes(int field, scoped ReadOnlySpan<byte> value) => throw new NotImplementedException();

    /// <summary>A UTF-8 string field.</summary>
    public void WriteString(int field, scoped ReadOnlySpan<char> value) => throw new NotImplementedException();

    /// <summary>The tag and length of a length-delimited field whose <paramref name="length"/> bytes the caller writes next.</summary>
    public void WriteLengthPrefix(int field, int length) => throw new NotImplementedException();

    /// <summary>The size of a length-delimited field with <paramref name="length"/> bytes of content, tag included.</summary>
    public static int SizeOfBytes(int field, int length) => throw new NotImplementedException();

    /// <summary>The size of a varint field, tag included.</summary>
    public static int SizeOfVarint(int field, ulong value) => throw new NotImplementedException();
}

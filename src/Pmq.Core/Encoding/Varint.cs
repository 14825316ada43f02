namespace Pmq.Core.Encoding;

/// <summary>Unsigned LEB128, at most 9 bytes (63 bits), minimal (multiformats unsigned-varint).</summary>
public static class Varint
{
    /// <summary>The longest encoding in bytes.</summary>
    public const int MaxLength = 9;

    /// <summary>Bytes that <paramref name="value"/> takes.</summary>
    public static int LengthOf(ulong value) => throw new NotImplementedException();

    /// <summary>Writes <paramref name="value"/>; returns the bytes written.</summary>
    public static int Write(Span<byte> destination, ulong value) => throw new NotImplementedException();

    /// <summary>Reads one varint from the start of <paramref name="source"/>.</summary>
    public static VarintStatus Read(ReadOnlySpan<byte> source, out ulong value, out int length) => throw new NotImplementedException();
}

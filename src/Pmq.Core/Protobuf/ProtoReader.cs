namespace Pmq.Core.Protobuf;

/// <summary>
/// Reads protobuf fields from a span without allocating. Total: any bytes give fields, an end, or <see cref="Malformed"/>.
/// Unknown fields are skipped with <see cref="Skip"/>; groups are refused.
/// </summary>
public ref struct ProtoReader
{
    /// <summary>Reads <paramref name="source"/>.</summary>
    public ProtoReader(ReadOnlySpan<byte> source) => throw new NotImplementedException();

    /// <summary>The number of the field at hand.</summary>
    public int FieldNumber { get; private set; }

    /// <summary>The wire type of the field at hand.</summary>
    public WireType WireType { get; private set; }

    /// <summary>Whether the bytes broke protobuf; reading stops there.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Moves to the next field; false at the end or when malformed.</summary>
    public bool Next() => throw new NotImplementedException();

    /// <summary>Reads a varint field; false, and <see cref="Malformed"/>, if it is none.</summary>
    public bool TryReadVarint(out ulong value) => throw new NotImplementedException();

    /// <summary>Reads a length-delimited field as a slice of the source.</summary>
    public bool TryReadBytes(out ReadOnlySpan<byte> value) => throw new NotImplementedException();

    /// <summary>As <see cref="TryReadBytes"/>, as offset and length in the source, for callers that hold the memory.</summary>
    public bool TryReadRange(out Range range) => throw new NotImplementedException();

    /// <summary>Skips the field at hand.</summary>
    public bool Skip() => throw new NotImplementedException();
}

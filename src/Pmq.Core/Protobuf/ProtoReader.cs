namespace Pmq.Core.Protobuf;

/// <summary>
/// Reads protobuf fields from a span without allocating. Total: any bytes give fields, an end, or
/// <see cref="Malformed"/>. Unknown fields are skipped with <see cref="Skip"/>, or by the next <see cref="Next"/>;
/// groups are refused.
/// </summary>
/// <remarks>
/// Varints may be longer than needed, as protobuf allows, but not above 64 bits. A length beyond the source is
/// malformed before anything is sliced. The limits of a message (counts, sizes) are its reader's to keep.
/// </remarks>
public ref struct ProtoReader
{
    private const int MaxFieldNumber = (1 << 29) - 1;

    private readonly ReadOnlySpan<byte> _source;
    private int _position;
    private bool _pending;

    /// <summary>Reads <paramref name="source"/>.</summary>
    public ProtoReader(ReadOnlySpan<byte> source) => _source = source;

    /// <summary>The number of the field at hand, 1 to 2²⁹−1.</summary>
    public int FieldNumber { get; private set; }

    /// <summary>The wire type of the field at hand.</summary>
    public WireType WireType { get; private set; }

    /// <summary>
    /// Whether the bytes broke protobuf, or a field had another wire type than was read; reading stops there.
    /// </summary>
    public bool Malformed { get; private set; }

    /// <summary>Where in the source the reader stands: after what was read last.</summary>
    public readonly int Position => _position;

    /// <summary>
    /// Moves to the next field, skipping the value of the last one if nobody read it; false at the end or when
    /// malformed.
    /// </summary>
    public bool Next()
    {
        if ((_pending && !Skip()) || Malformed || _position == _source.Length)
        {
            return false;
        }

        // Tag: varint(field number << 3 | wire type).
        if (!TryVarint(out ulong tag))
        {
            return false;
        }

        ulong field = tag >> 3;
        int type = (int)(tag & 7);
        if (field is 0 or > MaxFieldNumber || type is 3 or 4 or > 5)
        {
            return Fail();
        }

        FieldNumber = (int)field;
        WireType = (WireType)type;
        _pending = true;
        return true;
    }

    /// <summary>Reads a varint field; false, and <see cref="Malformed"/>, if it is none.</summary>
    public bool TryReadVarint(out ulong value)
    {
        value = 0;
        return Take(WireType.Varint) && TryVarint(out value);
    }

    /// <summary>Reads a length-delimited field as a slice of the source.</summary>
    public bool TryReadBytes(out ReadOnlySpan<byte> value)
    {
        bool read = TryReadRange(out int start, out int length);
        value = _source.Slice(start, length);
        return read;
    }

    /// <summary>As <see cref="TryReadBytes"/>, as a range of the source, for callers that hold the memory.</summary>
    public bool TryReadRange(out Range range)
    {
        bool read = TryReadRange(out int start, out int length);
        range = start..(start + length);
        return read;
    }

    /// <summary>Reads a fixed 64-bit field.</summary>
    public bool TryReadFixed64(out ulong value)
    {
        value = 0;
        if (!Take(WireType.Fixed64) || !Has(sizeof(ulong)))
        {
            return false;
        }

        value = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(_source[_position..]);
        _position += sizeof(ulong);
        return true;
    }

    /// <summary>Skips the field at hand.</summary>
    public bool Skip()
    {
        if (!Take(WireType))
        {
            return false;
        }

        switch (WireType)
        {
            case WireType.Varint:
                return TryVarint(out _);
            case WireType.LengthDelimited:
                return TryLengthDelimited(out _, out _);
            default:
                int size = WireType == WireType.Fixed64 ? sizeof(ulong) : sizeof(uint);
                if (!Has(size))
                {
                    return false;
                }

                _position += size;
                return true;
        }
    }

    private bool TryReadRange(out int start, out int length)
    {
        (start, length) = (0, 0);
        return Take(WireType.LengthDelimited) && TryLengthDelimited(out start, out length);
    }

    private bool Take(WireType type)
    {
        if (!_pending || WireType != type)
        {
            return Fail();
        }

        _pending = false;
        return true;
    }

    private bool TryLengthDelimited(out int start, out int length)
    {
        (start, length) = (0, 0);
        if (!TryVarint(out ulong size))
        {
            return false;
        }

        if (size > (ulong)(_source.Length - _position))
        {
            return Fail();
        }

        (start, length) = (_position, (int)size);
        _position += length;
        return true;
    }

    private bool TryVarint(out ulong value)
    {
        ulong sum = 0;
        value = 0;
        for (int shift = 0; shift < 70 && _position < _source.Length; shift += 7)
        {
            byte b = _source[_position++];
            if (shift == 63 && b > 1)
            {
                return Fail();
            }

            sum |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                value = sum;
                return true;
            }
        }

        return Fail();
    }

    private bool Has(int count) => _source.Length - _position >= count || Fail();

    private bool Fail()
    {
        Malformed = true;
        _pending = false;
        return false;
    }
}

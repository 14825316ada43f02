namespace Pmq.Core.Encoding;

/// <summary>
/// Reads the few shapes of DER that keys and signatures have. Total and strict: one encoding for each value.
/// </summary>
internal ref struct DerReader(ReadOnlySpan<byte> source)
{
    public const byte Integer = 0x02;
    public const byte BitString = 0x03;
    public const byte Sequence = 0x30;

    private ReadOnlySpan<byte> _rest = source;

    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Reads an element of <paramref name="tag"/> with its shortest length form.</summary>
    public bool TryRead(byte tag, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (_rest.Length < 2 || _rest[0] != tag)
        {
            return false;
        }

        int length = _rest[1];
        int header = 2;
        if (length >= 0x80)
        {
            int size = length & 0x7F;
            if (size is 0 or > 3 || _rest.Length < 2 + size)
            {
                return false;
            }

            length = 0;
            for (; header < 2 + size; header++)
            {
                length = (length << 8) | _rest[header];
            }

            if (length < 0x80 || length >> (8 * (size - 1)) == 0)
            {
                return false;
            }
        }

        if (length > _rest.Length - header)
        {
            return false;
        }

        content = _rest.Slice(header, length);
        _rest = _rest[(header + length)..];
        return true;
    }

    /// <summary>Reads a positive INTEGER; <paramref name="magnitude"/> has no leading zero.</summary>
    public bool TryReadPositive(out ReadOnlySpan<byte> magnitude)
    {
        if (!TryRead(Integer, out magnitude) || magnitude.IsEmpty || (magnitude[0] & 0x80) != 0)
        {
            return false;
        }

        // One leading zero is there exactly when the number would read as negative without it.
        if (magnitude[0] == 0)
        {
            magnitude = magnitude[1..];
            return !magnitude.IsEmpty && (magnitude[0] & 0x80) != 0;
        }

        return true;
    }
}

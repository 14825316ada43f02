using System.Buffers;
using System.Buffers.Binary;

namespace Pmq.Verifiers.Reports;

/// <summary>
/// The 32 bytes that name a network's configuration of one epoch: the domain of its signatures (OCR: configDigest).
/// </summary>
public readonly record struct ConfigDigest
{
    /// <summary>The bytes of a digest.</summary>
    public const int Length = 32;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    /// <summary>Takes a copy of exactly 32 bytes.</summary>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public ConfigDigest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new ArgumentException($"A digest of {bytes.Length} bytes where it has {Length}.", nameof(bytes));
        }

        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>Parses 64 hexadecimal digits, with or without 0x.</summary>
    public static bool TryParse(string? text, out ConfigDigest digest)
    {
        ReadOnlySpan<char> digits = text;
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            digits = digits[2..];
        }

        Span<byte> bytes = stackalloc byte[Length];
        bool parsed = digits.Length == 2 * Length
            && Convert.FromHexString(digits, bytes, out _, out _) == OperationStatus.Done;
        digest = parsed ? new ConfigDigest(bytes) : default;
        return parsed;
    }

    /// <summary>Copies the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}

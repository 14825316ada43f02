using System.Diagnostics.CodeAnalysis;

namespace Pmq.Verifiers.Reports;

/// <summary>
/// The 32 bytes that name a network's configuration of one epoch: the domain of its signatures (OCR: configDigest).
/// </summary>
public readonly record struct ConfigDigest
{
    /// <summary>The bytes of a digest.</summary>
    public const int Length = 32;

    /// <summary>Takes a copy of exactly 32 bytes.</summary>
    public ConfigDigest(ReadOnlySpan<byte> bytes) => throw new NotImplementedException();

    /// <summary>Parses 64 hexadecimal digits, with or without 0x.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ConfigDigest? digest) =>
        throw new NotImplementedException();

    /// <summary>Copies the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination) => throw new NotImplementedException();

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => throw new NotImplementedException();
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pmq.Gossipsub.Messages;

/// <summary>
/// The id of a message: up to 32 bytes of a digest, held inline. On the wire and in text it is the lower-case
/// hexadecimal of them, by default 40 ASCII bytes.
/// </summary>
public readonly struct MessageId : IEquatable<MessageId>
{
    /// <summary>The most bytes of digest that an id holds.</summary>
    public const int MaxSize = 32;

    private readonly Digest _digest;
    private readonly int _size;

    /// <summary>An id of the bytes of <paramref name="digest"/>, 1 to 32 of them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The digest is empty or too long.</exception>
    public MessageId(ReadOnlySpan<byte> digest)
    {
        ArgumentOutOfRangeException.ThrowIfZero(digest.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digest.Length, MaxSize);
        _size = digest.Length;
        digest.CopyTo(_digest);
    }

    /// <summary>Bytes of digest; 0 for the default value, which is no id.</summary>
    public int Size => _size;

    /// <summary>Bytes of the form on the wire: two for each byte of digest.</summary>
    public int WireLength => _size * 2;

    /// <summary>The bytes of digest.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ReadOnlySpan<byte> Bytes => ((ReadOnlySpan<byte>)_digest)[.._size];

    /// <summary>The bytes of digest, then zeros up to <see cref="MaxSize"/>.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    internal ReadOnlySpan<byte> Padded => _digest;

    /// <summary>Writes the form on the wire; returns <see cref="WireLength"/>.</summary>
    /// <param name="destination">At least <see cref="WireLength"/> bytes.</param>
    public int WriteWire(Span<byte> destination)
    {
        Convert.TryToHexStringLower(Bytes, destination, out int written);
        return written;
    }

    /// <summary>
    /// Parses the form on the wire. False unless it is the lower-case hexadecimal of <paramref name="size"/> bytes.
    /// </summary>
    public static bool TryParseWire(ReadOnlySpan<byte> wire, int size, out MessageId id)
    {
        id = default;
        if (size is <= 0 or > MaxSize || wire.Length != size * 2 || wire.ContainsAnyInRange((byte)'A', (byte)'F'))
        {
            return false;
        }

        Span<byte> digest = stackalloc byte[MaxSize];
        if (Convert.FromHexString(wire, digest, out _, out int written) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        id = new MessageId(digest[..written]);
        return true;
    }

    /// <summary>Parses the text form of an id of any size; false if it is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out MessageId id)
    {
        id = default;
        Span<byte> digest = stackalloc byte[MaxSize];
        if (text.IsEmpty || text.Length % 2 != 0 || text.Length > MaxSize * 2 || text.ContainsAnyInRange('A', 'F')
            || Convert.FromHexString(text, digest, out _, out int written) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        id = new MessageId(digest[..written]);
        return true;
    }

    /// <inheritdoc />
    public bool Equals(MessageId other) => _size == other._size && Padded.SequenceEqual(other.Padded);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is MessageId other && Equals(other);

    /// <summary>The first bytes of the digest. Tables whose keys a peer can choose take a keyed hash instead.</summary>
    public override int GetHashCode() =>
        Unsafe.ReadUnaligned<int>(ref MemoryMarshal.GetReference((ReadOnlySpan<byte>)_digest));

    /// <summary>Lower-case hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(Bytes);

    /// <summary>Whether two ids are the same.</summary>
    public static bool operator ==(MessageId left, MessageId right) => left.Equals(right);

    /// <summary>Whether two ids differ.</summary>
    public static bool operator !=(MessageId left, MessageId right) => !left.Equals(right);

    [InlineArray(MaxSize)]
    private struct Digest
    {
        private byte _first;
    }
}

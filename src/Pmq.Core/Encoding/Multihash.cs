namespace Pmq.Core.Encoding;

/// <summary>A self-describing hash: varint(code) varint(length) digest (multiformats multihash).</summary>
public static class Multihash
{
    /// <summary>The digest is the input itself.</summary>
    public const ulong Identity = 0x00;

    /// <summary>SHA-256, 32 bytes.</summary>
    public const ulong Sha256 = 0x12;

    /// <summary>The longest digest that is taken, in bytes; above every hash in use (64), arbitrary.</summary>
    public const int MaxDigestLength = 128;

    /// <summary>Splits a multihash; false unless the bytes are exactly one.</summary>
    /// <param name="bytes">The whole multihash.</param>
    /// <param name="code">The hash function; not checked against the ones we know.</param>
    /// <param name="digest">A slice of <paramref name="bytes"/>.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ulong code, out ReadOnlySpan<byte> digest)
    {
        digest = default;
        if (Varint.Read(bytes, out code, out int codeLength) != VarintStatus.Done
            || Varint.Read(bytes[codeLength..], out ulong size, out int sizeLength) != VarintStatus.Done)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = bytes[(codeLength + sizeLength)..];
        if (size > MaxDigestLength || size != (ulong)rest.Length || (code == Sha256 && size != 32))
        {
            return false;
        }

        digest = rest;
        return true;
    }

    /// <summary>Makes a multihash of <paramref name="digest"/>.</summary>
    public static byte[] Create(ulong code, ReadOnlySpan<byte> digest)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digest.Length, MaxDigestLength);
        var hash = new byte[Varint.LengthOf(code) + Varint.LengthOf((ulong)digest.Length) + digest.Length];
        int length = Varint.Write(hash, code);
        length += Varint.Write(hash.AsSpan(length), (ulong)digest.Length);
        digest.CopyTo(hash.AsSpan(length));
        return hash;
    }
}

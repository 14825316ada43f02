using System.Security.Cryptography;

namespace Pmq.Interop.Tests;

/// <summary>The bulk content that both ends can make: a repeated 64 KiB block whose byte i is the low byte of i ^ (i >> 8).</summary>
internal static class Pattern
{
    public const int BlockBytes = 64 * 1024;

    public static ReadOnlyMemory<byte> Block { get; } = Make();

    /// <summary>The SHA-256 of the first <paramref name="bytes"/>.</summary>
    public static byte[] Hash(long bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long left = bytes; left > 0; left -= BlockBytes)
        {
            hash.AppendData(Block.Span[..(int)Math.Min(left, BlockBytes)]);
        }

        return hash.GetHashAndReset();
    }

    private static byte[] Make()
    {
        byte[] block = new byte[BlockBytes];
        for (int i = 0; i < block.Length; i++)
        {
            block[i] = (byte)(i ^ (i >> 8));
        }

        return block;
    }
}

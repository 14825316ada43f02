using System.Buffers;

namespace Pmq.Libp2p.Noise;

/// <summary>The arrays that connections work in. Thread-safe.</summary>
/// <remarks>
/// Large ones come from a pool that is never trimmed: the shared pool gives them up at every full collection, and
/// renting them anew, on the large object heap, brings on the next one. Measured: a tenth of all bytes carried by a
/// busy process was allocated again.
/// </remarks>
internal static class LinkBuffers
{
    private const int MaxSharedLength = 16 * 1024;
    private const int MaxLength = 256 * 1024;

    /// <summary>
    /// Free arrays kept of each size (32, 64, 128 and 256 KiB): 30 MiB at most. Arbitrary, may be raised.
    /// </summary>
    private const int MaxKept = 64;

    private static readonly ArrayPool<byte> Large = ArrayPool<byte>.Create(MaxLength, MaxKept);

    /// <summary>An array of at least <paramref name="length"/> bytes, whatever is in them.</summary>
    public static byte[] Rent(int length) =>
        length <= MaxSharedLength ? ArrayPool<byte>.Shared.Rent(length) : Large.Rent(length);

    /// <summary>Gives back an array that was rented here.</summary>
    public static void Return(byte[] array)
    {
        if (array.Length <= MaxSharedLength)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
        else
        {
            Large.Return(array);
        }
    }
}

using System.Security.Cryptography;

namespace Pmq.Gossipsub.Messages;

/// <summary>How the id of a message follows from its data.</summary>
/// <param name="Algorithm">The digest (<c>msgIDFn.type</c>).</param>
/// <param name="Size">
/// Bytes of the digest that make the id (<c>msgIDFn.size</c>); 0 takes <see cref="DefaultSize"/>, more than the digest
/// has takes all of it.
/// </param>
public readonly record struct MessageIdOptions(MessageIdAlgorithm Algorithm, int Size)
{
    /// <summary>Bytes of the digest in an id when no size is set, as in the Go agent.</summary>
    public const int DefaultSize = 20;

    /// <summary>The bytes of an id in truth: 1 to 32.</summary>
    public int EffectiveSize
    {
        get
        {
            int digest = Algorithm == MessageIdAlgorithm.Md5 ? MD5.HashSizeInBytes : SHA256.HashSizeInBytes;
            return Size <= 0 ? DefaultSizeOf(digest) : Math.Min(Size, digest);
        }
    }

    /// <summary>The id of a message with this <paramref name="data"/>. Pure, thread-safe, allocates nothing.</summary>
    public MessageId Compute(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        int length = Algorithm == MessageIdAlgorithm.Md5 ? HashMd5(data, digest) : SHA256.HashData(data, digest);
        return new MessageId(digest[..Math.Min(EffectiveSize, length)]);
    }

    private static int DefaultSizeOf(int digest) => Math.Min(DefaultSize, digest);

#pragma warning disable CA5351 // A network's choice of id, not a protection of ours.
    private static int HashMd5(ReadOnlySpan<byte> data, Span<byte> digest) => MD5.HashData(data, digest);
#pragma warning restore CA5351
}

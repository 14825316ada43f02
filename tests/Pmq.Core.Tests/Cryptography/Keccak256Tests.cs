using Pmq.Core.Cryptography;

namespace Pmq.Core.Tests.Cryptography;

public sealed class Keccak256Tests
{
    // As Ethereum has them everywhere: the hash of nothing, and of "abc".
    [Theory]
    [InlineData("", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")]
    [InlineData("616263", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")]
    public void It_hashes_as_published(string data, string hash) =>
        Assert.Equal(hash, Hash(Convert.FromHexString(data)));

    [Fact]
    public void It_is_the_padding_before_SHA3() =>
        Assert.NotEqual("a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a", Hash([]));

    [Fact]
    public void A_hash_does_not_depend_on_what_was_hashed_before()
    {
        // Around the rate (136 bytes) and the block that is copied (1,024 bytes).
        int[] lengths = [0, 1, 135, 136, 137, 1023, 1024, 1025, 2048, 5000];
        string[] first = [.. lengths.Select(length => Hash(new byte[length]))];
        Assert.Equal(first.Reverse(), lengths.Reverse().Select(length => Hash(new byte[length])));
        Assert.Equal(lengths.Length, first.Distinct().Count());
    }

    [Fact]
    public void Nothing_is_allocated_for_a_hash()
    {
        byte[] data = new byte[10_000], hash = new byte[32];
        Keccak256.HashData(data, hash);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Keccak256.HashData(data, hash);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static string Hash(byte[] data)
    {
        var hash = new byte[32];
        Keccak256.HashData(data, hash);
        return Convert.ToHexStringLower(hash);
    }
}

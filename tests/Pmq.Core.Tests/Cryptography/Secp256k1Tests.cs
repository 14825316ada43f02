using System.Numerics;
using System.Security.Cryptography;
using Pmq.Core.Cryptography;
using Pmq.Testing;

namespace Pmq.Core.Tests.Cryptography;

public sealed class Secp256k1Tests
{
    // The order of the group, SEC 2.
    private static readonly BigInteger Order = new(
        Convert.FromHexString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"), isUnsigned: true, isBigEndian: true);

    internal static readonly Secp256k1Provider[] Providers =
        LibSecp256k1.TryLoad(Environment.GetEnvironmentVariable("PMQ_TEST_LIBSECP256K1")) is { } native
            ? [new BouncySecp256k1(), native]
            : [new BouncySecp256k1()];

    [Fact]
    public void The_native_library_is_tested_where_it_is() =>
        Assert.SkipUnless(
            Providers.Length == 2,
            "libsecp256k1 is not on this system (or set PMQ_TEST_LIBSECP256K1 to its path): only BouncyCastle is tested.");

    [Fact]
    public void Every_library_makes_the_same_keys_and_signatures()
    {
        var entropy = new SeededEntropy(1);
        byte[] secret = new byte[32], digest = new byte[32];
        for (int i = 0; i < 20; i++)
        {
            entropy.Fill(secret);
            entropy.Fill(digest);
            var made = new HashSet<string>();
            foreach (Secp256k1Provider provider in Providers)
            {
                byte[] key = new byte[33], signature = new byte[64];
                Assert.True(provider.TryDerive(secret, key));
                provider.Sign(secret, digest, signature);
                Assert.All(Providers, p => Assert.True(p.Verify(key, digest, signature), p.Name));
                Assert.True(IsLow(signature));
                made.Add(Convert.ToHexString(key) + Convert.ToHexString(signature));

                signature[0] ^= 1;
                Assert.All(Providers, p => Assert.False(p.Verify(key, digest, signature), p.Name));
            }

            Assert.Single(made);
        }
    }

    [Fact]
    public void A_high_S_is_taken()
    {
        foreach (Secp256k1Provider provider in Providers)
        {
            byte[] secret = new byte[32], digest = SHA256.HashData("x"u8), key = new byte[33], signature = new byte[64];
            secret[31] = 5;
            Assert.True(provider.TryDerive(secret, key));
            provider.Sign(secret, digest, signature);
            BigInteger high = Order - new BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true);
            byte[] other = [.. signature.AsSpan(0, 32), .. high.ToByteArray(isUnsigned: true, isBigEndian: true)];
            Assert.False(IsLow(other));
            Assert.True(provider.Verify(key, digest, other), provider.Name);
        }
    }

    [Fact]
    public void Zero_and_the_order_are_no_numbers_of_a_signature_or_key()
    {
        byte[] order = Order.ToByteArray(isUnsigned: true, isBigEndian: true), one = new byte[32], key = new byte[33];
        one[31] = 1;
        foreach (Secp256k1Provider provider in Providers)
        {
            Assert.False(provider.TryDerive(new byte[32], key));
            Assert.False(provider.TryDerive(order, key));
            Assert.True(provider.TryDerive(one, key));
            Assert.Equal("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", Convert.ToHexStringLower(key));
            foreach (byte[] broken in (byte[][])[[.. new byte[32], .. one], [.. one, .. new byte[32]], [.. order, .. one], [.. one, .. order]])
            {
                Assert.False(provider.Verify(key, new byte[32], broken), provider.Name);
            }
        }
    }

    [Fact]
    public void A_key_off_the_curve_verifies_nothing()
    {
        // x = 5 has no y; x at or above the field is no coordinate.
        byte[] none = new byte[33], above = [.. Enumerable.Repeat((byte)0xFF, 33)];
        (none[0], none[32], above[0]) = (0x02, 0x05, 0x02);
        foreach (Secp256k1Provider provider in Providers)
        {
            Assert.False(provider.Verify(none, new byte[32], [.. Enumerable.Repeat((byte)1, 64)]), provider.Name);
            Assert.False(provider.Verify(above, new byte[32], [.. Enumerable.Repeat((byte)1, 64)]), provider.Name);
        }
    }

    private static bool IsLow(byte[] signature) =>
        new BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true) <= Order / 2;
}

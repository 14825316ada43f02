using System.Numerics;
using Pmq.Core.Cryptography;
using Pmq.Testing;

namespace Pmq.Core.Tests.Cryptography;

public sealed class Secp256k1RecoveryTests
{
    private static readonly BigInteger Order = new(
        Convert.FromHexString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"), isUnsigned: true, isBigEndian: true);

    private static Secp256k1Provider[] Providers => Secp256k1Tests.Providers;

    [Fact]
    public void The_native_library_recovers_where_it_can() =>
        Assert.SkipUnless(
            Providers.Any(p => p.Name == "libsecp256k1"),
            "libsecp256k1 with its recovery module is not on this system (or set PMQ_TEST_LIBSECP256K1 to its path): only BouncyCastle is tested.");

    [Fact]
    public void Every_library_makes_the_same_signature_and_recovers_its_key()
    {
        var entropy = new SeededEntropy(2);
        byte[] secret = new byte[32], digest = new byte[32], compressed = new byte[33], key = new byte[64];
        var parities = new HashSet<byte>();
        for (int i = 0; i < 20; i++)
        {
            entropy.Fill(secret);
            entropy.Fill(digest);
            var made = new HashSet<string>();
            foreach (Secp256k1Provider provider in Providers)
            {
                byte[] plain = new byte[64], signature = new byte[65];
                Assert.True(provider.TryDerive(secret, compressed));
                Assert.True(provider.TryDeriveCoordinates(secret, key));
                Assert.Equal(compressed[1..], key[..32]);
                Assert.Equal(compressed[0] & 1, key[63] & 1);
                provider.Sign(secret, digest, plain);
                provider.SignRecoverable(secret, digest, signature);
                Assert.Equal(plain, signature[..64]);
                made.Add(Convert.ToHexString(key) + Convert.ToHexString(signature));
                parities.Add(signature[64]);
                Assert.All(Providers, p => Assert.Equal(key, Recover(p, digest, signature)));

                // The other v gives another key, if any.
                signature[64] ^= 1;
                Assert.All(Providers, p => Assert.NotEqual(key, Recover(p, digest, signature)));
                Assert.Single(Providers.Select(p => Convert.ToHexString(Recover(p, digest, signature) ?? [])).Distinct());
            }

            Assert.Single(made);
        }

        Assert.Equal(2, parities.Count);
    }

    [Fact]
    public void Every_library_recovers_the_same_from_arbitrary_numbers()
    {
        var entropy = new SeededEntropy(3);
        byte[] digest = new byte[32], signature = new byte[65];
        int found = 0;
        for (int i = 0; i < 200; i++)
        {
            entropy.Fill(digest);
            entropy.Fill(signature);
            signature[64] &= 1;
            byte[]?[] keys = [.. Providers.Select(p => Recover(p, digest, signature))];
            Assert.All(keys, key => Assert.Equal(keys[0], key));
            if (keys[0] is { } recovered)
            {
                // It is the key of this signature.
                byte[] compressed = [(byte)(2 | (recovered[63] & 1)), .. recovered[..32]];
                Assert.All(Providers, p => Assert.True(p.Verify(compressed, digest, signature.AsSpan(0, 64)), p.Name));
                found++;
            }
        }

        // Half of the x have a point.
        Assert.InRange(found, 60, 140);
    }

    [Fact]
    public void A_high_S_with_the_other_v_gives_the_same_key()
    {
        byte[] secret = new byte[32], digest = new byte[32], key = new byte[64], signature = new byte[65];
        secret[31] = 9;
        foreach (Secp256k1Provider provider in Providers)
        {
            Assert.True(provider.TryDeriveCoordinates(secret, key));
            provider.SignRecoverable(secret, digest, signature);
            BigInteger high = Order - new BigInteger(signature.AsSpan(32, 32), isUnsigned: true, isBigEndian: true);
            byte[] other =
                [.. signature[..32], .. high.ToByteArray(isUnsigned: true, isBigEndian: true), (byte)(signature[64] ^ 1)];
            Assert.Equal(key, Recover(provider, digest, other));
        }
    }

    [Fact]
    public void Numbers_out_of_range_recover_nothing()
    {
        byte[] order = Order.ToByteArray(isUnsigned: true, isBigEndian: true), one = [.. new byte[31], 1];
        byte[] five = [.. new byte[31], 5], full = [.. Enumerable.Repeat((byte)0xFF, 32)];
        byte[][] broken =
        [
            [.. new byte[32], .. one, 0], [.. one, .. new byte[32], 0], [.. order, .. one, 0], [.. one, .. order, 0],
            [.. full, .. one, 0], [.. one, .. full, 1], [.. one, .. one, 2], [.. one, .. one, 3], [.. one, .. one, 27],
            [.. one, .. one, 255], [.. five, .. one, 0], // x = 5 has no y.
        ];
        foreach (Secp256k1Provider provider in Providers)
        {
            Assert.All(broken, signature => Assert.Null(Recover(provider, new byte[32], signature)));
            Assert.NotNull(Recover(provider, new byte[32], [.. one, .. one, 0]));
        }
    }

    [Fact]
    public void A_key_at_infinity_is_none()
    {
        // Q = (s R - z G) / r with R = G, so r = x(G), and s = z.
        byte[] x = Convert.FromHexString("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
        byte[] z = [.. new byte[31], 7];
        Assert.All(Providers, p => Assert.Null(Recover(p, z, [.. x, .. z, 0])));
        Assert.All(Providers, p => Assert.NotNull(Recover(p, z, [.. x, .. z, 1])));
    }

    private static byte[]? Recover(Secp256k1Provider provider, byte[] digest, byte[] signature)
    {
        var key = new byte[64];
        return provider.TryRecover(digest, signature, key) ? key : null;
    }
}

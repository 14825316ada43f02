using Pmq.Core.Cryptography;
using Pmq.Testing;

namespace Pmq.Core.Tests.Cryptography;

public sealed class X25519Tests
{
    // RFC 7748 §6.1.
    private const string AlicePrivate = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";

    public static TheoryData<string> Providers => Ed25519Tests.Providers;

    // The points of order 1, 2, 4 and 8 (of the curve and its twist) with their encodings above the field.
    public static TheoryData<string, string> SmallOrderPoints
    {
        get
        {
            string[] points =
            [
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "0000000000000000000000000000000000000000000000000000000000000080",
            ];
            var data = new TheoryData<string, string>();
            foreach (Curve25519Provider provider in Curve25519.Available())
            {
                foreach (string point in points)
                {
                    data.Add(provider.Name.Split(' ')[0], point);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Results_are_those_of_RFC_7748(string name)
    {
        // §5.2: scalar, u coordinate, result; the second u has its top bit set, which is ignored.
        Check(
            "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
            "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
        Check(
            "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
            "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");

        void Check(string scalar, string point, string expected)
        {
            using X25519PrivateKey key = Key(name, scalar);
            var shared = new byte[32];
            Assert.True(key.TryAgree(Convert.FromHexString(point), shared));
            Assert.Equal(expected, Convert.ToHexStringLower(shared));
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void A_thousand_iterations_give_the_result_of_RFC_7748(string name)
    {
        // §5.2: k and u start as 9; each round k becomes X25519(k, u) and u the old k.
        byte[] k = new byte[32], u = new byte[32];
        k[0] = u[0] = 9;
        for (int i = 0; i < 1000; i++)
        {
            using X25519PrivateKey key = Ed25519Tests.Provider(name).CreateAgreementKey(k);
            var next = new byte[32];
            Assert.True(key.TryAgree(u, next));
            (k, u) = (next, k);
        }

        Assert.Equal("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51", Convert.ToHexStringLower(k));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Alice_and_Bob_of_RFC_7748_agree(string name)
    {
        using X25519PrivateKey alice = Key(name, AlicePrivate);
        using X25519PrivateKey bob = Key(name, "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        Assert.Equal("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", Convert.ToHexStringLower(alice.PublicKey));
        Assert.Equal("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", Convert.ToHexStringLower(bob.PublicKey));

        var shared = new byte[32];
        Assert.True(alice.TryAgree(bob.PublicKey, shared));
        Assert.Equal("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742", Convert.ToHexStringLower(shared));
    }

    [Theory]
    [MemberData(nameof(SmallOrderPoints))]
    public void A_point_of_small_order_gives_no_secret(string name, string point)
    {
        using X25519PrivateKey key = Key(name, AlicePrivate);
        byte[] shared = [.. Enumerable.Repeat((byte)1, 32)];
        Assert.False(key.TryAgree(Convert.FromHexString(point), shared));
        Assert.Equal(new byte[32], shared);
    }

    [Fact]
    public void Both_sides_agree_whatever_library_each_has()
    {
        Curve25519Provider[] providers = [.. Curve25519.Available()];
        var entropy = new SeededEntropy(2);
        foreach (Curve25519Provider left in providers)
        {
            foreach (Curve25519Provider right in providers)
            {
                byte[] secret = new byte[32], one = new byte[32], other = new byte[32];
                entropy.Fill(secret);
                using X25519PrivateKey a = left.CreateAgreementKey(secret);
                entropy.Fill(secret);
                using X25519PrivateKey b = right.CreateAgreementKey(secret);
                Assert.True(a.TryAgree(b.PublicKey, one));
                Assert.True(b.TryAgree(a.PublicKey, other));
                Assert.Equal(one, other);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Agreeing_allocates_nothing(string name)
    {
        using X25519PrivateKey key = Key(name, AlicePrivate);
        byte[] peer = key.PublicKey.ToArray(), shared = new byte[32];
        for (int i = 0; i < 2; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.True(key.TryAgree(peer, shared));
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(i == 0 || allocated == 0, $"{allocated} bytes");
        }
    }

    [Fact]
    public void A_wrong_length_is_the_callers_mistake()
    {
        Assert.Throws<ArgumentException>(() => X25519PrivateKey.FromBytes(new byte[31]));
        using X25519PrivateKey key = X25519PrivateKey.Generate(new SeededEntropy(3));
        Assert.Throws<ArgumentException>(() => key.TryAgree(new byte[33], new byte[32]));
        Assert.Throws<ArgumentException>(() => key.TryAgree(new byte[32], new byte[31]));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void A_disposed_key_refuses_to_agree(string name)
    {
        X25519PrivateKey key = Key(name, AlicePrivate);
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.TryAgree(new byte[32], new byte[32]));
    }

    private static X25519PrivateKey Key(string name, string hex) =>
        Ed25519Tests.Provider(name).CreateAgreementKey(Convert.FromHexString(hex));
}

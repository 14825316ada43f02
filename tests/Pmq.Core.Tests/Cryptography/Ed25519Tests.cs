using Pmq.Core.Cryptography;
using Pmq.Core.Identity;

namespace Pmq.Core.Tests.Cryptography;

public sealed class Ed25519Tests
{
    public static TheoryData<string> Providers => [.. Curve25519.Available().Select(p => p.Name.Split(' ')[0])];

    internal static Curve25519Provider Provider(string name) => Curve25519.Available().Single(p => p.Name.StartsWith(name, StringComparison.Ordinal));

    // RFC 8032 §7.1: seed, public key, message, signature.
    private static readonly (string Seed, string Key, string Message, string Signature)[] Rfc8032 =
    [
        ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    ];

    [Theory]
    [MemberData(nameof(Providers))]
    public void Keys_and_signatures_are_those_of_RFC_8032(string name)
    {
        foreach ((string seed, string key, string message, string signature) in Rfc8032)
        {
            byte[] text = Convert.FromHexString(message);
            var made = new byte[64];
            using Ed25519Signer signer = Provider(name).CreateSigner(Convert.FromHexString(seed));
            signer.Sign(text, made);

            Assert.Equal(key, Convert.ToHexStringLower(signer.PublicKey));
            Assert.Equal(signature, Convert.ToHexStringLower(made));
            Assert.Equal(SignatureVerdict.Valid, Ed25519Rule.Verify(Provider(name), signer.PublicKey, text, made));

            made[0] ^= 1;
            Assert.Equal(SignatureVerdict.Invalid, Ed25519Rule.Verify(Provider(name), signer.PublicKey, text, made));
        }
    }

    // Chalkias, Garillot, Nikolaenko, "Taming the Many EdDSAs", the twelve vectors in their order: message, key,
    // signature.
    private static readonly (string Message, string Key, string Signature, SignatureVerdict Verdict)[] EdgeCases =
    [
        // 0: A and R of small order, S = 0.
        ("8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a0000000000000000000000000000000000000000000000000000000000000000",
            SignatureVerdict.NotCanonical),
        // 1: A of small order.
        ("9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
            SignatureVerdict.NotCanonical),
        // 2: R of small order.
        ("aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
            "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e",
            SignatureVerdict.NotCanonical),
        // 3: A and R of mixed order, good with and without cofactor.
        ("9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
            "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
            "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009",
            SignatureVerdict.Valid),
        // 4: good with cofactor only.
        ("e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
            "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
            "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed5125ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09",
            SignatureVerdict.Invalid),
        // 5: good with cofactor only, and only if 8h is not reduced.
        ("e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
            "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
            "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405",
            SignatureVerdict.Invalid),
        // 6: S above L.
        ("85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
            "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
            "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514",
            SignatureVerdict.NotCanonical),
        // 7: S far above L.
        ("85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
            "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
            "8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa19427e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22",
            SignatureVerdict.NotCanonical),
        // 8: R = -1, not canonical and of small order.
        ("9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
            "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f",
            SignatureVerdict.NotCanonical),
        // 9: R = -1, not canonical, hashed in canonical form.
        ("9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
            "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908",
            SignatureVerdict.NotCanonical),
        // 10: A = -1, not canonical and of small order.
        ("e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dca5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
            SignatureVerdict.NotCanonical),
        // 11: A = -1, not canonical, hashed in canonical form.
        ("39a591f5321bbe07fd5a23dc2f39d025d74526615746727ceefd6e82ae65c06f",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dca5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
            SignatureVerdict.NotCanonical),
    ];

    [Theory]
    [MemberData(nameof(Providers))]
    public void The_published_edge_cases_are_judged_by_our_rule(string name)
    {
        for (int i = 0; i < EdgeCases.Length; i++)
        {
            (string message, string key, string signature, SignatureVerdict expected) = EdgeCases[i];
            SignatureVerdict verdict = Ed25519Rule.Verify(
                Provider(name), Convert.FromHexString(key), Convert.FromHexString(message), Convert.FromHexString(signature));
            Assert.True(expected == verdict, $"vector {i}: {verdict}");
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void A_forger_is_not_excused_by_an_S_above_L(string name)
    {
        using Ed25519Signer signer = Provider(name).CreateSigner(new byte[32]);
        byte[] message = [1, 2, 3];
        var signature = new byte[64];
        signer.Sign(message, signature);
        Assert.Equal(SignatureVerdict.Valid, Ed25519Rule.Verify(Provider(name), signer.PublicKey, message, signature));

        // The true S plus L: only the rule refuses it. Anything else with a large S is plainly wrong.
        byte[] malleated = AddL(signature);
        Assert.Equal(SignatureVerdict.NotCanonical, Ed25519Rule.Verify(Provider(name), signer.PublicKey, message, malleated));
        malleated[32] ^= 1;
        Assert.Equal(SignatureVerdict.Invalid, Ed25519Rule.Verify(Provider(name), signer.PublicKey, message, malleated));
        signature.AsSpan(32).Fill(0xFF);
        Assert.Equal(SignatureVerdict.Invalid, Ed25519Rule.Verify(Provider(name), signer.PublicKey, message, signature));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(65)]
    public void A_signature_of_another_length_is_invalid(int length) =>
        Assert.Equal(SignatureVerdict.Invalid, Ed25519Rule.Verify(Curve25519.Provider, new byte[32], [], new byte[length]));

    [Fact]
    public void Points_of_small_order_and_points_above_the_field_are_refused_in_every_encoding()
    {
        // The eight points, and the encodings of y + p that fit.
        string[] refused =
        [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000080",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        ];
        Assert.All(refused, hex => Assert.False(Ed25519Rule.IsAcceptable(Convert.FromHexString(hex)), hex));
        Assert.True(Ed25519Rule.IsAcceptable(Convert.FromHexString("5866666666666666666666666666666666666666666666666666666666666666")));
        Assert.True(Ed25519Rule.IsAcceptable(Convert.FromHexString("ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Signing_and_verifying_allocate_nothing(string name)
    {
        Curve25519Provider provider = Provider(name);
        using Ed25519Signer signer = provider.CreateSigner(new byte[32]);
        byte[] message = new byte[128];
        var signature = new byte[64];
        for (int i = 0; i < 2; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            signer.Sign(message, signature);
            SignatureVerdict verdict = Ed25519Rule.Verify(provider, signer.PublicKey, message, signature);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(SignatureVerdict.Valid, verdict);
            Assert.True(i == 0 || allocated == 0, $"{allocated} bytes");
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void A_disposed_signer_refuses_to_sign(string name)
    {
        Ed25519Signer signer = Provider(name).CreateSigner(new byte[32]);
        signer.Dispose();
        signer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => signer.Sign([1], new byte[64]));
    }

    [Fact]
    public void Both_libraries_make_and_accept_the_same_signatures()
    {
        Curve25519Provider[] providers = [.. Curve25519.Available()];
        Assert.Contains(providers, p => p.Name.StartsWith("libcrypto", StringComparison.Ordinal));
        var entropy = new Pmq.Testing.SeededEntropy(1);
        for (int length = 0; length < 200; length++)
        {
            byte[] seed = new byte[32], message = new byte[length];
            entropy.Fill(seed);
            entropy.Fill(message);
            var signatures = providers.Select(provider =>
            {
                using Ed25519Signer signer = provider.CreateSigner(seed);
                var signature = new byte[64];
                signer.Sign(message, signature);
                Assert.All(providers, other =>
                    Assert.Equal(SignatureVerdict.Valid, Ed25519Rule.Verify(other, signer.PublicKey, message, signature)));
                return Convert.ToHexString(signature);
            });
            Assert.Single(signatures.Distinct());
        }
    }

    private static byte[] AddL(byte[] signature)
    {
        var l = System.Numerics.BigInteger.Pow(2, 252) + System.Numerics.BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);
        var s = new System.Numerics.BigInteger(signature.AsSpan(32), isUnsigned: true) + l;
        byte[] result = [.. signature.AsSpan(0, 32), .. new byte[32]];
        s.TryWriteBytes(result.AsSpan(32), out _, isUnsigned: true);
        return result;
    }
}

using System.Security.Cryptography;
using Pmq.Core.Cryptography;
using Pmq.Core.Identity;
using Pmq.Testing;

namespace Pmq.Core.Tests.Identity;

public sealed class KeyTests
{
    private static readonly byte[] Message = "pmq"u8.ToArray();

    public static TheoryData<KeyType> MadeTypes => [KeyType.Ed25519, KeyType.Secp256k1, KeyType.Ecdsa];

    [Theory]
    [InlineData(KeyType.Ed25519, KeyVectors.Ed25519Public, KeyVectors.Ed25519Peer, KeyVectors.Ed25519Cid)]
    [InlineData(KeyType.Secp256k1, KeyVectors.Secp256k1Public, KeyVectors.Secp256k1Peer, KeyVectors.Secp256k1Cid)]
    [InlineData(KeyType.Ecdsa, KeyVectors.EcdsaPublic, KeyVectors.EcdsaPeer, KeyVectors.EcdsaCid)]
    [InlineData(KeyType.Rsa, KeyVectors.RsaPublic, KeyVectors.RsaPeer, KeyVectors.RsaCid)]
    [InlineData(KeyType.Rsa, KeyVectors.JsRsaPublic, KeyVectors.JsRsaPeer, null)]
    public void Public_keys_of_the_specification_have_its_peer_ids(KeyType type, string hex, string peer, string? cid)
    {
        Assert.True(PublicKey.TryDecode(Convert.FromHexString(hex), out PublicKey? key));
        Assert.Equal(type, key.Type);
        Assert.Equal(hex, Convert.ToHexStringLower(key.Protobuf));
        Assert.EndsWith(Convert.ToHexStringLower(key.Data), hex, StringComparison.Ordinal);
        PeerId id = PeerId.FromPublicKey(key);
        Assert.Equal(peer, id.ToString());
        Assert.Equal(cid ?? id.ToCid(), id.ToCid());
        Assert.Equal(PeerId.Parse(peer), PeerId.Parse(id.ToCid()));
    }

    [Theory]
    [InlineData(KeyVectors.Ed25519Private, KeyVectors.Ed25519Public)]
    [InlineData(KeyVectors.Secp256k1Private, KeyVectors.Secp256k1Public)]
    [InlineData(KeyVectors.EcdsaPrivate, KeyVectors.EcdsaPublic)]
    public void Private_keys_of_the_specification_have_its_public_keys(string secret, string hex)
    {
        Assert.True(PrivateKey.TryDecode(Convert.FromHexString(secret), out PrivateKey? key));
        using (key)
        {
            Assert.Equal(hex, Convert.ToHexStringLower(key.PublicKey.Protobuf));
            Assert.Equal(secret, Convert.ToHexStringLower(key.ToProtobuf()));
            Assert.Equal(SignatureVerdict.Valid, key.PublicKey.Verify(Message, key.Sign(Message)));
        }
    }

    [Theory]
    [InlineData(KeyVectors.Ed25519Private, KeyVectors.Ed25519Signature)]
    [InlineData(KeyVectors.Secp256k1Private, KeyVectors.Secp256k1Signature)]
    public void Deterministic_signatures_are_those_of_js(string secret, string signature)
    {
        Assert.True(PrivateKey.TryDecode(Convert.FromHexString(secret), out PrivateKey? key));
        using (key)
        {
            Assert.Equal(signature, Convert.ToHexStringLower(key.Sign(Message)));
            Assert.Equal(SignatureVerdict.Valid, key.PublicKey.Verify(Message, Convert.FromHexString(signature)));
        }
    }

    [Fact]
    public void An_RSA_signature_of_js_is_good_for_its_message_only()
    {
        Assert.True(PublicKey.TryDecode(Convert.FromHexString(KeyVectors.JsRsaPublic), out PublicKey? key));
        byte[] signature = Convert.FromHexString(KeyVectors.JsRsaSignature);
        Assert.Equal(SignatureVerdict.Valid, key.Verify(Message, signature));
        Assert.Equal(SignatureVerdict.Invalid, key.Verify("pmr"u8, signature));
        signature[7] ^= 1;
        Assert.Equal(SignatureVerdict.Invalid, key.Verify(Message, signature));
        Assert.Equal(SignatureVerdict.Invalid, key.Verify(Message, signature.AsSpan(1)));
        Assert.Equal(SignatureVerdict.Invalid, key.Verify(Message, []));
    }

    [Theory]
    [MemberData(nameof(MadeTypes))]
    public void A_made_key_signs_and_survives_its_protobuf_form(KeyType type)
    {
        using PrivateKey key = PrivateKey.Generate(type, new SeededEntropy(1));
        Assert.Equal(type, key.PublicKey.Type);
        Assert.True(PublicKey.TryDecode(key.PublicKey.Protobuf, out PublicKey? received));
        Assert.Equal(key.PublicKey, received);
        Assert.True(key.PublicKey == received);
        Assert.Equal(key.PublicKey.GetHashCode(), received.GetHashCode());

        Assert.True(PrivateKey.TryDecode(key.ToProtobuf(), out PrivateKey? loaded));
        using (loaded)
        {
            for (int i = 0; i < 20; i++)
            {
                byte[] message = new byte[i], signature = loaded.Sign(message);
                Assert.True(signature.Length <= loaded.MaxSignatureLength);
                Assert.Equal(SignatureVerdict.Valid, received.Verify(message, signature));
                Assert.Equal(SignatureVerdict.Invalid, received.Verify([.. message, 1], signature));
            }
        }
    }

    [Theory]
    [MemberData(nameof(MadeTypes))]
    public void One_seed_makes_one_key(KeyType type)
    {
        using PrivateKey one = PrivateKey.Generate(type, new SeededEntropy(7));
        using PrivateKey same = PrivateKey.Generate(type, new SeededEntropy(7));
        using PrivateKey other = PrivateKey.Generate(type, new SeededEntropy(8));
        Assert.Equal(one.PublicKey, same.PublicKey);
        Assert.NotEqual(one.PublicKey, other.PublicKey);
    }

    [Theory]
    [MemberData(nameof(MadeTypes))]
    public void A_disposed_key_does_not_sign(KeyType type)
    {
        PrivateKey key = PrivateKey.Generate(type, new SeededEntropy(1));
        key.Dispose();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Sign(Message));
        Assert.Throws<ObjectDisposedException>(() => key.ToProtobuf());
    }

    [Fact]
    public void RSA_keys_are_not_made() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PrivateKey.Generate(KeyType.Rsa, new SeededEntropy(1)));

    // CVE-2019-15545: signatures that were not verified.
    [Theory]
    [MemberData(nameof(MadeTypes))]
    public void Any_signature_but_the_true_one_is_refused(KeyType type)
    {
        using PrivateKey key = PrivateKey.Generate(type, new SeededEntropy(1));
        byte[] signature = key.Sign(Message);
        foreach (byte[] broken in (byte[][])[[], [0x30], [0x30, 0x00], [.. signature, 0], signature[..^1], new byte[64], new byte[72]])
        {
            Assert.NotEqual(SignatureVerdict.Valid, key.PublicKey.Verify(Message, broken));
        }

        for (int i = 0; i < signature.Length; i++)
        {
            byte[] flipped = [.. signature];
            flipped[i] ^= 0x10;
            Assert.NotEqual(SignatureVerdict.Valid, key.PublicKey.Verify(Message, flipped));
        }
    }

    [Fact]
    public void The_old_form_of_an_Ed25519_key_is_read_when_both_public_keys_match()
    {
        byte[] current = Convert.FromHexString(KeyVectors.Ed25519Private);
        byte[] old = [0x08, 0x01, 0x12, 0x60, .. current.AsSpan(4), .. current.AsSpan(36)];
        Assert.True(PrivateKey.TryDecode(old, out PrivateKey? key));
        Assert.Equal(KeyVectors.Ed25519Private, Convert.ToHexStringLower(key.ToProtobuf()));
        key.Dispose();

        old[^1] ^= 1;
        Assert.False(PrivateKey.TryDecode(old, out _));
    }

    // RUSTSEC-2022-0093: signing with a public key of the caller's choice gives the seed away.
    [Fact]
    public void A_private_key_whose_public_half_is_anothers_is_refused()
    {
        byte[] secret = Convert.FromHexString(KeyVectors.Ed25519Private);
        secret[^1] ^= 1;
        Assert.False(PrivateKey.TryDecode(secret, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("08011220")]
    [InlineData("0802122000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("08021220fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")]
    [InlineData("0803120101")]
    [InlineData("080012023000")]
    [InlineData("0801124000")]
    public void Bytes_that_are_no_private_key_are_refused(string hex)
    {
        Assert.False(PrivateKey.TryDecode(Convert.FromHexString(hex), out PrivateKey? key));
        Assert.Null(key);
    }

    [Theory]
    [InlineData("1220" + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e" + "0801", "fields out of order")]
    [InlineData("1220" + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e", "no type")]
    [InlineData("0801", "no data")]
    [InlineData("08811220" + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e", "a broken type")]
    [InlineData("08810012201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e", "a type that is not minimal")]
    [InlineData("080112a0001ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e", "a length that is not minimal")]
    [InlineData("080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e1800", "a field behind")]
    [InlineData("0801121f1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce2", "31 bytes")]
    [InlineData("080412201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e", "an unknown type")]
    [InlineData("08021221047777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99", "a point with another prefix")]
    public void Only_the_deterministic_form_of_a_public_key_is_read(string hex, string why) =>
        Assert.False(PublicKey.TryDecode(Convert.FromHexString(hex), out _), why);

    [Theory]
    [InlineData(1024, false)]
    [InlineData(2040, false)]
    [InlineData(2048, true)]
    [InlineData(3072, true)]
    public void RSA_keys_below_2048_bits_are_refused(int bits, bool accepted)
    {
        using RSA rsa = RSA.Create(bits);
        Assert.Equal(accepted, PublicKey.TryDecode(RsaProtobuf(rsa.ExportSubjectPublicKeyInfo()), out PublicKey? key));
        if (accepted)
        {
            byte[] signature = rsa.SignData(Message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            Assert.Equal(SignatureVerdict.Valid, key!.Verify(Message, signature));
        }
    }

    [Theory]
    [InlineData(8192, 65537, true)]
    [InlineData(8200, 65537, false)]
    [InlineData(2048, 3, true)]
    [InlineData(2048, 1, false)]
    [InlineData(2048, 2, false)]
    [InlineData(2048, int.MaxValue, true)]
    [InlineData(2048, 0x8000_0001, false)]
    [InlineData(2048, 0x1_0000_0001, false)]
    public void RSA_keys_that_cost_too_much_are_refused(int bits, long exponent, bool accepted)
    {
        // CVE-2023-39533: a modulus of any size that claims to be one.
        var modulus = new byte[bits / 8];
        modulus[0] = 0x80;
        modulus[^1] = 1;
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.113549.1.1.1");
                writer.WriteNull();
            }

            var key = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
            using (key.PushSequence())
            {
                key.WriteIntegerUnsigned(modulus);
                key.WriteInteger(exponent);
            }

            writer.WriteBitString(key.Encode());
        }

        Assert.Equal(accepted, PublicKey.TryDecode(RsaProtobuf(writer.Encode()), out PublicKey? decoded));
        Assert.True(decoded is null || decoded.Verify(Message, new byte[bits / 8]) == SignatureVerdict.Invalid);
    }

    [Fact]
    public void An_ECDSA_key_off_the_curve_verifies_nothing()
    {
        byte[] bytes = Convert.FromHexString(KeyVectors.EcdsaPublic);
        bytes[^1] ^= 1;
        Assert.True(PublicKey.TryDecode(bytes, out PublicKey? key));
        Assert.Equal(SignatureVerdict.Invalid, key.Verify(Message, new byte[70]));
        Assert.Equal(SignatureVerdict.Invalid, key.Verify(Message, new byte[70]));
    }

    [Fact]
    public void An_ECDSA_key_of_another_curve_is_refused()
    {
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        byte[] data = other.ExportSubjectPublicKeyInfo();
        Assert.False(PublicKey.TryDecode([0x08, 0x03, 0x12, (byte)data.Length, .. data], out _));
        byte[] secret = other.ExportECPrivateKey();
        Assert.False(PrivateKey.TryDecode([0x08, 0x03, 0x12, 0x80 | 0x24, 0x01, .. secret], out _));
    }

    [Theory]
    [InlineData("000000000000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    public void An_Ed25519_key_that_the_rule_refuses_gives_no_plain_no(string point)
    {
        byte[] data = Convert.FromHexString(point)[..32];
        Assert.True(PublicKey.TryDecode([0x08, 0x01, 0x12, 0x20, .. data], out PublicKey? key));
        Assert.Equal(SignatureVerdict.NotCanonical, key.Verify(Message, new byte[64]));
    }

    [Fact]
    public void Any_bytes_are_a_public_key_or_refused() =>
        ParserFuzz.Run(
            input =>
            {
                if (PublicKey.TryDecode(input, out PublicKey? key) && !key.Protobuf.SequenceEqual(input))
                {
                    throw new InvalidOperationException("Other bytes than were read.");
                }
            },
            [
                Convert.FromHexString(KeyVectors.Ed25519Public), Convert.FromHexString(KeyVectors.Secp256k1Public),
                Convert.FromHexString(KeyVectors.EcdsaPublic), Convert.FromHexString(KeyVectors.RsaPublic),
            ]);

    [Theory]
    [InlineData(KeyVectors.Ed25519Public, KeyVectors.Ed25519Signature)]
    [InlineData(KeyVectors.JsRsaPublic, KeyVectors.JsRsaSignature)]
    [InlineData(KeyVectors.EcdsaPublic, KeyVectors.EcdsaSignature)]
    public void Any_bytes_are_a_signature_or_refused(string publicKey, string signature)
    {
        Assert.True(PublicKey.TryDecode(Convert.FromHexString(publicKey), out PublicKey? key));
        ParserFuzz.Run(
            input =>
            {
                if (key.Verify(Message, input) == SignatureVerdict.Valid && !input.SequenceEqual(Convert.FromHexString(signature)))
                {
                    throw new InvalidOperationException("Another signature is good too.");
                }
            },
            [Convert.FromHexString(signature)],
            runs: 10_000,
            maxLength: 512);
    }

    private static byte[] RsaProtobuf(byte[] data)
    {
        var prefix = new byte[16];
        prefix[1] = 0;
        (prefix[0], prefix[2]) = (0x08, 0x12);
        int length = 3 + Core.Encoding.Varint.Write(prefix.AsSpan(3), (ulong)data.Length);
        return [.. prefix[..length], .. data];
    }
}

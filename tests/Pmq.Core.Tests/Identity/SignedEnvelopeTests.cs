using Pmq.Core.Identity;
using Pmq.Testing;

namespace Pmq.Core.Tests.Identity;

public sealed class SignedEnvelopeTests
{
    private const string Domain = "pmq-test";

    private static readonly byte[] Type = [0x03, 0x01];
    private static readonly PrivateKey Key = PrivateKey.Generate(KeyType.Ed25519, new SeededEntropy(1));

    [Fact]
    public void What_is_sealed_is_opened()
    {
        SignedEnvelope sealedOne = SignedEnvelope.Seal(Key, Domain, Type, "hello"u8);
        SignedEnvelope? opened = SignedEnvelope.TryOpen(sealedOne.Encoded, Domain);

        Assert.NotNull(opened);
        Assert.Equal(Key.PublicKey, opened.PublicKey);
        Assert.Equal(Type, opened.PayloadType.ToArray());
        Assert.Equal("hello"u8.ToArray(), opened.Payload.ToArray());
        Assert.Equal("hello"u8.ToArray(), sealedOne.Payload.ToArray());
        Assert.Equal(sealedOne.Encoded.ToArray(), opened.Encoded.ToArray());
    }

    [Fact]
    public void A_signature_for_another_domain_is_none() =>
        Assert.Null(SignedEnvelope.TryOpen(SignedEnvelope.Seal(Key, Domain, Type, "hello"u8).Encoded, "other"));

    [Fact]
    public void A_flipped_bit_anywhere_is_noticed()
    {
        byte[] encoded = SignedEnvelope.Seal(Key, Domain, Type, "hello"u8).Encoded.ToArray();
        for (int i = 0; i < 8 * encoded.Length; i++)
        {
            encoded[i / 8] ^= (byte)(1 << (i % 8));
            Assert.Null(SignedEnvelope.TryOpen(encoded, Domain));
            encoded[i / 8] ^= (byte)(1 << (i % 8));
        }

        Assert.NotNull(SignedEnvelope.TryOpen(encoded, Domain));
    }

    [Fact]
    public void Bytes_cannot_move_between_type_and_payload()
    {
        // Without the lengths in what is signed, "ab" + "c" and "a" + "bc" would be signed alike.
        SignedEnvelope one = SignedEnvelope.Seal(Key, Domain, "ab"u8, "c"u8);
        SignedEnvelope other = SignedEnvelope.Seal(Key, Domain, "a"u8, "bc"u8);
        Assert.NotEqual(one.Encoded.Span[^64..].ToArray(), other.Encoded.Span[^64..].ToArray());
    }

    [Fact]
    public void Unknown_fields_are_skipped_and_known_ones_come_once()
    {
        byte[] encoded = SignedEnvelope.Seal(Key, Domain, Type, "hello"u8).Encoded.ToArray();
        Assert.NotNull(SignedEnvelope.TryOpen((byte[])[.. encoded, 0x30, 0x01], Domain));
        Assert.Null(SignedEnvelope.TryOpen((byte[])[.. encoded, 0x1a, 0x00], Domain));
        Assert.Null(SignedEnvelope.TryOpen((byte[])[.. encoded, 0x1a, 0x05], Domain));
        Assert.Null(SignedEnvelope.TryOpen(encoded.AsMemory(0, encoded.Length - 66), Domain));
        Assert.Null(SignedEnvelope.TryOpen(default, Domain));
    }

    [Fact]
    public void The_size_is_bounded_both_ways()
    {
        var payload = new byte[SignedEnvelope.MaxEncodedLength - 38 - 4 - 3 - 66];
        byte[] encoded = SignedEnvelope.Seal(Key, Domain, Type, payload).Encoded.ToArray();
        Assert.Equal(SignedEnvelope.MaxEncodedLength, encoded.Length);
        Assert.NotNull(SignedEnvelope.TryOpen(encoded, Domain));
        Assert.Throws<ArgumentException>(() => SignedEnvelope.Seal(Key, Domain, Type, new byte[payload.Length + 1]));
        Assert.Null(SignedEnvelope.TryOpen((byte[])[.. encoded, 0x30, 0x01], Domain));
    }

    [Fact]
    public void Any_bytes_are_an_envelope_or_refused() =>
        ParserFuzz.RunMemory(
            input => SignedEnvelope.TryOpen(input, Domain),
            [SignedEnvelope.Seal(Key, Domain, Type, "hello"u8).Encoded.ToArray()]);
}

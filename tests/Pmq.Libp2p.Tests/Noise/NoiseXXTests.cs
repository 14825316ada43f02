using Pmq.Core.Cryptography;
using Pmq.Libp2p.Noise;

namespace Pmq.Libp2p.Tests.Noise;

public sealed class NoiseXXTests
{
    // The published vector for Noise_XX_25519_ChaChaPoly_SHA256 without prologue and with empty payloads
    // (vectors.txt of flynn/noise).
    private const string InitiatorStatic = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private const string ResponderStatic = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";
    private const string InitiatorEphemeral = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";
    private const string ResponderEphemeral = "4142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60";
    private const string First = "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254";

    private const string Second =
        "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d484663414af878d3e46a2f58911a816d6e834"
        + "6d4ea17a6f2a0bb4ef4ed56c133cff4560a34e36ea82109f26cf2e5a5caf992b608d55c747f615e5a3425a7a19eefb8f";

    private const string Third =
        "87f864c11ba449f46a0a4f4e2eacbb7b0457784f4fca1937f572c93603e9c4d9"
        + "7e5ea11b16f3968710b23a3be3202dc1b5e1ce3c963347491e74f5c0768a9b42";

    private const string Fourth = "a52ef02ba60e12696d1d6b9ef4245c88fca757b6134ad6e76b56e310a6adf6";
    private const string Fifth = "2445aa438ebd649281c636cc7269ca82f1d9023d72520943aeabf909cdf521";

    [Fact]
    public void The_published_vector_is_reproduced_on_both_sides()
    {
        using X25519PrivateKey initiatorStatic = Key(InitiatorStatic);
        using X25519PrivateKey responderStatic = Key(ResponderStatic);
        using var initiator = new NoiseXX(initiatorStatic, Key(InitiatorEphemeral));
        using var responder = new NoiseXX(responderStatic, Key(ResponderEphemeral));

        var first = new byte[NoiseXX.FirstLength];
        initiator.WriteFirst(first);
        Assert.Equal(First, Convert.ToHexStringLower(first));
        responder.ReadFirst(first);

        var second = new byte[NoiseXX.SecondOverhead];
        Assert.Equal(NoiseViolation.None, responder.WriteSecond([], second));
        Assert.Equal(Second, Convert.ToHexStringLower(second));
        Assert.Equal(NoiseViolation.None, initiator.ReadSecond(second, out ReadOnlySpan<byte> payload));
        Assert.True(payload.IsEmpty);
        Assert.Equal(responderStatic.PublicKey, initiator.RemoteStatic);

        var third = new byte[NoiseXX.ThirdOverhead];
        Assert.Equal(NoiseViolation.None, initiator.WriteThird([], third));
        Assert.Equal(Third, Convert.ToHexStringLower(third));
        Assert.Equal(NoiseViolation.None, responder.ReadThird(third, out payload));
        Assert.True(payload.IsEmpty);
        Assert.Equal(initiatorStatic.PublicKey, responder.RemoteStatic);
        Assert.Equal(initiator.HandshakeHash, responder.HandshakeHash);

        (NoiseCipher initiatorSends, NoiseCipher initiatorReceives) = initiator.Split(ulong.MaxValue);
        (NoiseCipher responderReceives, NoiseCipher responderSends) = responder.Split(ulong.MaxValue);
        CheckTransport(initiatorSends, responderReceives, "yellowsubmarine"u8, Fourth);
        CheckTransport(responderSends, initiatorReceives, "submarineyellow"u8, Fifth);
    }

    private static void CheckTransport(
        NoiseCipher sends, NoiseCipher receives, ReadOnlySpan<byte> plaintext, string ciphertext)
    {
        var message = new byte[plaintext.Length + NoiseCipher.TagLength];
        plaintext.CopyTo(message);
        Assert.True(sends.TryEncrypt(message, plaintext.Length));
        Assert.Equal(ciphertext, Convert.ToHexStringLower(message));
        Assert.Equal(NoiseViolation.None, receives.Decrypt(message));
        Assert.Equal(plaintext, message.AsSpan(0, plaintext.Length));
        sends.Dispose();
        receives.Dispose();
    }

    private static X25519PrivateKey Key(string hex) => X25519PrivateKey.FromBytes(Convert.FromHexString(hex));
}

using Pmq.Libp2p.Noise;

namespace Pmq.Libp2p.Tests.Noise;

public sealed class NoiseCipherTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void A_replayed_message_is_refused_and_poisons_the_state()
    {
        using var sends = new NoiseCipher(Key);
        using var receives = new NoiseCipher(Key);
        byte[] first = Encrypt(sends, 10);
        byte[] replay = [.. first];
        byte[] second = Encrypt(sends, 10);

        Assert.Equal(NoiseViolation.None, receives.Decrypt(first));
        Assert.Equal(NoiseViolation.AuthenticationFailed, receives.Decrypt(replay));
        Assert.True(receives.IsPoisoned);
        Assert.Equal(NoiseViolation.AuthenticationFailed, receives.Decrypt(second));
    }

    [Fact]
    public void Messages_out_of_order_are_refused()
    {
        using var sends = new NoiseCipher(Key);
        using var receives = new NoiseCipher(Key);
        Encrypt(sends, 10);

        Assert.Equal(NoiseViolation.AuthenticationFailed, receives.Decrypt(Encrypt(sends, 10)));
    }

    [Fact]
    public void A_frame_shorter_than_its_tag_is_refused()
    {
        using var receives = new NoiseCipher(Key);

        Assert.Equal(NoiseViolation.FrameTooShort, receives.Decrypt(new byte[15]));
        Assert.True(receives.IsPoisoned);
    }

    [Fact]
    public void An_empty_message_is_its_tag()
    {
        using var sends = new NoiseCipher(Key);
        using var receives = new NoiseCipher(Key);

        Assert.Equal(NoiseViolation.None, receives.Decrypt(Encrypt(sends, 0)));
    }

    [Fact]
    public void Used_up_nonces_end_both_directions()
    {
        using var sends = new NoiseCipher(Key, maxMessages: 2);
        using var more = new NoiseCipher(Key);
        using var receives = new NoiseCipher(Key, maxMessages: 2);
        Encrypt(sends, 1);
        Encrypt(sends, 1);

        Assert.False(sends.TryEncrypt(new byte[17], 1));
        Assert.Equal(NoiseViolation.None, receives.Decrypt(Encrypt(more, 1)));
        Assert.Equal(NoiseViolation.None, receives.Decrypt(Encrypt(more, 1)));
        Assert.Equal(NoiseViolation.NonceExhausted, receives.Decrypt(Encrypt(more, 1)));
    }

    [Fact]
    public void A_poisoned_state_encrypts_nothing()
    {
        using var cipher = new NoiseCipher(Key);
        cipher.Decrypt(new byte[16]);
        byte[] message = new byte[17];

        Assert.False(cipher.TryEncrypt(message, 1));
        Assert.Equal(new byte[17], message);
    }

    private static byte[] Encrypt(NoiseCipher cipher, int length)
    {
        var message = new byte[length + NoiseCipher.TagLength];
        Assert.True(cipher.TryEncrypt(message, length));
        return message;
    }
}

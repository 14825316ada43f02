using Pmq.Core.Cryptography;
using Pmq.Core.Identity;
using Pmq.Libp2p.Noise;
using Pmq.Testing;

namespace Pmq.Libp2p.Tests.Noise;

public sealed class NoiseHandshakeTests : IDisposable
{
    private readonly NoiseParty _alice = new(1);
    private readonly NoiseParty _bob = new(2);

    [Fact]
    public void Both_sides_learn_who_the_other_is_and_share_their_keys()
    {
        using NoiseHandshake initiator = _alice.Start(isInitiator: true, expected: _bob.PeerId);
        using NoiseHandshake responder = _bob.Start(isInitiator: false);

        Assert.Equal(NoiseViolation.None, NoiseParty.Run(initiator, responder));

        Assert.Equal(_bob.PeerId, initiator.RemotePeer);
        Assert.Equal(_alice.PeerId, responder.RemotePeer);
        Assert.Equal(_alice.PrivateKey.PublicKey, responder.RemotePublicKey);
        (NoiseCipher aliceSends, NoiseCipher aliceReceives) = initiator.Split();
        (NoiseCipher bobSends, NoiseCipher bobReceives) = responder.Split();
        CheckDirection(aliceSends, bobReceives);
        CheckDirection(bobSends, aliceReceives);
    }

    [Fact]
    public void Messages_have_the_published_sizes_for_an_ed25519_identity()
    {
        using NoiseHandshake initiator = _alice.Start(isInitiator: true);
        using NoiseHandshake responder = _bob.Start(isInitiator: false);

        byte[] first = NoiseParty.Write(initiator);
        Assert.Equal(32, first.Length);
        responder.ReadMessage(first);
        byte[] second = NoiseParty.Write(responder);
        Assert.Equal(216, second.Length);
        initiator.ReadMessage(second);
        Assert.Equal(184, NoiseParty.Write(initiator).Length);
    }

    [Fact]
    public void The_first_muxer_of_the_initiator_that_the_responder_has_is_picked_by_both()
    {
        using NoiseHandshake initiator = _alice.Start(isInitiator: true, muxers: ["/a", "/b", "/c"]);
        using NoiseHandshake responder = _bob.Start(isInitiator: false, muxers: ["/c", "/b"]);

        Assert.Equal(NoiseViolation.None, NoiseParty.Run(initiator, responder));

        Assert.Equal("/b", initiator.Muxer);
        Assert.Equal("/b", responder.Muxer);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Without_muxers_on_either_side_the_choice_is_left_to_multistream(bool weOffer, bool theyOffer)
    {
        using NoiseHandshake initiator = _alice.Start(isInitiator: true, muxers: weOffer ? ["/yamux/1.0.0"] : []);
        using NoiseHandshake responder = _bob.Start(isInitiator: false, muxers: theyOffer ? ["/yamux/1.0.0"] : []);

        Assert.Equal(NoiseViolation.None, NoiseParty.Run(initiator, responder));

        Assert.Null(initiator.Muxer);
        Assert.Null(responder.Muxer);
    }

    [Fact]
    public void Without_a_muxer_in_common_the_choice_is_left_to_multistream()
    {
        using NoiseHandshake initiator = _alice.Start(isInitiator: true, muxers: ["/mplex/6.7.0"]);
        using NoiseHandshake responder = _bob.Start(isInitiator: false);

        Assert.Equal(NoiseViolation.None, NoiseParty.Run(initiator, responder));

        Assert.Null(initiator.Muxer);
        Assert.Null(responder.Muxer);
    }

    [Fact]
    public void A_list_of_too_many_muxers_is_ignored()
    {
        string[] many = [.. Enumerable.Range(0, 101).Select(i => $"/m/{i}"), "/yamux/1.0.0"];
        using NoiseHandshake initiator = _alice.Start(isInitiator: true, muxers: many);
        using NoiseHandshake responder = _bob.Start(isInitiator: false);

        Assert.Equal(NoiseViolation.None, NoiseParty.Run(initiator, responder));

        Assert.Null(responder.Muxer);
    }

    // A dial of one peer must never end at another, as it could in dotnet-libp2p.
    [Fact]
    public void Somebody_else_than_expected_is_refused_by_either_side()
    {
        using NoiseHandshake initiator = _alice.Start(isInitiator: true, expected: _alice.PeerId);
        using NoiseHandshake responder = _bob.Start(isInitiator: false);
        Assert.Equal(NoiseViolation.WrongPeer, NoiseParty.Run(initiator, responder));
        Assert.Null(initiator.RemotePeer);

        using NoiseHandshake anybody = _alice.Start(isInitiator: true);
        using NoiseHandshake picky = _bob.Start(isInitiator: false, expected: _bob.PeerId);
        Assert.Equal(NoiseViolation.WrongPeer, NoiseParty.Run(anybody, picky));
    }

    [Theory]
    [InlineData(1, 0, NoiseViolation.MessageTooShort)]
    [InlineData(1, 31, NoiseViolation.MessageTooShort)]
    [InlineData(1, 33, NoiseViolation.FirstMessageHasPayload)]
    [InlineData(1, 65535, NoiseViolation.FirstMessageHasPayload)]
    [InlineData(2, 95, NoiseViolation.MessageTooShort)]
    [InlineData(2, 96 + 4097, NoiseViolation.MessageTooLong)]
    [InlineData(3, 63, NoiseViolation.MessageTooShort)]
    [InlineData(3, 65535, NoiseViolation.MessageTooLong)]
    public void A_message_of_a_wrong_length_is_refused_by_its_length_alone(int number, int length, object expected)
    {
        using NoiseHandshake initiator = _alice.Start(isInitiator: true);
        using NoiseHandshake responder = _bob.Start(isInitiator: false);
        byte[] first = NoiseParty.Write(initiator);
        NoiseHandshake reads = number == 2 ? initiator : responder;
        if (number == 3)
        {
            responder.ReadMessage(first);
            initiator.ReadMessage(NoiseParty.Write(responder));
        }

        Assert.Equal(expected, reads.CheckLength(length));
        Assert.Equal(expected, reads.ReadMessage(new byte[length]));
    }

    [Fact]
    public void A_flipped_bit_anywhere_in_the_second_or_third_message_is_refused()
    {
        for (int at = 0; at < 216; at++)
        {
            using NoiseHandshake initiator = _alice.Start(isInitiator: true);
            using NoiseHandshake responder = _bob.Start(isInitiator: false);
            responder.ReadMessage(NoiseParty.Write(initiator));
            byte[] second = NoiseParty.Write(responder);
            byte[] damaged = [.. second];
            damaged[at] ^= 0x10;
            if (at >= 184)
            {
                Assert.Equal(NoiseViolation.AuthenticationFailed, initiator.ReadMessage(damaged));
                continue;
            }

            initiator.ReadMessage(second);
            byte[] third = NoiseParty.Write(initiator);
            third[at] ^= 0x10;
            Assert.Equal(NoiseViolation.AuthenticationFailed, responder.ReadMessage(third));

            using NoiseHandshake other = _alice.Start(isInitiator: true);
            NoiseParty.Write(other);
            Assert.Equal(NoiseViolation.AuthenticationFailed, other.ReadMessage(damaged));
        }
    }

    [Fact]
    public void A_point_of_low_order_is_refused_as_ephemeral_and_as_static_key()
    {
        using NoiseHandshake responder = _bob.Start(isInitiator: false);
        Assert.Equal(NoiseViolation.None, responder.ReadMessage(new byte[32]));
        Assert.Equal(NoiseViolation.ZeroSharedSecret, responder.WriteMessage(new byte[1000], out _));

        using NoiseHandshake initiator = _alice.Start(isInitiator: true);
        NoiseParty.Write(initiator);
        Assert.Equal(NoiseViolation.ZeroSharedSecret, initiator.ReadMessage(new byte[200]));

        using NoiseHandshake second = _alice.Start(isInitiator: true);
        byte[] answer = SecondWithZeroStatic(NoiseParty.Write(second));
        Assert.Equal(NoiseViolation.ZeroSharedSecret, second.ReadMessage(answer));
    }

    [Fact]
    public void A_payload_that_is_no_protobuf_is_refused() =>
        Assert.Equal(NoiseViolation.MalformedPayload, AnswerWith([0x0A, 0x7F]));

    [Fact]
    public void A_payload_with_broken_extensions_is_refused()
    {
        byte[] payload = [.. _bob.Identity.Payload, 0x22, 0x02, 0x12, 0x7F];
        Assert.Equal(NoiseViolation.MalformedPayload, AnswerWith(payload));
    }

    [Fact]
    public void An_empty_payload_is_refused() => Assert.Equal(NoiseViolation.IdentityMissing, AnswerWith([]));

    [Fact]
    public void A_payload_without_signature_is_refused() =>
        Assert.Equal(
            NoiseViolation.IdentityMissing, AnswerWith(NoisePayload.Encode(_bob.PrivateKey.PublicKey.Protobuf, [])));

    [Fact]
    public void An_identity_key_of_an_unknown_type_is_refused()
    {
        byte[] key = [0x08, 0x09, 0x12, 0x01, 0x00];
        Assert.Equal(NoiseViolation.BadIdentityKey, AnswerWith(NoisePayload.Encode(key, new byte[64])));
    }

    // CVE-2022-24759, and dotnet-libp2p before its pull request 192: the signature went unverified.
    [Fact]
    public void A_signature_by_another_key_is_refused()
    {
        // Mallory answers with her own static key and claims to be Bob.
        using var mallory = new NoiseParty(3);
        Span<byte> signed = stackalloc byte[NoisePayload.SignedLength];
        NoisePayload.WriteSigned(mallory.Identity.StaticKey.PublicKey, signed);
        byte[] payload = NoisePayload.Encode(_bob.PrivateKey.PublicKey.Protobuf, mallory.PrivateKey.Sign(signed));

        Assert.Equal(NoiseViolation.BadSignature, AnswerWith(payload, mallory));
    }

    [Fact]
    public void The_payload_of_somebody_else_is_refused_with_another_static_key()
    {
        using var mallory = new NoiseParty(3);
        Assert.Equal(NoiseViolation.BadSignature, AnswerWith(_bob.Identity.Payload, mallory));
    }

    [Fact]
    public void A_signature_without_the_prefix_is_refused()
    {
        byte[] signature = _bob.PrivateKey.Sign(_bob.Identity.StaticKey.PublicKey);
        Assert.Equal(
            NoiseViolation.BadSignature,
            AnswerWith(NoisePayload.Encode(_bob.PrivateKey.PublicKey.Protobuf, signature)));
    }

    [Fact]
    public void Unknown_fields_and_extensions_are_skipped()
    {
        byte[] payload = [.. _bob.Identity.Payload, 0x18, 0x05, 0x22, 0x04, 0x0A, 0x02, 0x01, 0x02];
        Assert.Equal(NoiseViolation.None, AnswerWith(payload));
    }

    public void Dispose()
    {
        _alice.Dispose();
        _bob.Dispose();
    }

    /// <summary>What Alice, who dials, says to an answer that carries <paramref name="payload"/>.</summary>
    private NoiseViolation AnswerWith(ReadOnlySpan<byte> payload, NoiseParty? answers = null)
    {
        using NoiseHandshake initiator = _alice.Start(isInitiator: true, expected: _bob.PeerId);
        using NoiseXX responder = (answers ?? _bob).StartRaw();
        responder.ReadFirst(NoiseParty.Write(initiator));
        var message = new byte[NoiseXX.SecondOverhead + payload.Length];
        Assert.Equal(NoiseViolation.None, responder.WriteSecond(payload, message));
        NoiseViolation violation = initiator.ReadMessage(message);
        Assert.Equal(violation == NoiseViolation.None, initiator.RemotePeer is not null);
        return violation;
    }

    // A second message by hand: its static key is all zero, its payload whatever.
    private static byte[] SecondWithZeroStatic(byte[] first)
    {
        using X25519PrivateKey ephemeral = X25519PrivateKey.Generate(new SeededEntropy(9));
        using var state = new NoiseSymmetricState();
        state.MixHash(first);
        state.MixHash([]);
        state.MixHash(ephemeral.PublicKey);
        Span<byte> shared = stackalloc byte[32];
        Assert.True(ephemeral.TryAgree(first, shared));
        state.MixKey(shared);
        var message = new byte[200];
        ephemeral.PublicKey.CopyTo(message);
        state.EncryptAndHash(message.AsSpan(32, 48), 32);
        return message;
    }

    private static void CheckDirection(NoiseCipher sends, NoiseCipher receives)
    {
        byte[] message = [1, 2, 3, .. new byte[NoiseCipher.TagLength]];
        Assert.True(sends.TryEncrypt(message, 3));
        Assert.NotEqual([1, 2, 3], message[..3]);
        Assert.Equal(NoiseViolation.None, receives.Decrypt(message));
        Assert.Equal([1, 2, 3], message[..3]);
    }
}

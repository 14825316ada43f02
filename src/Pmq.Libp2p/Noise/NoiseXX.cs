using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Pmq.Core.Cryptography;

namespace Pmq.Libp2p.Noise;

/// <summary>
/// The XX pattern itself, with opaque payloads: three messages, at the end of which both static keys are known and two
/// cipher states exist. Messages are worked on in place. One owner; the order of calls is the caller's duty.
/// </summary>
/// <remarks>
/// <code>
/// → e
/// ← e, ee, s, es, payload
/// → s, se, payload
/// </code>
/// <b>Spec</b>: Noise Protocol Framework rev. 34, §5.3 and §7.5.
/// <b>Deviations</b>: the first message has no payload, as libp2p demands.
/// </remarks>
[SuppressMessage("Naming", "CA1708", Justification = "XX is the name of the pattern.")]
internal sealed class NoiseXX : IDisposable
{
    /// <summary>The bytes of a public key.</summary>
    public const int KeyLength = 32;

    /// <summary>The bytes of the first message.</summary>
    public const int FirstLength = KeyLength;

    /// <summary>The bytes of the second message beside its payload.</summary>
    public const int SecondOverhead = KeyLength + KeyLength + NoiseCipher.TagLength + NoiseCipher.TagLength;

    /// <summary>The bytes of the third message beside its payload.</summary>
    public const int ThirdOverhead = KeyLength + NoiseCipher.TagLength + NoiseCipher.TagLength;

    private const int SealedKeyLength = KeyLength + NoiseCipher.TagLength;

    private readonly NoiseSymmetricState _state = new();
    private readonly X25519PrivateKey _static;
    private readonly X25519PrivateKey _ephemeral;
    private readonly byte[] _remoteEphemeral = new byte[KeyLength];
    private readonly byte[] _remoteStatic = new byte[KeyLength];

    /// <summary>Starts a handshake.</summary>
    /// <param name="staticKey">Borrowed.</param>
    /// <param name="ephemeralKey">Used for this handshake alone; disposed with it.</param>
    public NoiseXX(X25519PrivateKey staticKey, X25519PrivateKey ephemeralKey)
    {
        _static = staticKey;
        _ephemeral = ephemeralKey;
    }

    /// <summary>The peer's static key, once its message was read.</summary>
    public ReadOnlySpan<byte> RemoteStatic => _remoteStatic;

    /// <summary>The transcript hash so far.</summary>
    public ReadOnlySpan<byte> HandshakeHash => _state.HandshakeHash;

    /// <summary>Initiator: writes the first message, 32 bytes.</summary>
    public int WriteFirst(Span<byte> message)
    {
        // e (32).
        _ephemeral.PublicKey.CopyTo(message);
        _state.MixHash(_ephemeral.PublicKey);
        _state.MixHash([]);
        return FirstLength;
    }

    /// <summary>Responder: reads the first message of exactly 32 bytes.</summary>
    public void ReadFirst(ReadOnlySpan<byte> message)
    {
        message[..KeyLength].CopyTo(_remoteEphemeral);
        _state.MixHash(_remoteEphemeral);
        _state.MixHash([]);
    }

    /// <summary>Responder: writes the second message.</summary>
    public NoiseViolation WriteSecond(ReadOnlySpan<byte> payload, Span<byte> message)
    {
        // e (32), s sealed (48), payload sealed (n + 16).
        _ephemeral.PublicKey.CopyTo(message);
        _state.MixHash(_ephemeral.PublicKey);
        if (!Mix(_ephemeral, _remoteEphemeral))
        {
            return NoiseViolation.ZeroSharedSecret;
        }

        Span<byte> sealedKey = message.Slice(KeyLength, SealedKeyLength);
        _static.PublicKey.CopyTo(sealedKey);
        _state.EncryptAndHash(sealedKey, KeyLength);
        if (!Mix(_static, _remoteEphemeral))
        {
            return NoiseViolation.ZeroSharedSecret;
        }

        SealPayload(payload, message[(KeyLength + SealedKeyLength)..]);
        return NoiseViolation.None;
    }

    /// <summary>Initiator: reads the second message of at least <see cref="SecondOverhead"/> bytes.</summary>
    /// <param name="message">Decrypted in place.</param>
    /// <param name="payload">The payload, a slice of <paramref name="message"/>.</param>
    public NoiseViolation ReadSecond(Span<byte> message, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        message[..KeyLength].CopyTo(_remoteEphemeral);
        _state.MixHash(_remoteEphemeral);
        if (!Mix(_ephemeral, _remoteEphemeral))
        {
            return NoiseViolation.ZeroSharedSecret;
        }

        NoiseViolation violation = OpenStatic(message.Slice(KeyLength, SealedKeyLength));
        if (violation != NoiseViolation.None)
        {
            return violation;
        }

        return Mix(_ephemeral, _remoteStatic)
            ? OpenPayload(message[(KeyLength + SealedKeyLength)..], out payload)
            : NoiseViolation.ZeroSharedSecret;
    }

    /// <summary>Initiator: writes the third message.</summary>
    public NoiseViolation WriteThird(ReadOnlySpan<byte> payload, Span<byte> message)
    {
        // s sealed (48), payload sealed (n + 16).
        Span<byte> sealedKey = message[..SealedKeyLength];
        _static.PublicKey.CopyTo(sealedKey);
        _state.EncryptAndHash(sealedKey, KeyLength);
        if (!Mix(_static, _remoteEphemeral))
        {
            return NoiseViolation.ZeroSharedSecret;
        }

        SealPayload(payload, message[SealedKeyLength..]);
        return NoiseViolation.None;
    }

    /// <summary>Responder: reads the third message of at least <see cref="ThirdOverhead"/> bytes.</summary>
    /// <param name="message">Decrypted in place.</param>
    /// <param name="payload">The payload, a slice of <paramref name="message"/>.</param>
    public NoiseViolation ReadThird(Span<byte> message, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        NoiseViolation violation = OpenStatic(message[..SealedKeyLength]);
        if (violation != NoiseViolation.None)
        {
            return violation;
        }

        return Mix(_ephemeral, _remoteStatic)
            ? OpenPayload(message[SealedKeyLength..], out payload)
            : NoiseViolation.ZeroSharedSecret;
    }

    /// <inheritdoc cref="NoiseSymmetricState.Split"/>
    public (NoiseCipher Initiator, NoiseCipher Responder) Split(ulong maxMessages) => _state.Split(maxMessages);

    /// <inheritdoc />
    public void Dispose()
    {
        _state.Dispose();
        _ephemeral.Dispose();
    }

    private bool Mix(X25519PrivateKey own, ReadOnlySpan<byte> theirs)
    {
        Span<byte> shared = stackalloc byte[KeyLength];
        if (!own.TryAgree(theirs, shared))
        {
            return false;
        }

        _state.MixKey(shared);
        CryptographicOperations.ZeroMemory(shared);
        return true;
    }

    private void SealPayload(ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        payload.CopyTo(destination);
        _state.EncryptAndHash(destination, payload.Length);
    }

    private NoiseViolation OpenStatic(Span<byte> sealedKey)
    {
        NoiseViolation violation = _state.DecryptAndHash(sealedKey);
        sealedKey[..KeyLength].CopyTo(_remoteStatic);
        return violation;
    }

    private NoiseViolation OpenPayload(Span<byte> sealedPayload, out ReadOnlySpan<byte> payload)
    {
        NoiseViolation violation = _state.DecryptAndHash(sealedPayload);
        payload = violation == NoiseViolation.None ? sealedPayload[..^NoiseCipher.TagLength] : default;
        return violation;
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pmq.Libp2p.Noise;

/// <summary>
/// A Noise cipher state: one ChaCha20-Poly1305 key and the counter of its messages, for one direction. One owner.
/// </summary>
/// <remarks>
/// After any failure the state is poisoned and refuses everything: no nonce is ever used twice, and nothing behind a
/// forged, replayed, reordered or lost message is accepted.
/// <para><b>Spec</b>: Noise Protocol Framework rev. 34, §5.1, §12.3 (nonce: 4 zero bytes, then the counter as 8 bytes,
/// little endian).</para>
/// </remarks>
internal sealed class NoiseCipher : IDisposable
{
    /// <summary>The bytes by which a message is longer than its plaintext.</summary>
    public const int TagLength = 16;

    private readonly ChaCha20Poly1305 _aead;
    private readonly ulong _maxMessages;
    private ulong _nonce;
    private bool _poisoned;

    /// <summary>Creates the state with the counter 0.</summary>
    /// <param name="key">32 bytes; copied.</param>
    /// <param name="maxMessages">See <see cref="NoiseOptions.MaxMessagesPerKey"/>.</param>
    public NoiseCipher(ReadOnlySpan<byte> key, ulong maxMessages = ulong.MaxValue)
    {
        _aead = new ChaCha20Poly1305(key);
        _maxMessages = maxMessages;
    }

    /// <summary>Whether the state has failed and is of no more use.</summary>
    public bool IsPoisoned => _poisoned;

    /// <summary>Whether every nonce that may be used has been.</summary>
    public bool IsExhausted => _nonce >= _maxMessages;

    /// <summary>
    /// Encrypts the first <paramref name="plaintextLength"/> bytes of <paramref name="message"/> in place and writes
    /// the tag behind them.
    /// </summary>
    /// <returns>False, with nothing written, when the state is poisoned or its nonces are used up.</returns>
    public bool TryEncrypt(Span<byte> message, int plaintextLength, ReadOnlySpan<byte> associatedData = default)
    {
        if (_poisoned || IsExhausted)
        {
            _poisoned = true;
            return false;
        }

        Span<byte> nonce = stackalloc byte[12];
        WriteNonce(nonce);

        // Set until the call has succeeded: a nonce that may have been used is never offered again.
        _poisoned = true;
        Span<byte> text = message[..plaintextLength];
        _aead.Encrypt(nonce, text, text, message.Slice(plaintextLength, TagLength), associatedData);
        _nonce++;
        _poisoned = false;
        return true;
    }

    /// <summary>Decrypts <paramref name="message"/> (ciphertext and tag) in place.</summary>
    /// <returns>What is wrong; with <see cref="NoiseViolation.None"/> all but the last 16 bytes are
    /// plaintext.</returns>
    public NoiseViolation Decrypt(Span<byte> message, ReadOnlySpan<byte> associatedData = default)
    {
        if (_poisoned)
        {
            return NoiseViolation.AuthenticationFailed;
        }

        _poisoned = true;
        if (message.Length < TagLength)
        {
            return NoiseViolation.FrameTooShort;
        }

        if (IsExhausted)
        {
            return NoiseViolation.NonceExhausted;
        }

        Span<byte> nonce = stackalloc byte[12];
        WriteNonce(nonce);
        Span<byte> text = message[..^TagLength];
        try
        {
            _aead.Decrypt(nonce, text, message[^TagLength..], text, associatedData);
        }
        catch (AuthenticationTagMismatchException)
        {
            return NoiseViolation.AuthenticationFailed;
        }

        _nonce++;
        _poisoned = false;
        return NoiseViolation.None;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _poisoned = true;
        _aead.Dispose();
    }

    private void WriteNonce(Span<byte> nonce)
    {
        nonce[..4].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], _nonce);
    }
}

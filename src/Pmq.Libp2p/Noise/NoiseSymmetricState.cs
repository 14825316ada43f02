using System.Security.Cryptography;

namespace Pmq.Libp2p.Noise;

/// <summary>
/// The symmetric state of a handshake: chaining key, transcript hash, and the key of the moment. One owner.
/// </summary>
/// <remarks><b>Spec</b>: Noise Protocol Framework rev. 34, §5.2, with SHA-256 (HASHLEN 32) and HKDF of §4.3.</remarks>
internal sealed class NoiseSymmetricState : IDisposable
{
    /// <summary>Exactly 32 bytes, so that the name itself is the first hash and chaining key.</summary>
    private static ReadOnlySpan<byte> ProtocolName => "Noise_XX_25519_ChaChaPoly_SHA256"u8;

    private readonly byte[] _hash = ProtocolName.ToArray();
    private readonly byte[] _chainingKey = ProtocolName.ToArray();
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private NoiseCipher? _cipher;

    /// <summary>Starts with the empty prologue, which is hashed all the same.</summary>
    public NoiseSymmetricState() => MixHash([]);

    /// <summary>The transcript hash so far, 32 bytes.</summary>
    public ReadOnlySpan<byte> HandshakeHash => _hash;

    /// <summary>h = SHA-256(h ‖ data).</summary>
    public void MixHash(ReadOnlySpan<byte> data)
    {
        _sha256.AppendData(_hash);
        _sha256.AppendData(data);
        _sha256.GetHashAndReset(_hash);
    }

    /// <summary>(ck, k) = HKDF(ck, inputKeyMaterial, 2); the counter of k starts at 0.</summary>
    public void MixKey(ReadOnlySpan<byte> inputKeyMaterial)
    {
        Span<byte> output = stackalloc byte[64];
        DeriveTwo(inputKeyMaterial, output);
        output[..32].CopyTo(_chainingKey);
        _cipher?.Dispose();
        _cipher = new NoiseCipher(output[32..]);
        CryptographicOperations.ZeroMemory(output);
    }

    /// <summary>
    /// Encrypts in place under the key of the moment with the transcript as associated data, and hashes the result.
    /// </summary>
    public void EncryptAndHash(Span<byte> message, int plaintextLength)
    {
        if (!_cipher!.TryEncrypt(message, plaintextLength, _hash))
        {
            throw new InvalidOperationException("The handshake has failed already.");
        }

        MixHash(message[..(plaintextLength + NoiseCipher.TagLength)]);
    }

    /// <summary>Decrypts in place; the transcript takes the ciphertext.</summary>
    public NoiseViolation DecryptAndHash(Span<byte> message)
    {
        Span<byte> associatedData = stackalloc byte[32];
        _hash.CopyTo(associatedData);
        MixHash(message);
        return _cipher!.Decrypt(message, associatedData);
    }

    /// <summary>The two transport states: the first sends for the initiator, the second for the responder.</summary>
    public (NoiseCipher Initiator, NoiseCipher Responder) Split(ulong maxMessages)
    {
        Span<byte> output = stackalloc byte[64];
        DeriveTwo([], output);
        var pair = (new NoiseCipher(output[..32], maxMessages), new NoiseCipher(output[32..], maxMessages));
        CryptographicOperations.ZeroMemory(output);
        return pair;
    }

    /// <summary>Erases the keys.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_chainingKey);
        _cipher?.Dispose();
        _sha256.Dispose();
    }

    // HKDF with two outputs (§4.3). The base class library's HKDF refuses the empty input of Split on OpenSSL.
    private void DeriveTwo(ReadOnlySpan<byte> inputKeyMaterial, Span<byte> output)
    {
        Span<byte> temporaryKey = stackalloc byte[32];
        HMACSHA256.HashData(_chainingKey, inputKeyMaterial, temporaryKey);
        Span<byte> block = stackalloc byte[33];
        block[0] = 1;
        HMACSHA256.HashData(temporaryKey, block[..1], output[..32]);
        output[..32].CopyTo(block);
        block[32] = 2;
        HMACSHA256.HashData(temporaryKey, block, output[32..]);
        CryptographicOperations.ZeroMemory(temporaryKey);
        CryptographicOperations.ZeroMemory(block);
    }
}

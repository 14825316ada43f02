using Pmq.Core.Runtime;

namespace Pmq.Core.Cryptography;

/// <summary>
/// A private key for X25519 agreement (RFC 7748), held by the native library so that its preparation is paid once.
/// Thread-safe; its memory is erased when it is disposed and the last use has ended.
/// </summary>
public abstract class X25519PrivateKey : IDisposable
{
    /// <summary>The bytes of a private key, a public key and a shared secret.</summary>
    public const int KeyLength = 32;

    private readonly byte[] _publicKey = new byte[KeyLength];

    private protected X25519PrivateKey()
    {
    }

    /// <summary>The matching public key, 32 bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    private protected Span<byte> PublicKeyBuffer => _publicKey;

    /// <summary>Draws a new key.</summary>
    public static X25519PrivateKey Generate(IEntropySource entropy)
    {
        Span<byte> secret = stackalloc byte[KeyLength];
        entropy.Fill(secret);
        X25519PrivateKey key = Curve25519.Provider.CreateAgreementKey(secret);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(secret);
        return key;
    }

    /// <summary>The key of 32 given bytes, clamped in use as RFC 7748 says.</summary>
    /// <exception cref="ArgumentException"><paramref name="privateKey"/> is not 32 bytes.</exception>
    public static X25519PrivateKey FromBytes(ReadOnlySpan<byte> privateKey)
    {
        Curve25519.CheckLength(privateKey.Length, KeyLength, nameof(privateKey));
        return Curve25519.Provider.CreateAgreementKey(privateKey);
    }

    /// <summary>
    /// Computes the shared secret with <paramref name="peerPublicKey"/>. False when it would be all zero, which every
    /// point of small order gives: the handshake must then end (RFC 7748 §6.1).
    /// </summary>
    /// <param name="peerPublicKey">The peer's public key, 32 bytes.</param>
    /// <param name="shared">Receives 32 bytes; all zero when the result is false.</param>
    /// <exception cref="ArgumentException">A length is not 32.</exception>
    /// <exception cref="ObjectDisposedException">The key is disposed.</exception>
    public bool TryAgree(ReadOnlySpan<byte> peerPublicKey, Span<byte> shared)
    {
        Curve25519.CheckLength(peerPublicKey.Length, KeyLength, nameof(peerPublicKey));
        Curve25519.CheckLength(shared.Length, KeyLength, nameof(shared));
        if (AgreeCore(peerPublicKey, shared) && shared.ContainsAnyExcept((byte)0))
        {
            return true;
        }

        shared.Clear();
        return false;
    }

    /// <inheritdoc />
    public abstract void Dispose();

    private protected abstract bool AgreeCore(ReadOnlySpan<byte> peerPublicKey, Span<byte> shared);
}

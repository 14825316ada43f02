namespace Pmq.Core.Cryptography;

/// <summary>An Ed25519 private key as its library holds it. Thread-safe; freed when the last use ends.</summary>
internal abstract class Ed25519Signer : IDisposable
{
    /// <summary>The bytes of a public key, and of a seed.</summary>
    public const int KeyLength = 32;

    /// <summary>The bytes of a signature: R (32), S (32, little endian).</summary>
    public const int SignatureLength = 64;

    /// <summary>The matching public key.</summary>
    public byte[] PublicKey { get; } = new byte[KeyLength];

    /// <summary>Signs into the 64 bytes of <paramref name="signature"/>.</summary>
    /// <exception cref="ObjectDisposedException">The key is disposed.</exception>
    public abstract void Sign(ReadOnlySpan<byte> message, Span<byte> signature);

    /// <inheritdoc />
    public abstract void Dispose();
}

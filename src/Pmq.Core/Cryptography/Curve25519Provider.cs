namespace Pmq.Core.Cryptography;

/// <summary>
/// The curve operations that the base class library lacks, by one native library. It judges nothing beyond its own
/// checks: <see cref="Ed25519Rule"/> stands before every verification. Thread-safe.
/// </summary>
internal abstract class Curve25519Provider
{
    /// <summary>The library and its version, for the start-up log.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Whether the 64-byte <paramref name="signature"/> is one of <paramref name="message"/> by the 32-byte key.
    /// </summary>
    public abstract bool VerifyEd25519(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>A signer for the 32-byte <paramref name="seed"/>; the caller owns it.</summary>
    public abstract Ed25519Signer CreateSigner(ReadOnlySpan<byte> seed);

    /// <summary>A key for agreement from its 32 bytes; the caller owns it.</summary>
    public abstract X25519PrivateKey CreateAgreementKey(ReadOnlySpan<byte> privateKey);
}

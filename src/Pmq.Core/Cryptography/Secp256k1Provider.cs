namespace Pmq.Core.Cryptography;

/// <summary>
/// ECDSA over secp256k1 on digests of 32 bytes and compact signatures (r, s; 32 bytes each, big endian), which a byte v
/// may follow, so that the key can be recovered. Thread-safe.
/// </summary>
internal abstract class Secp256k1Provider
{
    /// <summary>The bytes of a private key and of a digest.</summary>
    public const int ScalarLength = 32;

    /// <summary>The bytes of a compressed public key.</summary>
    public const int PublicKeyLength = 33;

    /// <summary>The bytes of a compact signature.</summary>
    public const int CompactLength = 64;

    /// <summary>
    /// The bytes of a compact signature and v: the parity of the nonce's point, 0 or 1. The 2 and 3 of points whose x is
    /// not below the order (one in 2^127) are neither made nor taken.
    /// </summary>
    public const int RecoverableLength = CompactLength + 1;

    /// <summary>The bytes of a key's coordinates: X, Y.</summary>
    public const int CoordinatesLength = 64;

    private static readonly Lazy<Secp256k1Provider> Chosen =
        new(() => LibSecp256k1.TryLoad() ?? (Secp256k1Provider)new BouncySecp256k1());

    /// <summary>libsecp256k1 when the system has it, else BouncyCastle.</summary>
    public static Secp256k1Provider Default => Chosen.Value;

    /// <summary>The library, for the start-up log.</summary>
    public abstract string Name { get; }

    /// <summary>Derives the compressed public key; false if the private key is zero or not below the order.</summary>
    public abstract bool TryDerive(ReadOnlySpan<byte> privateKey, Span<byte> publicKey);

    /// <summary>As <see cref="TryDerive"/>, but X and Y.</summary>
    public abstract bool TryDeriveCoordinates(ReadOnlySpan<byte> privateKey, Span<byte> coordinates);

    /// <summary>Signs a digest with the nonce of RFC 6979 and low S.</summary>
    public abstract void Sign(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> digest, Span<byte> signature);

    /// <summary>Verifies a compact signature with either S; false also when the key is no point.</summary>
    public abstract bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature);

    /// <summary>As <see cref="Sign"/>, with v behind it.</summary>
    public abstract void SignRecoverable(
        ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> digest, Span<byte> signature);

    /// <summary>
    /// Recovers X and Y of the only key that can have made the signature, of either S; false when there is none.
    /// </summary>
    public abstract bool TryRecover(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature, Span<byte> coordinates);
}

using System.Diagnostics.CodeAnalysis;
using Pmq.Core.Runtime;

namespace Pmq.Core.Identity;

/// <summary>A private key that signs for a peer. Thread-safe.</summary>
public abstract class PrivateKey : IDisposable
{
    private protected PrivateKey()
    {
    }

    /// <summary>The matching public key.</summary>
    public abstract PublicKey PublicKey { get; }

    /// <summary>
    /// The longest signature that <see cref="Sign(ReadOnlySpan{byte}, Span{byte})"/> writes, in bytes.
    /// </summary>
    public abstract int MaxSignatureLength { get; }

    /// <summary>Makes a key of <paramref name="type"/> (not RSA).</summary>
    /// <exception cref="ArgumentOutOfRangeException">We make no keys of this type.</exception>
    public static PrivateKey Generate(KeyType type, IEntropySource entropy) => type switch
    {
        KeyType.Ed25519 => Ed25519PrivateKey.Generate(entropy),
        KeyType.Secp256k1 => Secp256k1PrivateKey.Generate(entropy),
        KeyType.Ecdsa => EcdsaPrivateKey.Generate(entropy),
        _ => throw new ArgumentOutOfRangeException(
            nameof(type), type, "Keys can be made of type Ed25519, Secp256k1 and Ecdsa."),
    };

    /// <summary>Parses the protobuf form {Type=1, Data=2}; false if it is not a key that we can sign with.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> protobuf, [NotNullWhen(true)] out PrivateKey? key)
    {
        key = null;
        if (!KeyProtobuf.TryDecode(protobuf, out KeyType type, out ReadOnlySpan<byte> data))
        {
            return false;
        }

        key = type switch
        {
            KeyType.Ed25519 => Ed25519PrivateKey.TryCreate(data),
            KeyType.Secp256k1 => Secp256k1PrivateKey.TryCreate(data),
            KeyType.Ecdsa => EcdsaPrivateKey.TryCreate(data),
            _ => null,
        };
        return key is not null;
    }

    /// <summary>Signs <paramref name="message"/>: Ed25519 64 bytes; ECDSA and secp256k1 SHA-256 and DER.</summary>
    /// <exception cref="ObjectDisposedException">The key is disposed.</exception>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        var signature = new byte[MaxSignatureLength];
        int length = Sign(message, signature);
        return length == signature.Length ? signature : signature[..length];
    }

    /// <summary>
    /// As <see cref="Sign(ReadOnlySpan{byte})"/>, into <paramref name="destination"/>; returns the bytes written.
    /// </summary>
    /// <param name="message">What to sign.</param>
    /// <param name="destination">At least <see cref="MaxSignatureLength"/> bytes.</param>
    public abstract int Sign(ReadOnlySpan<byte> message, Span<byte> destination);

    /// <summary>The protobuf form {Type=1, Data=2}; secret.</summary>
    public abstract byte[] ToProtobuf();

    /// <summary>Erases what can be erased. Signing that is under way ends first.</summary>
    public abstract void Dispose();
}

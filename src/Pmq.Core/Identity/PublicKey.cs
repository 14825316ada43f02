using System.Diagnostics.CodeAnalysis;
using Pmq.Core.Encoding;

namespace Pmq.Core.Identity;

/// <summary>A public key of any of the four libp2p types. Immutable and thread-safe.</summary>
/// <remarks>
/// Spec: libp2p peer-ids. Decoding checks the form only, and without costly arithmetic: a well-formed key that is no
/// point of its curve, or one that the acceptance rule refuses, shows at <see cref="Verify"/>.
/// </remarks>
public abstract class PublicKey : IEquatable<PublicKey>
{
    /// <summary>
    /// The longest protobuf form that is taken, in bytes: RSA of 8192 bits has 1,062; the rest is margin.
    /// </summary>
    public const int MaxEncodedLength = 1100;

    private readonly byte[] _protobuf;
    private readonly int _dataStart;

    private protected PublicKey(KeyType type, ReadOnlySpan<byte> data)
    {
        Type = type;
        _protobuf = KeyProtobuf.Encode(type, data);
        _dataStart = _protobuf.Length - data.Length;
    }

    /// <summary>The type of the key.</summary>
    public KeyType Type { get; }

    /// <summary>The key's Data field: 32 bytes, 33 bytes compressed, or PKIX DER.</summary>
    public ReadOnlySpan<byte> Data => _protobuf.AsSpan(_dataStart);

    /// <summary>The deterministic protobuf form {Type=1, Data=2}.</summary>
    public ReadOnlySpan<byte> Protobuf => _protobuf;

    /// <summary>Whether both are the same key.</summary>
    public static bool operator ==(PublicKey? left, PublicKey? right) =>
        left is null ? right is null : left.Equals(right);

    /// <summary>Whether they are different keys.</summary>
    public static bool operator !=(PublicKey? left, PublicKey? right) => !(left == right);

    /// <summary>Judges a signature by the acceptance rule.</summary>
    /// <param name="message">What was signed, of any length.</param>
    /// <param name="signature">The signature; any bytes.</param>
    public abstract SignatureVerdict Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>
    /// Parses the protobuf form; any bytes give a key or false. The form is the deterministic one: both fields, in
    /// order, minimal varints, nothing else, since the peer id is a hash of exactly these bytes.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> protobuf, [NotNullWhen(true)] out PublicKey? key)
    {
        key = null;
        if (protobuf.Length > MaxEncodedLength
            || !KeyProtobuf.TryDecode(protobuf, out KeyType type, out ReadOnlySpan<byte> data))
        {
            return false;
        }

        key = type switch
        {
            KeyType.Ed25519 => Ed25519PublicKey.TryCreate(data),
            KeyType.Secp256k1 => Secp256k1PublicKey.TryCreate(data),
            KeyType.Ecdsa => EcdsaPublicKey.TryCreate(data),
            KeyType.Rsa => RsaPublicKey.TryCreate(data),
            _ => null,
        };
        return key is not null;
    }

    /// <inheritdoc />
    public bool Equals(PublicKey? other) =>
        ReferenceEquals(this, other) || (other is not null && Protobuf.SequenceEqual(other.Protobuf));

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as PublicKey);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Data);
        return hash.ToHashCode();
    }

    /// <summary>The type and the peer id.</summary>
    public override string ToString() => $"{Type} {PeerId.FromPublicKey(this)}";
}

namespace Pmq.Core.Identity;

/// <summary>A public key of any of the four libp2p types. Immutable and thread-safe.</summary>
public abstract class PublicKey : IEquatable<PublicKey>
{
    /// <summary>The type of the key.</summary>
    public abstract KeyType Type { get; }

    /// <summary>The key's Data field: 32 bytes, 33 bytes compressed, or PKIX DER.</summary>
    public abstract ReadOnlySpan<byte> Data { get; }

    /// <summary>The deterministic protobuf form {Type=1, Data=2}.</summary>
    public abstract ReadOnlySpan<byte> Protobuf { get; }

    /// <summary>Judges a signature by the acceptance rule.</summary>
    public abstract SignatureVerdict Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>Parses the protobuf form; any bytes give a key or false.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> protobuf, out PublicKey? key) => throw new NotImplementedException();

    /// <inheritdoc />
    public bool Equals(PublicKey? other) => throw new NotImplementedException();

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as PublicKey);

    /// <inheritdoc />
    public override int GetHashCode() => throw new NotImplementedException();
}

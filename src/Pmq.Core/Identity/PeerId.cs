namespace Pmq.Core.Identity;

/// <summary>The multihash of a peer's public key: its name on the network.</summary>
public sealed class PeerId : IEquatable<PeerId>, IComparable<PeerId>
{
    /// <summary>The multihash, 34 bytes (sha2-256) or up to 44 (identity).</summary>
    public ReadOnlySpan<byte> Bytes => throw new NotImplementedException();

    /// <summary>The peer id of <paramref name="key"/>.</summary>
    public static PeerId FromPublicKey(PublicKey key) => throw new NotImplementedException();

    /// <summary>Parses a binary peer id; false if it is not one.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, out PeerId? peer) => throw new NotImplementedException();

    /// <summary>Parses base58btc (<c>12D3KooW…</c>, <c>Qm…</c>) or CIDv1 text.</summary>
    public static bool TryParse(string? text, out PeerId? peer) => throw new NotImplementedException();

    /// <summary>As <see cref="TryParse"/>.</summary>
    /// <exception cref="FormatException">The text is no peer id.</exception>
    public static PeerId Parse(string text) => throw new NotImplementedException();

    /// <summary>The key inlined in the id; null when the id is a hash of the key.</summary>
    public PublicKey? InlinedPublicKey => throw new NotImplementedException();

    /// <summary>The first 64 bits of the key's part, for tables that are keyed by peer.</summary>
    public bool Equals(PeerId? other) => throw new NotImplementedException();

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as PeerId);

    /// <inheritdoc />
    public override int GetHashCode() => throw new NotImplementedException();

    /// <summary>Compares the bytes, unsigned.</summary>
    public int CompareTo(PeerId? other) => throw new NotImplementedException();

    /// <summary>base58btc.</summary>
    public override string ToString() => throw new NotImplementedException();
}

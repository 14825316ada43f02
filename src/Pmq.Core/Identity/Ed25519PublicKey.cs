using Pmq.Core.Cryptography;

namespace Pmq.Core.Identity;

/// <summary>An Ed25519 public key; Data is its 32 bytes.</summary>
internal sealed class Ed25519PublicKey : PublicKey
{
    private Ed25519PublicKey(ReadOnlySpan<byte> data)
        : base(KeyType.Ed25519, data)
    {
    }

    public static Ed25519PublicKey? TryCreate(ReadOnlySpan<byte> data) =>
        data.Length == Ed25519Signer.KeyLength ? new Ed25519PublicKey(data) : null;

    public override SignatureVerdict Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        Ed25519Rule.Verify(Curve25519.Provider, Data, message, signature);
}

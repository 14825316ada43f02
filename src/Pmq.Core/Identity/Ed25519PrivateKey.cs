using System.Security.Cryptography;
using Pmq.Core.Cryptography;
using Pmq.Core.Runtime;

namespace Pmq.Core.Identity;

/// <summary>
/// An Ed25519 private key. Data: seed (32), public key (32); the legacy form repeats the public key (96 in all).
/// </summary>
internal sealed class Ed25519PrivateKey : PrivateKey
{
    private const int KeyLength = Ed25519Signer.KeyLength;

    private readonly Ed25519Signer _signer;
    private readonly SecretMemory _seed = new(KeyLength);

    private Ed25519PrivateKey(ReadOnlySpan<byte> seed)
    {
        _signer = Curve25519.Provider.CreateSigner(seed);
        seed.CopyTo(_seed.Span);
        PublicKey = Ed25519PublicKey.TryCreate(_signer.PublicKey)!;
    }

    public override PublicKey PublicKey { get; }

    public override int MaxSignatureLength => Ed25519Signer.SignatureLength;

    public static Ed25519PrivateKey FromSeed(ReadOnlySpan<byte> seed) => new(seed);

    public static Ed25519PrivateKey Generate(IEntropySource entropy)
    {
        Span<byte> seed = stackalloc byte[KeyLength];
        entropy.Fill(seed);
        var key = new Ed25519PrivateKey(seed);
        CryptographicOperations.ZeroMemory(seed);
        return key;
    }

    public static Ed25519PrivateKey? TryCreate(ReadOnlySpan<byte> data)
    {
        if (data.Length is not (2 * KeyLength or 3 * KeyLength))
        {
            return null;
        }

        ReadOnlySpan<byte> publicKey = data[KeyLength..(2 * KeyLength)];
        if (data.Length == 3 * KeyLength && !publicKey.SequenceEqual(data[(2 * KeyLength)..]))
        {
            return null;
        }

        // Signing with a public key that does not belong to the seed would give the seed away.
        var key = new Ed25519PrivateKey(data[..KeyLength]);
        if (publicKey.SequenceEqual(key.PublicKey.Data))
        {
            return key;
        }

        key.Dispose();
        return null;
    }

    public override int Sign(ReadOnlySpan<byte> message, Span<byte> destination)
    {
        _signer.Sign(message, destination[..Ed25519Signer.SignatureLength]);
        return Ed25519Signer.SignatureLength;
    }

    public override byte[] ToProtobuf()
    {
        using SecretMemory.Use seed = _seed.Hold();
        Span<byte> data = stackalloc byte[2 * KeyLength];
        seed.Span.CopyTo(data);
        PublicKey.Data.CopyTo(data[KeyLength..]);
        byte[] protobuf = KeyProtobuf.Encode(KeyType.Ed25519, data);
        CryptographicOperations.ZeroMemory(data);
        return protobuf;
    }

    public override void Dispose()
    {
        _signer.Dispose();
        _seed.Dispose();
    }
}

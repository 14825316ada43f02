using System.Security.Cryptography;
using Pmq.Core.Cryptography;
using Pmq.Core.Encoding;

namespace Pmq.Core.Identity;

/// <summary>
/// A secp256k1 key; Data is its point, compressed to 33 bytes. Signatures are strict DER over SHA-256, S high or low.
/// </summary>
internal sealed class Secp256k1PublicKey : PublicKey
{
    private const int ScalarLength = Secp256k1Provider.ScalarLength;

    private Secp256k1PublicKey(ReadOnlySpan<byte> data)
        : base(KeyType.Secp256k1, data)
    {
    }

    public static Secp256k1PublicKey? TryCreate(ReadOnlySpan<byte> data) =>
        data.Length == Secp256k1Provider.PublicKeyLength && data[0] is 0x02 or 0x03
            ? new Secp256k1PublicKey(data)
            : null;

    public override SignatureVerdict Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        // SEQUENCE { INTEGER r, INTEGER s }
        Span<byte> compact = stackalloc byte[Secp256k1Provider.CompactLength];
        var outer = new DerReader(signature);
        if (!outer.TryRead(DerReader.Sequence, out ReadOnlySpan<byte> pair) || !outer.AtEnd)
        {
            return SignatureVerdict.Invalid;
        }

        var numbers = new DerReader(pair);
        if (!numbers.TryReadPositive(out ReadOnlySpan<byte> r) || !numbers.TryReadPositive(out ReadOnlySpan<byte> s)
            || !numbers.AtEnd || r.Length > ScalarLength || s.Length > ScalarLength)
        {
            return SignatureVerdict.Invalid;
        }

        r.CopyTo(compact[(ScalarLength - r.Length)..]);
        s.CopyTo(compact[(compact.Length - s.Length)..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(message, digest);
        return Secp256k1Provider.Default.Verify(Data, digest, compact)
            ? SignatureVerdict.Valid
            : SignatureVerdict.Invalid;
    }
}

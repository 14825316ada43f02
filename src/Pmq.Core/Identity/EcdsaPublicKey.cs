using System.Security.Cryptography;

namespace Pmq.Core.Identity;

/// <summary>
/// An ECDSA key over P-256; Data is its PKIX DER with the point uncompressed, as go, rust and js write it, and no other
/// encoding of the same key. Signatures are DER over SHA-256.
/// </summary>
internal sealed class EcdsaPublicKey : PublicKey
{
    private const int CoordinateLength = 32;

    // SEQUENCE { SEQUENCE { ecPublicKey, prime256v1 }, BIT STRING { 0 unused, 04 X Y } } up to X.
    private static ReadOnlySpan<byte> Prefix =>
    [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A,
        0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
    ];

    private readonly Lock _lock = new();
    private ECDsa? _key;
    private bool _offCurve;

    private EcdsaPublicKey(ReadOnlySpan<byte> data)
        : base(KeyType.Ecdsa, data)
    {
    }

    public static EcdsaPublicKey? TryCreate(ReadOnlySpan<byte> data) =>
        data.Length == Prefix.Length + (2 * CoordinateLength) && data.StartsWith(Prefix)
            ? new EcdsaPublicKey(data)
            : null;

    public override SignatureVerdict Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        lock (_lock)
        {
            // Importing costs four verifications, so it waits until the first.
            _key ??= _offCurve ? null : Import();
            bool? valid = _key?.VerifyData(
                message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
            return valid == true
                ? SignatureVerdict.Valid
                : SignatureVerdict.Invalid;
        }
    }

    private ECDsa? Import()
    {
        ReadOnlySpan<byte> point = Data[Prefix.Length..];
        try
        {
            return ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = point[..CoordinateLength].ToArray(), Y = point[CoordinateLength..].ToArray() },
            });
        }
        catch (CryptographicException)
        {
            _offCurve = true;
            return null;
        }
    }
}

using System.Numerics;
using System.Security.Cryptography;
using Pmq.Core.Encoding;

namespace Pmq.Core.Identity;

/// <summary>
/// An RSA key of 2048 to 8192 bits; Data is its PKIX DER. Signatures are PKCS#1 v1.5 over SHA-256. Larger keys would
/// let a stranger choose the cost of a verification (CVE-2023-39533); the public exponent is bounded for the same
/// reason.
/// </summary>
internal sealed class RsaPublicKey : PublicKey
{
    private const int MinBits = 2048; // go-libp2p
    private const int MaxBits = 8192; // go-libp2p
    private const int MaxExponentLength = 4; // below 2^31, as Go's standard library

    // AlgorithmIdentifier: OID rsaEncryption, NULL.
    private static ReadOnlySpan<byte> Algorithm =>
        [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00];

    private readonly Lock _lock = new();
    private readonly RSAParameters _parameters;
    private RSA? _key;

    private RsaPublicKey(ReadOnlySpan<byte> data, ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent)
        : base(KeyType.Rsa, data) =>
        _parameters = new RSAParameters { Modulus = modulus.ToArray(), Exponent = exponent.ToArray() };

    public static RsaPublicKey? TryCreate(ReadOnlySpan<byte> data)
    {
        // SEQUENCE { SEQUENCE { algorithm }, BIT STRING { 0 unused, SEQUENCE { INTEGER n, INTEGER e } } }
        var outer = new DerReader(data);
        if (!outer.TryRead(DerReader.Sequence, out ReadOnlySpan<byte> info) || !outer.AtEnd)
        {
            return null;
        }

        var fields = new DerReader(info);
        if (!fields.TryRead(DerReader.Sequence, out ReadOnlySpan<byte> algorithm) || !algorithm.SequenceEqual(Algorithm)
            || !fields.TryRead(DerReader.BitString, out ReadOnlySpan<byte> bits) || !fields.AtEnd
            || bits.IsEmpty || bits[0] != 0)
        {
            return null;
        }

        var key = new DerReader(bits[1..]);
        if (!key.TryRead(DerReader.Sequence, out ReadOnlySpan<byte> numbers) || !key.AtEnd)
        {
            return null;
        }

        var pair = new DerReader(numbers);
        return pair.TryReadPositive(out ReadOnlySpan<byte> modulus)
            && pair.TryReadPositive(out ReadOnlySpan<byte> exponent)
            && pair.AtEnd && IsAcceptable(modulus, exponent)
            ? new RsaPublicKey(data, modulus, exponent)
            : null;
    }

    public override SignatureVerdict Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        lock (_lock)
        {
            try
            {
                _key ??= RSA.Create(_parameters);
                return _key.VerifyData(message, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                    ? SignatureVerdict.Valid
                    : SignatureVerdict.Invalid;
            }
            catch (CryptographicException)
            {
                // Numbers that the library refuses to take for a key.
                return SignatureVerdict.Invalid;
            }
        }
    }

    private static bool IsAcceptable(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent)
    {
        int bits = (8 * modulus.Length) - (BitOperations.LeadingZeroCount((uint)modulus[0]) - 24);
        bool odd = (modulus[^1] & exponent[^1] & 1) == 1;
        return bits is >= MinBits and <= MaxBits && odd
            && exponent.Length <= MaxExponentLength && (exponent.Length < MaxExponentLength || exponent[0] < 0x80)
            && (exponent.Length > 1 || exponent[0] > 1);
    }
}

using System.Security.Cryptography;
using Pmq.Core.Runtime;

namespace Pmq.Core.Identity;

/// <summary>An ECDSA private key over P-256. Data: ECPrivateKey DER (RFC 5915) with curve and public key.</summary>
internal sealed class EcdsaPrivateKey : PrivateKey
{
    private const int ScalarLength = 32;

    private readonly Lock _lock = new();
    private readonly ECDsa _key;

    private EcdsaPrivateKey(ECDsa key)
    {
        _key = key;
        PublicKey = EcdsaPublicKey.TryCreate(key.ExportSubjectPublicKeyInfo())
            ?? throw new CryptographicException("The key is not of the curve P-256.");
    }

    public override PublicKey PublicKey { get; }

    // SEQUENCE (2) of two INTEGERs (2 each) of at most 33 bytes.
    public override int MaxSignatureLength => 72;

    public static EcdsaPrivateKey Generate(IEntropySource entropy)
    {
        var scalar = new byte[ScalarLength];
        while (true)
        {
            entropy.Fill(scalar);
            try
            {
                var parameters = new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar };
                return new EcdsaPrivateKey(ECDsa.Create(parameters));
            }
            catch (CryptographicException) when (IsOutOfRange(scalar))
            {
                // Zero, or not below the order of the curve: about one draw in 2^32.
            }
            finally
            {
                CryptographicOperations.ZeroMemory(scalar);
            }
        }
    }

    public static EcdsaPrivateKey? TryCreate(ReadOnlySpan<byte> data)
    {
        ECDsa key = ECDsa.Create();
        try
        {
            key.ImportECPrivateKey(data, out int read);
            if (read == data.Length)
            {
                return new EcdsaPrivateKey(key);
            }
        }
        catch (CryptographicException)
        {
        }

        key.Dispose();
        return null;
    }

    public override int Sign(ReadOnlySpan<byte> message, Span<byte> destination)
    {
        lock (_lock)
        {
            return _key.SignData(message, destination, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
    }

    public override byte[] ToProtobuf()
    {
        lock (_lock)
        {
            byte[] data = _key.ExportECPrivateKey();
            byte[] protobuf = KeyProtobuf.Encode(KeyType.Ecdsa, data);
            CryptographicOperations.ZeroMemory(data);
            return protobuf;
        }
    }

    public override void Dispose()
    {
        lock (_lock)
        {
            _key.Dispose();
        }
    }

    // The order of P-256 starts with 32 set bits.
    private static bool IsOutOfRange(ReadOnlySpan<byte> scalar) =>
        !scalar.ContainsAnyExcept((byte)0) || !scalar[..4].ContainsAnyExcept((byte)0xFF);
}

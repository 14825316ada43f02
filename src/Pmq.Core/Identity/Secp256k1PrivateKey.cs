using System.Security.Cryptography;
using Pmq.Core.Cryptography;
using Pmq.Core.Encoding;
using Pmq.Core.Runtime;

namespace Pmq.Core.Identity;

/// <summary>A secp256k1 private key. Data: the scalar, 32 bytes, big endian.</summary>
internal sealed class Secp256k1PrivateKey : PrivateKey
{
    private const int ScalarLength = Secp256k1Provider.ScalarLength;

    private readonly SecretMemory _scalar = new(ScalarLength);

    private Secp256k1PrivateKey(ReadOnlySpan<byte> scalar, PublicKey publicKey)
    {
        scalar.CopyTo(_scalar.Span);
        PublicKey = publicKey;
    }

    public override PublicKey PublicKey { get; }

    // SEQUENCE (2) of two INTEGERs (2 each) of at most 33 bytes.
    public override int MaxSignatureLength => 72;

    public static Secp256k1PrivateKey Generate(IEntropySource entropy)
    {
        Span<byte> scalar = stackalloc byte[ScalarLength];
        Secp256k1PrivateKey? key;
        do
        {
            entropy.Fill(scalar);
            key = TryCreate(scalar);
        }
        while (key is null);

        CryptographicOperations.ZeroMemory(scalar);
        return key;
    }

    public static Secp256k1PrivateKey? TryCreate(ReadOnlySpan<byte> data)
    {
        Span<byte> publicKey = stackalloc byte[Secp256k1Provider.PublicKeyLength];
        return data.Length == ScalarLength && Secp256k1Provider.Default.TryDerive(data, publicKey)
            ? new Secp256k1PrivateKey(data, Secp256k1PublicKey.TryCreate(publicKey)!)
            : null;
    }

    public override int Sign(ReadOnlySpan<byte> message, Span<byte> destination)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> compact = stackalloc byte[Secp256k1Provider.CompactLength];
        SHA256.HashData(message, digest);
        using (SecretMemory.Use scalar = _scalar.Hold())
        {
            Secp256k1Provider.Default.Sign(scalar.Span, digest, compact);
        }

        // SEQUENCE { INTEGER r, INTEGER s }; the content is shorter than 128 bytes.
        int length = 2;
        length += WriteInteger(destination[length..], compact[..ScalarLength]);
        length += WriteInteger(destination[length..], compact[ScalarLength..]);
        destination[0] = DerReader.Sequence;
        destination[1] = (byte)(length - 2);
        return length;
    }

    public override byte[] ToProtobuf()
    {
        using SecretMemory.Use scalar = _scalar.Hold();
        return KeyProtobuf.Encode(KeyType.Secp256k1, scalar.Span);
    }

    public override void Dispose() => _scalar.Dispose();

    private static int WriteInteger(Span<byte> destination, ReadOnlySpan<byte> value)
    {
        value = value.TrimStart((byte)0);
        int sign = value[0] >> 7;
        destination[0] = DerReader.Integer;
        destination[1] = (byte)(value.Length + sign);
        destination[2] = 0;
        value.CopyTo(destination[(2 + sign)..]);
        return 2 + sign + value.Length;
    }
}

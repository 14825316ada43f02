using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;

namespace Pmq.Core.Cryptography;

/// <summary>
/// secp256k1 by BouncyCastle, where libsecp256k1 is missing. Slow (about 1,600 verifications a second), not constant in
/// time, and it allocates about a megabyte an operation.
/// </summary>
internal sealed class BouncySecp256k1 : Secp256k1Provider
{
    private readonly ECDomainParameters _curve;
    private readonly BigInteger _halfOrder;

    public BouncySecp256k1()
    {
        X9ECParameters parameters = CustomNamedCurves.GetByName("secp256k1");
        _curve = new ECDomainParameters(parameters.Curve, parameters.G, parameters.N, parameters.H);
        _halfOrder = parameters.N.ShiftRight(1);
    }

    public override string Name => "BouncyCastle";

    public override bool TryDerive(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        var d = new BigInteger(1, privateKey.ToArray());
        if (d.SignValue == 0 || d.CompareTo(_curve.N) >= 0)
        {
            return false;
        }

        _curve.G.Multiply(d).Normalize().GetEncoded(compressed: true).CopyTo(publicKey);
        return true;
    }

    public override void Sign(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> digest, Span<byte> signature)
    {
        var signer = new ECDsaSigner(new HMacDsaKCalculator(new Sha256Digest()));
        signer.Init(forSigning: true, new ECPrivateKeyParameters(new BigInteger(1, privateKey.ToArray()), _curve));
        BigInteger[] rs = signer.GenerateSignature(digest.ToArray());
        BigInteger s = rs[1].CompareTo(_halfOrder) > 0 ? _curve.N.Subtract(rs[1]) : rs[1];
        Write(rs[0], signature[..ScalarLength]);
        Write(s, signature[ScalarLength..]);
    }

    public override bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        try
        {
            var verifier = new ECDsaSigner();
            verifier.Init(
                forSigning: false, new ECPublicKeyParameters(_curve.Curve.DecodePoint(publicKey.ToArray()), _curve));
            return verifier.VerifySignature(
                digest.ToArray(),
                new BigInteger(1, signature[..ScalarLength].ToArray()),
                new BigInteger(1, signature[ScalarLength..].ToArray()));
        }
        catch (Exception e) when (e is ArgumentException or ArithmeticException)
        {
            // No point of the curve.
            return false;
        }
    }

    private static void Write(BigInteger value, Span<byte> destination)
    {
        byte[] bytes = value.ToByteArrayUnsigned();
        destination.Clear();
        bytes.CopyTo(destination[(destination.Length - bytes.Length)..]);
    }
}

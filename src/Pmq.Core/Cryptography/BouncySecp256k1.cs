using System.Security.Cryptography;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Math.EC;
using ECPoint = Org.BouncyCastle.Math.EC.ECPoint;

namespace Pmq.Core.Cryptography;

/// <summary>
/// secp256k1 by BouncyCastle, where libsecp256k1 is missing. Slow (about 2,000 verifications a second), not constant in
/// time, and it allocates hundreds of kilobytes an operation, among them copies of private keys that nothing erases.
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
        ECPoint? point = Derive(privateKey);
        point?.GetEncoded(compressed: true).CopyTo(publicKey);
        return point is not null;
    }

    public override bool TryDeriveCoordinates(ReadOnlySpan<byte> privateKey, Span<byte> coordinates)
    {
        ECPoint? point = Derive(privateKey);
        point?.GetEncoded(compressed: false).AsSpan(1).CopyTo(coordinates);
        return point is not null;
    }

    public override void Sign(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> digest, Span<byte> signature) =>
        Sign(Scalar(privateKey), digest, signature, out _, out _);

    public override bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        try
        {
            var verifier = new ECDsaSigner();
            verifier.Init(
                forSigning: false, new ECPublicKeyParameters(_curve.Curve.DecodePoint(publicKey.ToArray()), _curve));
            return verifier.VerifySignature(
                digest.ToArray(),
                Scalar(signature[..ScalarLength]),
                Scalar(signature[ScalarLength..]));
        }
        catch (Exception e) when (e is ArgumentException or ArithmeticException)
        {
            // No point of the curve.
            return false;
        }
    }

    public override void SignRecoverable(
        ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> digest, Span<byte> signature)
    {
        BigInteger d = Scalar(privateKey);
        Sign(d, digest, signature[..CompactLength], out BigInteger r, out BigInteger s);

        // The nonce that (r, s) stands for, after S was made low: k = (z + r d) / s.
        BigInteger k = Scalar(digest).Add(r.Multiply(d)).Multiply(s.ModInverse(_curve.N)).Mod(_curve.N);
        ECPoint point = _curve.G.Multiply(k).Normalize();
        if (!point.AffineXCoord.ToBigInteger().Equals(r))
        {
            throw new CryptographicException($"{Name} made a signature that no v of 0 or 1 fits.");
        }

        signature[CompactLength] = (byte)(point.AffineYCoord.TestBitZero() ? 1 : 0);
    }

    public override bool TryRecover(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature, Span<byte> coordinates)
    {
        BigInteger r = Scalar(signature[..ScalarLength]);
        BigInteger s = Scalar(signature[ScalarLength..CompactLength]);
        byte v = signature[CompactLength];
        if (v > 1 || !IsInRange(r) || !IsInRange(s))
        {
            return false;
        }

        ECPoint point;
        try
        {
            point = _curve.Curve.DecodePoint([(byte)(0x02 + v), .. signature[..ScalarLength]]);
        }
        catch (ArgumentException)
        {
            // No point of the curve has this x.
            return false;
        }

        // Q = (s R - z G) / r
        BigInteger inverse = r.ModInverse(_curve.N);
        BigInteger u1 = Scalar(digest).Negate().Multiply(inverse).Mod(_curve.N);
        BigInteger u2 = s.Multiply(inverse).Mod(_curve.N);
        ECPoint key = ECAlgorithms.SumOfTwoMultiplies(_curve.G, u1, point, u2).Normalize();
        if (key.IsInfinity)
        {
            return false;
        }

        key.GetEncoded(compressed: false).AsSpan(1).CopyTo(coordinates);
        return true;
    }

    private static BigInteger Scalar(ReadOnlySpan<byte> bytes) => new(1, bytes.ToArray());

    private ECPoint? Derive(ReadOnlySpan<byte> privateKey)
    {
        BigInteger d = Scalar(privateKey);
        return IsInRange(d) ? _curve.G.Multiply(d).Normalize() : null;
    }

    private bool IsInRange(BigInteger scalar) => scalar.SignValue > 0 && scalar.CompareTo(_curve.N) < 0;

    private void Sign(
        BigInteger d, ReadOnlySpan<byte> digest, Span<byte> signature, out BigInteger r, out BigInteger s)
    {
        var signer = new ECDsaSigner(new HMacDsaKCalculator(new Sha256Digest()));
        signer.Init(forSigning: true, new ECPrivateKeyParameters(d, _curve));
        BigInteger[] rs = signer.GenerateSignature(digest.ToArray());
        r = rs[0];
        s = rs[1].CompareTo(_halfOrder) > 0 ? _curve.N.Subtract(rs[1]) : rs[1];
        Write(r, signature[..ScalarLength]);
        Write(s, signature[ScalarLength..]);
    }

    private static void Write(BigInteger value, Span<byte> destination)
    {
        byte[] bytes = value.ToByteArrayUnsigned();
        destination.Clear();
        bytes.CopyTo(destination[(destination.Length - bytes.Length)..]);
    }
}

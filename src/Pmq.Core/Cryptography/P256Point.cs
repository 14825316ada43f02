using System.Security.Cryptography;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.EC;

namespace Pmq.Core.Cryptography;

/// <summary>The compressed form of keys on P-256, which the base class library does not read.</summary>
internal static class P256Point
{
    /// <summary>The bytes of a compressed key.</summary>
    public const int Length = 33;

    private static readonly X9ECParameters Curve = CustomNamedCurves.GetByName("secp256r1");

    /// <summary>X and Y; null when it is no point of the curve.</summary>
    public static ECPoint? TryDecompress(ReadOnlySpan<byte> compressed)
    {
        if (compressed.Length != Length || compressed[0] is not (0x02 or 0x03))
        {
            return null;
        }

        try
        {
            byte[] point = Curve.Curve.DecodePoint(compressed.ToArray()).GetEncoded(compressed: false);
            return new ECPoint { X = point[1..33], Y = point[33..] };
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>02 or 03, then X.</summary>
    public static byte[] Compress(ECPoint point) => [(byte)(0x02 | (point.Y![^1] & 1)), .. point.X!];
}

using System.Security.Cryptography;
using Pmq.Core.Cryptography;

namespace Pmq.Core.Tests.Cryptography;

public sealed class P256PointTests
{
    [Fact]
    public void A_compressed_key_is_the_key()
    {
        var signs = new HashSet<byte>();
        for (int i = 0; i < 40; i++)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            ECPoint point = key.ExportParameters(includePrivateParameters: false).Q;
            byte[] compressed = P256Point.Compress(point);
            ECPoint again = P256Point.TryDecompress(compressed)!.Value;
            Assert.Equal(point.X, again.X);
            Assert.Equal(point.Y, again.Y);
            signs.Add(compressed[0]);
        }

        Assert.Equal(2, signs.Count);
    }

    [Fact]
    public void What_is_no_point_is_none()
    {
        byte[] good = Convert.FromHexString("036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
        Assert.NotNull(P256Point.TryDecompress(good));
        Assert.Null(P256Point.TryDecompress(default));
        Assert.Null(P256Point.TryDecompress(good.AsSpan(1)));
        Assert.Null(P256Point.TryDecompress([.. good, 0]));
        foreach (byte form in (byte[])[0x00, 0x01, 0x04, 0x05, 0x06, 0x07])
        {
            good[0] = form;
            Assert.Null(P256Point.TryDecompress(good));
        }

        // x = 1 has no y; x at or above the field is no coordinate.
        Assert.Null(P256Point.TryDecompress([0x02, .. new byte[31], 1]));
        Assert.Null(P256Point.TryDecompress([0x02, .. Enumerable.Repeat((byte)0xFF, 32)]));
    }
}

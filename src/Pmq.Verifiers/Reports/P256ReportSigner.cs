using System.Numerics;
using System.Security.Cryptography;
using Pmq.Core.Cryptography;

namespace Pmq.Verifiers.Reports;

/// <summary>A member that signs with ECDSA on P-256.</summary>
internal sealed class P256ReportSigner : ReportSigner
{
    private const int ScalarLength = 32;

    // FIPS 186-4, section D.1.2.3.
    private static ReadOnlySpan<byte> Order =>
    [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ];

    private readonly Lock _lock = new();
    private readonly ECDsa _key;

    private P256ReportSigner(ECDsa key)
        : base(ReportScheme.EcdsaP256, P256Point.Compress(key.ExportParameters(includePrivateParameters: false).Q)) =>
        _key = key;

    public static P256ReportSigner? TryCreate(ReadOnlySpan<byte> scalar)
    {
        if (!scalar.ContainsAnyExcept((byte)0) || scalar.SequenceCompareTo(Order) >= 0)
        {
            return null;
        }

        byte[] d = scalar.ToArray();
        try
        {
            return new P256ReportSigner(
                ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d }));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(d);
        }
    }

    protected override void Dispose(bool disposing)
    {
        lock (_lock)
        {
            _key.Dispose();
        }
    }

    private protected override void Sign(ReadOnlySpan<byte> signed, Span<byte> signature)
    {
        lock (_lock)
        {
            _key.SignHash(signed, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }

        if (Scheme.CheckForm(signature) == ReportViolation.HighS)
        {
            Span<byte> s = signature[ScalarLength..];
            BigInteger low = new BigInteger(Order, isUnsigned: true, isBigEndian: true)
                - new BigInteger(s, isUnsigned: true, isBigEndian: true);
            s.Clear();
            low.TryWriteBytes(s[(ScalarLength - low.GetByteCount(isUnsigned: true))..], out _, true, isBigEndian: true);
        }
    }
}

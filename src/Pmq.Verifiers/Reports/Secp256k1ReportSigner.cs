using Pmq.Core.Cryptography;

namespace Pmq.Verifiers.Reports;

/// <summary>A member of an OCR network: secp256k1, known by its address.</summary>
internal sealed class Secp256k1ReportSigner : ReportSigner
{
    private readonly SecretMemory _scalar = new(SecretLength);

    private Secp256k1ReportSigner(ReportScheme scheme, byte[] address, ReadOnlySpan<byte> scalar)
        : base(scheme, address) => scalar.CopyTo(_scalar.Span);

    public static Secp256k1ReportSigner? TryCreate(ReportScheme scheme, ReadOnlySpan<byte> scalar)
    {
        Span<byte> coordinates = stackalloc byte[Secp256k1Provider.CoordinatesLength];
        if (!Secp256k1Provider.Default.TryDeriveCoordinates(scalar, coordinates))
        {
            return null;
        }

        var address = new byte[EthereumAddress.Length];
        EthereumAddress.Write(coordinates, address);
        return new Secp256k1ReportSigner(scheme, address, scalar);
    }

    protected override void Dispose(bool disposing) => _scalar.Dispose();

    private protected override void Sign(ReadOnlySpan<byte> signed, Span<byte> signature)
    {
        using SecretMemory.Use scalar = _scalar.Hold();
        Secp256k1Provider.Default.SignRecoverable(scalar.Span, signed, signature);
    }
}

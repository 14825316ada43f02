using Pmq.Core.Cryptography;

namespace Pmq.Verifiers.Reports;

/// <summary>A member that signs with Ed25519.</summary>
internal sealed class Ed25519ReportSigner : ReportSigner
{
    private readonly Ed25519Signer _key;

    public Ed25519ReportSigner(ReadOnlySpan<byte> seed)
        : this(Curve25519.Provider.CreateSigner(seed))
    {
    }

    private Ed25519ReportSigner(Ed25519Signer key)
        : base(ReportScheme.Ed25519, key.PublicKey) => _key = key;

    protected override void Dispose(bool disposing) => _key.Dispose();

    private protected override void Sign(ReadOnlySpan<byte> signed, Span<byte> signature) =>
        _key.Sign(signed, signature);
}

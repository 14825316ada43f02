using Pmq.Core.Runtime;

namespace Pmq.Verifiers.Reports;

/// <summary>A member's key that signs reports. Thread-safe.</summary>
public sealed class ReportSigner : IDisposable
{
    private ReportSigner() => throw new NotImplementedException();

    /// <summary>How it signs.</summary>
    public ReportScheme Scheme => throw new NotImplementedException();

    /// <summary>What the network pins: the address or public key.</summary>
    public ReadOnlyMemory<byte> Identity => throw new NotImplementedException();

    /// <summary>Makes a key.</summary>
    public static ReportSigner Generate(ReportScheme scheme, IEntropySource entropy) =>
        throw new NotImplementedException();

    /// <summary>Takes a secret of 32 bytes: a scalar, big endian, or the seed of Ed25519.</summary>
    /// <exception cref="ArgumentException">It is no secret of that scheme.</exception>
    public static ReportSigner FromSecret(ReportScheme scheme, ReadOnlySpan<byte> secret) =>
        throw new NotImplementedException();

    /// <summary>Signs for <paramref name="networkId"/>, of which we are member <paramref name="index"/>.</summary>
    /// <exception cref="ArgumentException">The report is of another scheme, or its sequence out of range.</exception>
    public ReportSignature Sign(string networkId, Report report, byte index) => throw new NotImplementedException();

    /// <inheritdoc />
    public void Dispose() => throw new NotImplementedException();
}

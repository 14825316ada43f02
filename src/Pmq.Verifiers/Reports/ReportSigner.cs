using System.Security.Cryptography;
using Pmq.Core.Runtime;

namespace Pmq.Verifiers.Reports;

/// <summary>A member's key that signs reports. Thread-safe.</summary>
public abstract class ReportSigner : IDisposable
{
    /// <summary>The bytes of a secret, of each scheme.</summary>
    public const int SecretLength = 32;

    private readonly byte[] _identity;

    private protected ReportSigner(ReportScheme scheme, byte[] identity) => (Scheme, _identity) = (scheme, identity);

    /// <summary>How it signs.</summary>
    public ReportScheme Scheme { get; }

    /// <summary>What the network pins: the address or public key.</summary>
    public ReadOnlyMemory<byte> Identity => _identity;

    /// <summary>Makes a key.</summary>
    public static ReportSigner Generate(ReportScheme scheme, IEntropySource entropy)
    {
        Span<byte> secret = stackalloc byte[SecretLength];
        ReportSigner? signer;
        do
        {
            // Zero, or not below the order of the curve: at most one draw in 2^32.
            entropy.Fill(secret);
            signer = TryCreate(scheme, secret);
        }
        while (signer is null);

        CryptographicOperations.ZeroMemory(secret);
        return signer;
    }

    /// <summary>Takes a secret of 32 bytes: a scalar, big endian, or the seed of Ed25519. Copied.</summary>
    /// <exception cref="ArgumentException">It is no secret of that scheme.</exception>
    public static ReportSigner FromSecret(ReportScheme scheme, ReadOnlySpan<byte> secret)
    {
        if (secret.Length != SecretLength)
        {
            throw new ArgumentException(
                $"A secret of {secret.Length} bytes where {scheme} has {SecretLength}.", nameof(secret));
        }

        return TryCreate(scheme, secret) ?? throw new ArgumentException(
            $"The secret is zero or not below the order of {scheme}'s curve.", nameof(secret));
    }

    /// <summary>Signs for <paramref name="networkId"/>, of which we are member <paramref name="index"/>.</summary>
    /// <exception cref="ArgumentException">The report is of another scheme, or out of its bounds.</exception>
    /// <exception cref="ObjectDisposedException">The key is disposed.</exception>
    public ReportSignature Sign(string networkId, Report report, byte index)
    {
        if (report.Scheme != Scheme)
        {
            throw new ArgumentException($"A report of {report.Scheme} for a key of {Scheme}.", nameof(report));
        }

        report.ThrowIfMalformed();
        Span<byte> signed = stackalloc byte[PreImage.MaxLength];
        signed = signed[..PreImage.Write(PreImage.PrefixOf(networkId), report, signed)];
        var signature = new byte[Scheme.SignatureLength()];
        Sign(signed, signature);
        return new ReportSignature(index, signature);
    }

    /// <summary>Erases the secret. Signing that is under way ends first.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Erases the secret.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Signs what <see cref="PreImage"/> wrote.</summary>
    private protected abstract void Sign(ReadOnlySpan<byte> signed, Span<byte> signature);

    private static ReportSigner? TryCreate(ReportScheme scheme, ReadOnlySpan<byte> secret) => scheme switch
    {
        ReportScheme.Ed25519 => new Ed25519ReportSigner(secret),
        ReportScheme.EcdsaP256 => P256ReportSigner.TryCreate(secret),
        _ when scheme.IsRecoverable() => Secp256k1ReportSigner.TryCreate(scheme, secret),
        _ => throw new ArgumentException($"There is no report scheme {(int)scheme}.", nameof(scheme)),
    };
}

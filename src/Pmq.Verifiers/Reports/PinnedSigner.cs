using System.Security.Cryptography;
using Pmq.Core.Cryptography;
using Pmq.Core.Identity;

namespace Pmq.Verifiers.Reports;

/// <summary>A member of a network as its verifiers know it. Thread-safe.</summary>
internal abstract class PinnedSigner
{
    /// <summary>Takes an address or public key; null, and one line that says what is right, when it is none.</summary>
    public static PinnedSigner? TryCreate(
        ReportScheme scheme, ReadOnlySpan<byte> identity, Secp256k1Provider secp256k1, out string right)
    {
        switch (scheme)
        {
            case ReportScheme.Ed25519:
                right = "a canonical Ed25519 key of 32 bytes, not of small order";
                return identity.Length == Ed25519Signer.KeyLength && Ed25519Rule.IsAcceptable(identity)
                    ? new Ed25519Key(identity.ToArray())
                    : null;
            case ReportScheme.EcdsaP256:
                right = "a compressed P-256 key of 33 bytes that is a point of the curve";
                return P256Point.TryDecompress(identity) is { } point ? new P256Key(point) : null;
            default:
                // Contracts read the zero address as a recovery that failed.
                right = "an address of 20 bytes, not zero";
                return identity.Length == EthereumAddress.Length && identity.ContainsAnyExcept((byte)0)
                    ? new Address(identity.ToArray(), secp256k1)
                    : null;
        }
    }

    /// <summary>Verifies a signature, the form of which has been checked, of what <see cref="PreImage"/> wrote.</summary>
    public abstract ReportViolation Verify(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature);

    private sealed class Address(byte[] address, Secp256k1Provider secp256k1) : PinnedSigner
    {
        public override ReportViolation Verify(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
        {
            Span<byte> key = stackalloc byte[Secp256k1Provider.CoordinatesLength];
            Span<byte> recovered = stackalloc byte[EthereumAddress.Length];
            if (!secp256k1.TryRecover(signed, signature, key))
            {
                return ReportViolation.BadSignature;
            }

            EthereumAddress.Write(key, recovered);
            return recovered.SequenceEqual(address) ? ReportViolation.None : ReportViolation.BadSignature;
        }
    }

    private sealed class Ed25519Key(byte[] key) : PinnedSigner
    {
        public override ReportViolation Verify(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature) =>
            Ed25519Rule.Verify(Curve25519.Provider, key, signed, signature) switch
            {
                SignatureVerdict.Valid => ReportViolation.None,
                SignatureVerdict.NotCanonical => ReportViolation.NotCanonicalSignature,
                _ => ReportViolation.BadSignature,
            };
    }

    private sealed class P256Key(ECPoint point) : PinnedSigner
    {
        private readonly Lock _lock = new();
        private readonly ECDsa _key =
            ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });

        public override ReportViolation Verify(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
        {
            lock (_lock)
            {
                return _key.VerifyHash(signed, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
                    ? ReportViolation.None
                    : ReportViolation.BadSignature;
            }
        }
    }
}

using Pmq.Core.Cryptography;

namespace Pmq.Verifiers.Reports;

/// <summary>The pinned signers of a network for one epoch, and how many of them it takes. Thread-safe.</summary>
/// <remarks>A report for a contract has to fit it too: OCR1 and OCR2 have at most 31 signers on chain, OCR3 32.</remarks>
public sealed class SignerSet
{
    /// <summary>The most signers of a set: what one byte counts.</summary>
    public const int MaxSigners = byte.MaxValue;

    private readonly byte[] _prefix;
    private readonly ReadOnlyMemory<byte>[] _identities;
    private readonly PinnedSigner[] _signers;

    /// <summary>Pins a set.</summary>
    /// <param name="networkId">The network; part of the pre-image of PMQ's own schemes. 1 to 255 bytes of UTF-8.</param>
    /// <param name="scheme">How they sign.</param>
    /// <param name="signers">
    /// Addresses or public keys as <paramref name="scheme"/> has them, 1 to <see cref="MaxSigners"/>. Copied.
    /// </param>
    /// <param name="maxFaulty">f: how many may be faulty; n > 3f.</param>
    /// <param name="policy">The quorum.</param>
    /// <exception cref="ArgumentException">
    /// A signer is malformed or there twice, or the numbers do not fit; one line.
    /// </exception>
    public SignerSet(
        string networkId,
        ReportScheme scheme,
        IReadOnlyList<ReadOnlyMemory<byte>> signers,
        int maxFaulty,
        QuorumPolicy policy)
        : this(networkId, scheme, signers, maxFaulty, policy, Secp256k1Provider.Default)
    {
    }

    internal SignerSet(
        string networkId,
        ReportScheme scheme,
        IReadOnlyList<ReadOnlyMemory<byte>> signers,
        int maxFaulty,
        QuorumPolicy policy,
        Secp256k1Provider secp256k1)
    {
        if (!scheme.IsDefined())
        {
            throw new ArgumentException($"There is no report scheme {(int)scheme}.", nameof(scheme));
        }

        if (signers.Count is 0 or > MaxSigners)
        {
            throw new ArgumentException($"{signers.Count} signers where 1 to {MaxSigners} fit.", nameof(signers));
        }

        if (maxFaulty < 0 || signers.Count <= 3L * maxFaulty)
        {
            throw new ArgumentException(
                $"{signers.Count} signers bear from 0 to {(signers.Count - 1) / 3} faulty ones (n > 3f), not {maxFaulty}.",
                nameof(maxFaulty));
        }

        _prefix = PreImage.PrefixOf(networkId);
        NetworkId = networkId;
        Scheme = scheme;
        MaxFaulty = maxFaulty;
        Quorum = QuorumOf(policy, signers.Count, maxFaulty);
        _identities = [.. signers.Select(signer => (ReadOnlyMemory<byte>)signer.ToArray())];
        _signers = new PinnedSigner[signers.Count];
        var indexes = new Dictionary<string, int>();
        for (int i = 0; i < _signers.Length; i++)
        {
            string hex = Convert.ToHexStringLower(_identities[i].Span);
            _signers[i] = PinnedSigner.TryCreate(scheme, _identities[i].Span, secp256k1, out string right)
                ?? throw new ArgumentException($"Signer {i} is {hex} where {scheme} has {right}.", nameof(signers));
            if (!indexes.TryAdd(hex, i))
            {
                throw new ArgumentException($"Signers {indexes[hex]} and {i} are both {hex}.", nameof(signers));
            }
        }
    }

    /// <summary>The network.</summary>
    public string NetworkId { get; }

    /// <summary>How they sign.</summary>
    public ReportScheme Scheme { get; }

    /// <summary>The signers, by index.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Signers => _identities;

    /// <summary>f.</summary>
    public int MaxFaulty { get; }

    /// <summary>The signatures that a report has: exactly so many.</summary>
    public int Quorum { get; }

    /// <summary>The place of a member by its address or public key; null for one that is no member.</summary>
    public byte? IndexOf(ReadOnlySpan<byte> identity)
    {
        for (int i = 0; i < _identities.Length; i++)
        {
            if (identity.SequenceEqual(_identities[i].Span))
            {
                return (byte)i;
            }
        }

        return null;
    }

    /// <summary>The signatures that a report of n members has, of which f may be faulty.</summary>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    public static int QuorumOf(QuorumPolicy policy, int members, int maxFaulty) => policy switch
    {
        QuorumPolicy.OneHonest => maxFaulty + 1,
        QuorumPolicy.Byzantine => ((members + maxFaulty) / 2) + 1,
        QuorumPolicy.AllHonest => members - maxFaulty,
        _ => throw new ArgumentException($"There is no quorum policy {(int)policy}.", nameof(policy)),
    };

    /// <summary>Whether <paramref name="report"/> has a quorum of good signatures; else what is wrong first.</summary>
    /// <remarks>
    /// What costs no curve arithmetic is checked before what does, and the first wrong signature ends it. Whoever has no
    /// keys can make signatures that only our rule refuses, honest members make none; so such a report is doubtful only
    /// if no more than f of its signatures are, and the others are good. The digest is the caller's to pin.
    /// </remarks>
    public ReportViolation Verify(SignedReport report)
    {
        IReadOnlyList<ReportSignature> signatures = report.Signatures;
        if (CheckReport(report.Report) is var violation and not ReportViolation.None)
        {
            return violation;
        }

        if (signatures.Count != Quorum)
        {
            return signatures.Count < Quorum ? ReportViolation.NoQuorum : ReportViolation.SurplusSignatures;
        }

        violation = report.CheckSignatures();
        if (violation != ReportViolation.None)
        {
            return violation;
        }

        // They ascend.
        if (signatures[^1].Signer >= _signers.Length)
        {
            return ReportViolation.UnknownSigner;
        }

        Span<byte> signed = stackalloc byte[PreImage.MaxLength];
        signed = signed[..PreImage.Write(_prefix, report.Report, signed)];
        int doubtful = 0;
        for (int i = 0; i < signatures.Count; i++)
        {
            violation = _signers[signatures[i].Signer].Verify(signed, signatures[i].Bytes.Span);
            doubtful += violation == ReportViolation.NotCanonicalSignature ? 1 : 0;
            if (violation == ReportViolation.BadSignature || doubtful > MaxFaulty)
            {
                return ReportViolation.BadSignature;
            }
        }

        return doubtful > 0 ? ReportViolation.NotCanonicalSignature : ReportViolation.None;
    }

    /// <summary>Whether one member's signature is good: what a node asks before it counts it.</summary>
    public ReportViolation Verify(Report report, ReportSignature signature)
    {
        if (CheckReport(report) is var violation and not ReportViolation.None)
        {
            return violation;
        }

        if (signature.Signer >= _signers.Length)
        {
            return ReportViolation.UnknownSigner;
        }

        violation = Scheme.CheckForm(signature.Bytes.Span);
        if (violation != ReportViolation.None)
        {
            return violation;
        }

        Span<byte> signed = stackalloc byte[PreImage.MaxLength];
        signed = signed[..PreImage.Write(_prefix, report, signed)];
        return _signers[signature.Signer].Verify(signed, signature.Bytes.Span);
    }

    /// <summary>
    /// Makes the signed report of the lowest signers that suffice; null as long as there are fewer than
    /// <see cref="Quorum"/> different ones. The signatures have been verified by the caller.
    /// </summary>
    public SignedReport? TryAssemble(Report report, IEnumerable<ReportSignature> signatures)
    {
        ReportSignature[] chosen =
        [
            .. signatures.DistinctBy(signature => signature.Signer).OrderBy(signature => signature.Signer).Take(Quorum),
        ];
        return chosen.Length == Quorum ? new SignedReport(report, chosen) : null;
    }

    private ReportViolation CheckReport(Report report) =>
        report.Scheme != Scheme ? ReportViolation.WrongScheme : report.Check();
}

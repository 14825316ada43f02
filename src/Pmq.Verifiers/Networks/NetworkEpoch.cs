using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers.Networks;

/// <summary>One configuration of a network.</summary>
/// <param name="Digest">Its digest, pinned.</param>
/// <param name="Signers">Its signers, pinned.</param>
public sealed record NetworkEpoch(ConfigDigest Digest, SignerSet Signers);

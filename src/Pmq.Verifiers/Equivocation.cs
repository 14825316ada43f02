using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers;

/// <summary>Two different reports of one sequence, each signed by a quorum of the network: kept as proof.</summary>
/// <param name="NetworkId">The network.</param>
/// <param name="Digest">Its configuration.</param>
/// <param name="Sequence">The sequence of both.</param>
/// <param name="First">The canonical encoding of the one that came first; empty when it was no longer kept.</param>
/// <param name="Second">That of the other.</param>
public sealed record Equivocation(
    string NetworkId, ConfigDigest Digest, long Sequence, ReadOnlyMemory<byte> First, ReadOnlyMemory<byte> Second);

using Pmq.Client;

namespace Pmq.Verifiers;

/// <summary>What a quorum verifier says of a message, and why.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Reason">Why.</param>
/// <param name="NetworkId">The network; null when it is not known.</param>
/// <param name="Sequence">The sequence; 0 when it could not be read.</param>
public readonly record struct Judgement(AgentVerdict Verdict, JudgementReason Reason, string? NetworkId, long Sequence);

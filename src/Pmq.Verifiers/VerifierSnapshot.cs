namespace Pmq.Verifiers;

/// <summary>How a verifier stands with all networks, at one moment.</summary>
/// <param name="Windows">By network, then digest: those of which a report came.</param>
/// <param name="Unattributed">
/// Messages that reached no window, by reason: of no known network, malformed, on a wrong overlay, badly signed.
/// </param>
public sealed record VerifierSnapshot(
    IReadOnlyList<WindowSnapshot> Windows, IReadOnlyDictionary<JudgementReason, long> Unattributed);

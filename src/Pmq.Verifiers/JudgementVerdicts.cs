using Pmq.Client;

namespace Pmq.Verifiers;

/// <summary>Which verdict follows from which reason: the one place that says so.</summary>
internal static class JudgementVerdicts
{
    /// <summary>
    /// The verdict. Only what no honest peer passes on is rejected; what depends on how far we are ourselves
    /// is rejected only while we know that, <paramref name="inStep"/>.
    /// </summary>
    public static AgentVerdict Of(JudgementReason reason, bool inStep) => reason switch
    {
        JudgementReason.Accepted => AgentVerdict.Accept,
        JudgementReason.Malformed => AgentVerdict.Reject,
        JudgementReason.UnknownNetwork => AgentVerdict.Ignore,
        JudgementReason.WrongOverlay => AgentVerdict.Reject,
        JudgementReason.NoQuorum => AgentVerdict.Reject,
        JudgementReason.BadSignature => AgentVerdict.Reject,
        JudgementReason.Seen => AgentVerdict.Ignore,
        JudgementReason.Equivocation => AgentVerdict.Ignore,
        JudgementReason.Old => AgentVerdict.Ignore,
        JudgementReason.Stale => inStep ? AgentVerdict.Reject : AgentVerdict.Ignore,
        JudgementReason.TooNew => inStep ? AgentVerdict.Reject : AgentVerdict.Ignore,
        JudgementReason.NotHeld => AgentVerdict.Ignore,
        JudgementReason.NotSaved => AgentVerdict.Ignore,
        JudgementReason.Released => AgentVerdict.Ignore,
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "No reason of a judgement."),
    };
}

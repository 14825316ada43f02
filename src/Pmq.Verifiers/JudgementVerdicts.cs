using Pmq.Client;
using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers;

/// <summary>Which reason follows from what is wrong with a report, and which verdict from the reason.</summary>
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
        JudgementReason.UnknownOverlay => AgentVerdict.Ignore,
        JudgementReason.NoQuorum => AgentVerdict.Reject,
        JudgementReason.BadSignature => AgentVerdict.Reject,
        JudgementReason.DoubtfulSignature => AgentVerdict.Ignore,
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

    /// <summary>Why a report is refused that has <paramref name="violation"/>.</summary>
    public static JudgementReason Of(ReportViolation violation) => violation switch
    {
        ReportViolation.NoQuorum => JudgementReason.NoQuorum,
        ReportViolation.BadSignature => JudgementReason.BadSignature,
        ReportViolation.NotCanonicalSignature => JudgementReason.DoubtfulSignature,
        _ => JudgementReason.Malformed,
    };
}

namespace Pmq.Engine.Validation;

/// <summary>What <see cref="VerifierRouter"/> asks its driver to do.</summary>
internal enum VerifierEffectKind
{
    /// <summary>Hand the message to the verifier.</summary>
    Ask,

    /// <summary>The message has its outcome.</summary>
    Done,
}

/// <summary>One thing for the driver to do, in the order of the list.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Request">About which message.</param>
/// <param name="Verifier">Whom to ask; 0 otherwise.</param>
/// <param name="Outcome">With <see cref="VerifierEffectKind.Done"/>: how it ended.</param>
internal readonly record struct VerifierEffect(
    VerifierEffectKind Kind, VerificationRequest Request, long Verifier, VerificationOutcome Outcome)
{
    public static VerifierEffect Ask(VerificationRequest request, long verifier) =>
        new(VerifierEffectKind.Ask, request, verifier, default);

    public static VerifierEffect Done(VerificationRequest request, VerificationOutcome outcome) =>
        new(VerifierEffectKind.Done, request, 0, outcome);
}

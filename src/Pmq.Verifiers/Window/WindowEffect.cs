namespace Pmq.Verifiers.Window;

/// <summary>A report is decided.</summary>
/// <param name="Report">The report.</param>
/// <param name="Reason">What of it.</param>
/// <param name="InStep">Whether the window was in step when it decided.</param>
/// <param name="Proof">A pair of different reports that was not known; null when there is none to tell of.</param>
internal readonly record struct WindowEffect(
    WindowReport Report, JudgementReason Reason, bool InStep, WindowProof? Proof);

namespace Pmq.Engine.Validation;

/// <summary>How the examination of a message ended. Exactly one of these for every message that was taken in.</summary>
internal enum VerificationOutcome
{
    /// <summary>The verifier accepted.</summary>
    Accepted,

    /// <summary>The verifier had no opinion.</summary>
    Ignored,

    /// <summary>The verifier rejected: every peer that sent it is to blame.</summary>
    Rejected,

    /// <summary>No verdict in time. A local fault.</summary>
    TimedOut,

    /// <summary>Nobody waits for the verdict any more: the topic was left, or our own publication took its place.</summary>
    Moot,
}

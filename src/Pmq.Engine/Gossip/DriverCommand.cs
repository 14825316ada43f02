namespace Pmq.Engine.Gossip;

/// <summary>What an entry of the first lane says.</summary>
internal enum DriverCommandKind
{
    /// <summary>Run the subject, an <see cref="Action{TimeSpan}"/>.</summary>
    Call,

    /// <summary>Run the subject, an <see cref="IPendingCall"/>, whose caller waits.</summary>
    PendingCall,

    /// <summary>
    /// The subject, a message, ended its examination; the value is a <see cref="Validation.VerificationOutcome"/>.
    /// </summary>
    Verdict,

    /// <summary>
    /// The subject's signature was checked; the value is a <see cref="Core.Identity.SignatureVerdict"/>, −1 for a fault
    /// of ours.
    /// </summary>
    Signature,

    /// <summary>Publish the subject, a <see cref="PublishRequest"/>.</summary>
    Publish,
}

/// <summary>An entry of the first lane: timers, verdicts, calls of the façade, peers that come and go.</summary>
internal readonly record struct DriverCommand(DriverCommandKind Kind, object Subject, int Value = 0);

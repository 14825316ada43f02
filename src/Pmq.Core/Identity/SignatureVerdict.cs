namespace Pmq.Core.Identity;

/// <summary>
/// The outcome of verifying a signature. Implementations of Ed25519 differ on a few malformed inputs; our acceptance
/// rule decides those before any of them runs, and a peer is not punished for what only this rule refuses.
/// </summary>
public enum SignatureVerdict
{
    /// <summary>The signature is good.</summary>
    Valid,

    /// <summary>Plainly wrong: every implementation refuses it.</summary>
    Invalid,

    /// <summary>Refused by our acceptance rule alone (non-canonical or small-order A or R, S ≥ L).</summary>
    NotCanonical,
}

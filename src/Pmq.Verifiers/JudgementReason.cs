namespace Pmq.Verifiers;

/// <summary>Why a message was judged as it was.</summary>
public enum JudgementReason
{
    /// <summary>In order and signed by a quorum: accepted.</summary>
    Accepted,

    /// <summary>No canonical report: rejected.</summary>
    Malformed,

    /// <summary>Of a network or epoch that the keyring lacks: ignored, since the keyring may be behind.</summary>
    UnknownNetwork,

    /// <summary>On an overlay of another network: rejected.</summary>
    WrongOverlay,

    /// <summary>On an overlay that the keyring lacks: ignored, since the keyring may be behind, or ahead.</summary>
    UnknownOverlay,

    /// <summary>Fewer signers than the quorum: rejected.</summary>
    NoQuorum,

    /// <summary>A signature is wrong: rejected.</summary>
    BadSignature,

    /// <summary>A signature that only some implementations take, and ours does not: ignored.</summary>
    DoubtfulSignature,

    /// <summary>
    /// The same report came before, or its sequence may have been accepted before a restart: ignored.
    /// </summary>
    Seen,

    /// <summary>Another report of a sequence that came before: ignored, kept and reported.</summary>
    Equivocation,

    /// <summary>Behind the skip threshold: ignored.</summary>
    Old,

    /// <summary>Behind the validity threshold: rejected in step, else ignored.</summary>
    Stale,

    /// <summary>Ahead of the bound: rejected in step, else ignored.</summary>
    TooNew,

    /// <summary>More reports came while the window settled than it holds: ignored.</summary>
    NotHeld,

    /// <summary>In order, but its mark could not be read or saved: a fault of this machine, ignored.</summary>
    NotSaved,

    /// <summary>The verifier ended, or its network left the keyring, while the report was held: ignored.</summary>
    Released,
}

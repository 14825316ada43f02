namespace Pmq.Verifiers;

/// <summary>Why a message was judged as it was.</summary>
public enum JudgementReason
{
    /// <summary>In order and signed by a quorum: accepted.</summary>
    Accepted,

    /// <summary>No canonical report: rejected.</summary>
    Malformed,

    /// <summary>Of a network or epoch that the keyring does not know: ignored, since the keyring may be behind.</summary>
    UnknownNetwork,

    /// <summary>On an overlay that is not this network's: rejected.</summary>
    WrongOverlay,

    /// <summary>Fewer signers than the quorum: rejected.</summary>
    NoQuorum,

    /// <summary>A signature is wrong: rejected.</summary>
    BadSignature,

    /// <summary>The same report has been accepted before: ignored.</summary>
    Seen,

    /// <summary>Another report of a sequence that was accepted: ignored, kept and reported.</summary>
    Equivocation,

    /// <summary>Behind the skip threshold: ignored.</summary>
    Old,

    /// <summary>Behind the validity threshold: rejected in step, else ignored.</summary>
    Stale,

    /// <summary>Ahead of the bound: rejected in step, else ignored.</summary>
    TooNew,
}

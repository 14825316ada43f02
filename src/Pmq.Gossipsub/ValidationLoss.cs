namespace Pmq.Gossipsub;

/// <summary>
/// Why a message got no verdict. All are local faults: nobody is penalised, and the id is unknown again, so that the
/// message is taken when it comes next.
/// </summary>
public enum ValidationLoss
{
    /// <summary>The verdict did not come in time.</summary>
    Timeout,

    /// <summary>The topic's queue was full.</summary>
    QueueFull,

    /// <summary>The verifier went away and nobody took its place.</summary>
    VerifierLost,
}

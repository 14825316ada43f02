namespace Pmq.Gossipsub.Scoring;

/// <summary>The factor of the score that a misbehaviour counts for.</summary>
public enum PenaltyFactor
{
    /// <summary>P4, in the message's topic.</summary>
    InvalidMessageDeliveries,

    /// <summary>P7.</summary>
    BehaviourPenalty,
}

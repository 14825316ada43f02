using Pmq.Gossipsub.Scoring;

namespace Pmq.Gossipsub;

/// <summary>The one table from misbehaviour to consequence.</summary>
public static class Misbehaviours
{
    /// <summary>What follows from <paramref name="misbehaviour"/> at once.</summary>
    public static Consequence ConsequenceOf(Misbehaviour misbehaviour) => misbehaviour switch
    {
        Misbehaviour.MalformedRpc => Consequence.Disconnect,
        _ => Consequence.Count,
    };

    /// <summary>What <paramref name="misbehaviour"/> counts for in the peer's score.</summary>
    public static PenaltyFactor FactorOf(Misbehaviour misbehaviour) => misbehaviour switch
    {
        Misbehaviour.RejectedMessage or Misbehaviour.InvalidSignature or Misbehaviour.SignaturePolicyBroken =>
            PenaltyFactor.InvalidMessageDeliveries,
        _ => PenaltyFactor.BehaviourPenalty,
    };
}

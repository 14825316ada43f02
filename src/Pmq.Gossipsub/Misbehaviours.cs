namespace Pmq.Gossipsub;

/// <summary>The one table from misbehaviour to consequence.</summary>
public static class Misbehaviours
{
    /// <summary>What follows from <paramref name="misbehaviour"/>.</summary>
    public static Consequence ConsequenceOf(Misbehaviour misbehaviour) => misbehaviour switch
    {
        Misbehaviour.MalformedRpc => Consequence.Disconnect,
        _ => Consequence.Count,
    };
}

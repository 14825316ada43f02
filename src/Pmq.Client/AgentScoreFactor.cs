namespace Pmq.Client;

/// <summary>One factor of a score.</summary>
/// <param name="Name">The group of settings below pubsub.scoring that it is set by, as invalidMessageDeliveries.</param>
/// <param name="Symbol">The symbol of the gossipsub specification, as P4; empty where it has none.</param>
/// <param name="Topic">The topic; empty where the factor is not of a topic.</param>
/// <param name="Value">The counter, decayed.</param>
/// <param name="Contribution">What it adds to the score, weights included, before the cap of all topics.</param>
public sealed record AgentScoreFactor(string Name, string Symbol, string Topic, double Value, double Contribution);

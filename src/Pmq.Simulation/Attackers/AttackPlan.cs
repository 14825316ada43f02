namespace Pmq.Simulation.Attackers;

/// <summary>Whom an attacker attacks, where and when.</summary>
/// <param name="Topics">The topics that it announces.</param>
/// <param name="Targets">Whom it dials.</param>
/// <param name="Spread">
/// It dials each target at a time of its own in this span: places in a mesh are taken bit by bit, as they come free.
/// </param>
internal sealed record AttackPlan(List<string> Topics, IReadOnlyList<Actor> Targets, TimeSpan Spread);

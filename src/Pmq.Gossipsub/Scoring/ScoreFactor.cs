namespace Pmq.Gossipsub.Scoring;

/// <summary>One factor of a score.</summary>
/// <param name="Value">The raw value: a count, a time in quanta, a sum of squares, as the factor has it.</param>
/// <param name="Contribution">What it adds to the score, weights included, before any cap.</param>
public readonly record struct ScoreFactor(double Value, double Contribution);

namespace Pmq.Gossipsub.Scoring;

/// <summary>One factor of a score.</summary>
/// <param name="Value">The raw value: a count, a time in quanta, a sum of squares, as the factor has it.</param>
/// <param name="Contribution">What it adds to the score, weights included, before any cap.</param>
public readonly record struct ScoreFactor(double Value, double Contribution)
{
    // Nothing times a negative weight is −0, which would be read as a penalty.
    internal static ScoreFactor Of(double value, double contribution) => new(value, contribution + 0.0);
}

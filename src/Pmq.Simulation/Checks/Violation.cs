namespace Pmq.Simulation.Checks;

/// <summary>Something that must hold and did not.</summary>
/// <param name="At">When.</param>
/// <param name="Actor">At which actor; -1 for the world.</param>
/// <param name="Rule">Which rule, as a sentence.</param>
/// <param name="Detail">What was found.</param>
public sealed record Violation(TimeSpan At, int Actor, string Rule, string Detail)
{
    /// <summary>One line.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{At.TotalSeconds:F6} s, actor {Actor}: {Rule}: {Detail}");
}

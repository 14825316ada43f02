namespace Pmq.Simulation.Reports;

/// <summary>Something that happens at a moment of a scenario, drawn as a line in its chart.</summary>
/// <param name="Second">When, in simulated seconds.</param>
/// <param name="Text">What, in a word or two.</param>
public readonly record struct TimeMark(double Second, string Text);

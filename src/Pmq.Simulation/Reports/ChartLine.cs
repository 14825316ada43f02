namespace Pmq.Simulation.Reports;

/// <summary>One curve of a panel.</summary>
/// <param name="Name">What stands in the legend; empty for none.</param>
/// <param name="Colour">The class of the style: a, b or c.</param>
/// <param name="Values">A value for each point of the report; NaN where nothing was measured.</param>
internal sealed record ChartLine(string Name, string Colour, IReadOnlyList<double> Values);

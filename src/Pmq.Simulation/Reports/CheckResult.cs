namespace Pmq.Simulation.Reports;

/// <summary>One thing that must hold in a scenario, and what was measured.</summary>
/// <param name="Name">What is checked: a stable name of lower-case words with hyphens.</param>
/// <param name="HasPassed">Whether it held.</param>
/// <param name="Expected">What must hold, in words.</param>
/// <param name="Measured">What was measured, in words.</param>
public sealed record CheckResult(string Name, bool HasPassed, string Expected, string Measured);

namespace Pmq.Cli.Demo;

/// <summary>What became of a run.</summary>
/// <param name="Tally">What was counted.</param>
/// <param name="Fault">What failed, in one line; null when nothing did.</param>
/// <param name="WasStopped">Whether that is only that it was told to stop.</param>
internal sealed record DemoOutcome(Tally Tally, string? Fault, bool WasStopped);

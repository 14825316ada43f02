namespace Pmq.Cli.Demo;

/// <summary>A bad report that the attacker publishes on a network's overlay.</summary>
/// <param name="Kind">How it is bad.</param>
/// <param name="Round">The round before whose good report it comes.</param>
/// <param name="Ordinal">Its place among those of its kind and network, from 0.</param>
internal readonly record struct BadReport(BadKind Kind, int Round, int Ordinal);

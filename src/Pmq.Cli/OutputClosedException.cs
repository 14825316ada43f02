namespace Pmq.Cli;

/// <summary>Whoever reads our output has gone, as <c>head</c> does: there is nobody left to tell.</summary>
internal sealed class OutputClosedException(IOException inner) : Exception("standard output is closed", inner);

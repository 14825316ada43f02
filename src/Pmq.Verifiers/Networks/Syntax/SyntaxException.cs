namespace Pmq.Verifiers.Networks.Syntax;

/// <summary>A file is neither YAML nor JSON, or is beyond the bounds.</summary>
/// <param name="line">Where, from 1; 0 for the whole file.</param>
/// <param name="message">One line.</param>
internal sealed class SyntaxException(int line, string message) : Exception(message)
{
    public int Line { get; } = line;
}

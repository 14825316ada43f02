using System.CommandLine;

namespace Pmq.Cli;

/// <summary>What is wrong with a command line, in one line.</summary>
internal static class UsageFault
{
    /// <summary>
    /// The first thing that is wrong; a word that is no command goes before the command that is missing.
    /// </summary>
    public static string Describe(ParseResult parsed)
    {
        string help = HelpOf(parsed);
        if (parsed.UnmatchedTokens.Count > 0)
        {
            string kind = parsed.CommandResult.Command.Subcommands.Count > 0 ? "command" : "option or argument";
            return $"{parsed.UnmatchedTokens[0]}: no such {kind}; {help}";
        }

        return parsed.CommandResult.Command.Subcommands.Count > 0
            ? $"give a command; {help}"
            : parsed.Errors[0].Message.ReplaceLineEndings(" ").Replace("'", "", StringComparison.Ordinal).TrimEnd(
                '.', ' ')
                + $"; {help}";
    }

    private static string HelpOf(ParseResult parsed)
    {
        var names = new List<string>();
        for (System.CommandLine.Parsing.SymbolResult? at = parsed.CommandResult; at is not null; at = at.Parent)
        {
            if (at is System.CommandLine.Parsing.CommandResult command)
            {
                names.Insert(0, command.Command is RootCommand ? "pmq" : command.Command.Name);
            }
        }

        return $"see {string.Join(' ', names)} --help";
    }
}

using System.CommandLine;
using Pmq.Client;

namespace Pmq.Cli.Commands;

/// <summary><c>pmq peers</c>.</summary>
internal static class PeersCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "peers", "Lists the peers that the agent is connected to, with their scores and what costs them most.");
        Option<string?> explain = new("--explain")
        {
            Description = "Show what the score of one peer is made of; it may be one that has left.",
            HelpName = "PEER",
        };
        Option<bool> wide = new("--wide") { Description = "Also show address, round trip, agent version and topics." };
        Option<bool> remembered = new("--remembered")
        {
            Description = "Also list peers that have left with a score of 0 or less and are remembered.",
        };
        Option<bool> json = Flags.Json();
        command.Add(explain);
        command.Add(wide);
        command.Add(remembered);
        var connection = new Flags.Connection(command);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using PmqClient client = connection.Open(parsed);
            if (parsed.GetValue(explain) is { } peerId)
            {
                AgentScoreView view = await client.ExplainScoreAsync(peerId, cancellationToken);
                ScoreLines.Print(view, parsed.GetValue(json));
                return ExitCode.Success;
            }

            PeerLines.Print(
                await client.ListPeersAsync(parsed.GetValue(remembered), cancellationToken), parsed.GetValue(wide),
                parsed.GetValue(json));
            return ExitCode.Success;
        });
        return command;
    }
}

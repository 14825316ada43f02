using System.CommandLine;
using System.Text.Json.Nodes;
using Pmq.Client;

namespace Pmq.Cli.Commands;

/// <summary><c>pmq subscribe</c> and <c>pmq unsubscribe</c>.</summary>
internal static class SubscribeCommand
{
    /// <summary>Makes one of the two.</summary>
    public static Command Create(
        string name, string description, string done, Func<PmqClient, string, CancellationToken, Task> change)
    {
        var command = new Command(name, description);
        Option<string[]> topics = Flags.Topics(isRequired: true);
        Option<bool> json = Flags.Json();
        command.Add(topics);
        var connection = new Flags.Connection(command);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using PmqClient client = connection.Open(parsed);
            foreach (string topic in parsed.GetValue(topics)!)
            {
                await change(client, topic, cancellationToken);
                if (parsed.GetValue(json))
                {
                    Terminal.JsonLine(new JsonObject { ["event"] = done, ["topic"] = topic });
                }
                else
                {
                    Terminal.Line($"{done} {topic}");
                }
            }

            return ExitCode.Success;
        });
        return command;
    }
}

using System.CommandLine;
using System.Text.Json.Nodes;
using Pmq.Agent.Configuration;
using Pmq.Client;

namespace Pmq.Cli.Commands;

/// <summary><c>pmq verify</c>.</summary>
internal static class VerifyCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "verify", "Gives one verdict on every message, and comes back when the agent restarts.");
        Option<string[]> topics = Flags.Topics(isRequired: false);
        var accept = new Option<bool>("--accept") { Description = "Deliver every message and pass it on." };
        var ignore = new Option<bool>("--ignore") { Description = "Drop every message." };
        var reject = new Option<bool>("--reject") { Description = "Drop every message, and blame its senders." };
        var stateless = new Option<bool>("--stateless")
        {
            Description = "Let the agent spread one topic over several verifiers.",
        };
        Option<bool> json = Flags.Json();
        command.Add(topics);
        command.Add(accept);
        command.Add(ignore);
        command.Add(reject);
        command.Add(stateless);
        var connection = new Flags.Connection(command);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            AgentVerdict verdict = Verdict(parsed.GetValue(accept), parsed.GetValue(ignore), parsed.GetValue(reject));
            string[] names = parsed.GetValue(topics) ?? [];
            using PmqClient client = connection.Open(parsed);
            var settings = new VerifySettings
            {
                Topics = names,
                IsStateless = parsed.GetValue(stateless),
                FailsFast = true,
                OnConnected = () => Terminal.Note(
                    "verifying " + (names.Length == 0 ? "all topics" : string.Join(", ", names))),
                OnDisconnected = lost => Terminal.Note(lost.Message + "; trying again"),
            };
            await client.VerifyAsync(
                settings,
                (message, _) =>
                {
                    Print(message, verdict, parsed.GetValue(json));
                    return ValueTask.FromResult(verdict);
                },
                cancellationToken);
            return ExitCode.Success;
        });
        return command;
    }

    private static AgentVerdict Verdict(bool accept, bool ignore, bool reject) => (accept, ignore, reject) switch
    {
        (true, false, false) => AgentVerdict.Accept,
        (false, true, false) => AgentVerdict.Ignore,
        (false, false, true) => AgentVerdict.Reject,
        _ => throw new ConfigurationException("give one verdict: --accept, --ignore or --reject"),
    };

    private static void Print(AgentMessage message, AgentVerdict verdict, bool isJson)
    {
        string word = verdict.ToString().ToLowerInvariant();
        if (isJson)
        {
            Terminal.JsonLine(new JsonObject
            {
                ["event"] = "verdict",
                ["topic"] = message.Topic,
                ["messageId"] = message.MessageId,
                ["verdict"] = word,
            });
        }
        else
        {
            Terminal.Line($"{word} {message.Topic} {message.MessageId}");
        }
    }
}

using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Pmq.Agent.Configuration;
using Pmq.Client;

namespace Pmq.Cli.Commands;

/// <summary><c>pmq listen</c>.</summary>
internal static class ListenCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "listen",
            "Prints accepted messages. Subscribes the agent to the topics; without any, takes all it is subscribed to.");
        Option<string[]> topics = Flags.Topics(isRequired: false);
        var count = new Option<long>("--count") { Description = "End after so many messages.", HelpName = "N" };
        var rate = new Option<long>("--max-rate")
        {
            Description = "Messages a second at most; the agent drops the rest. 0 is no limit.",
            HelpName = "N",
        };
        Option<bool> json = Flags.Json();
        command.Add(topics);
        command.Add(count);
        command.Add(rate);
        var connection = new Flags.Connection(command);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            long left = Positive(
                "--count", parsed.GetResult(count) is null ? long.MaxValue : parsed.GetValue(count), 1);
            string[] names = parsed.GetValue(topics) ?? [];
            using PmqClient client = connection.Open(parsed);
            var settings = new ListenSettings
            {
                Topics = names,
                MaxRate = Positive("--max-rate", parsed.GetValue(rate), 0),
                Subscribes = true,
                FailsFast = true,
                OnConnected = () => Terminal.Note(
                    "listening to " + (names.Length == 0 ? "all topics" : string.Join(", ", names))),
                OnDisconnected = lost => Terminal.Note(lost.Message + "; trying again"),
            };
            await foreach (AgentMessage message in client.ListenAsync(settings, cancellationToken))
            {
                Print(message, parsed.GetValue(json));
                if (--left == 0)
                {
                    break;
                }
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static long Positive(string flag, long value, long min) =>
        value >= min ? value : throw new ConfigurationException($"{flag} {value}: must be at least {min}");

    private static void Print(AgentMessage message, bool isJson)
    {
        if (isJson)
        {
            Terminal.JsonLine(new JsonObject
            {
                ["event"] = "message",
                ["topic"] = message.Topic,
                ["messageId"] = message.MessageId,
                ["data"] = Convert.ToBase64String(message.Data.Span),
            });
        }
        else
        {
            Terminal.Line($"{message.Topic} {message.MessageId} {Readable(message.Data.Span)}");
        }
    }

    /// <summary>Text as it is where a terminal can show it safely; otherwise base64.</summary>
    private static string Readable(ReadOnlySpan<byte> data)
    {
        try
        {
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(data);
            return text.Any(char.IsControl) ? "base64:" + Convert.ToBase64String(data) : text;
        }
        catch (DecoderFallbackException)
        {
            return "base64:" + Convert.ToBase64String(data);
        }
    }
}

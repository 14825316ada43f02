using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Pmq.Agent.Configuration;
using Pmq.Client;

namespace Pmq.Cli.Commands;

/// <summary><c>pmq publish</c>.</summary>
internal static class PublishCommand
{
    /// <summary>The largest message that an agent can be set to.</summary>
    private const int MaxDataBytes = 64 * 1024 * 1024;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("publish", "Publishes one message: --text, --file, or - for standard input.");
        var topic = new Option<string>("--topic") { Description = "The overlay.", HelpName = "NAME", Required = true };
        var text = new Option<string>("--text") { Description = "The message as text.", HelpName = "TEXT" };
        var file = new Option<string>("--file") { Description = "A file that holds the message.", HelpName = "FILE" };
        var input = new Argument<string>("input")
        {
            Description = "- reads the message from standard input.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<bool> json = Flags.Json();
        command.Add(topic);
        command.Add(text);
        command.Add(file);
        command.Add(input);
        var connection = new Flags.Connection(command);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            byte[] data = await ReadAsync(
                parsed.GetValue(text), parsed.GetValue(file), parsed.GetValue(input), cancellationToken);
            using PmqClient client = connection.Open(parsed);
            string name = parsed.GetValue(topic)!;
            Publication outcome = await client.PublishAsync(name, data, cancellationToken);
            Print(name, outcome, parsed.GetValue(json));
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task<byte[]> ReadAsync(
        string? text, string? file, string? input, CancellationToken cancellationToken)
    {
        int given = (text is null ? 0 : 1) + (file is null ? 0 : 1) + (input is null ? 0 : 1);
        if (given != 1 || input is not (null or "-"))
        {
            throw new ConfigurationException(
                (input is null or "-" ? "" : $"{input}: ")
                + "give the message by one of --text TEXT, --file FILE or -");
        }

        (string name, byte[] data) = text is not null
            ? ("--text", Encoding.UTF8.GetBytes(text))
            : file is not null
                ? ($"--file {file}", await ReadFileAsync(file, cancellationToken))
                : ("-", await ReadStreamAsync("-", Console.OpenStandardInput(), cancellationToken));
        return data.Length > 0
            ? data
            : throw new ConfigurationException($"{name}: the data is empty; a message has at least one byte");
    }

    private static async Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using FileStream stream = File.OpenRead(path);
            return await ReadStreamAsync($"--file {path}", stream, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ConfigurationException($"--file {path}: cannot be read: {FileFault.Describe(e)}");
        }
    }

    private static async Task<byte[]> ReadStreamAsync(string name, Stream stream, CancellationToken cancellationToken)
    {
        using var data = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (data.Length + read > MaxDataBytes)
            {
                throw new ConfigurationException(
                    $"{name}: the data exceeds {MaxDataBytes} bytes, the most an agent takes");
            }

            data.Write(buffer, 0, read);
        }

        return data.ToArray();
    }

    private static void Print(string topic, Publication outcome, bool isJson)
    {
        if (isJson)
        {
            Terminal.JsonLine(new JsonObject
            {
                ["event"] = "published",
                ["topic"] = topic,
                ["messageId"] = outcome.MessageId,
                ["sent"] = outcome.Sent,
                ["queued"] = outcome.Queued,
                ["dropped"] = outcome.Dropped,
                ["duplicate"] = outcome.IsDuplicate,
            });
            return;
        }

        string sent = outcome.IsDuplicate
            ? "duplicate, not sent again"
            : $"sent {outcome.Sent}, queued {outcome.Queued}, dropped {outcome.Dropped}";
        Terminal.Line($"{outcome.MessageId} {sent}");
    }
}

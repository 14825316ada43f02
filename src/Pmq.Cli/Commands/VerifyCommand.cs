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
            "verify",
            "Judges messages: one verdict for all, or by the networks that signed them. Comes back when the agent "
                + "restarts.");
        Option<string[]> topics = Flags.Topics(isRequired: false);
        var accept = new Option<bool>("--accept") { Description = "Deliver every message and pass it on." };
        var ignore = new Option<bool>("--ignore") { Description = "Drop every message." };
        var reject = new Option<bool>("--reject") { Description = "Drop every message, and blame its senders." };
        var stateless = new Option<bool>("--stateless")
        {
            Description = "Let the agent spread one topic over several verifiers.",
        };
        var networks = new Option<string>("--networks")
        {
            Description = "Accept what a quorum of a network in this file signed, in its order; read again when it "
                + "changes. Without --topic, the overlays of its networks are judged.",
            HelpName = "FILE",
        };
        var state = new Option<string>("--state")
        {
            Description = "Where --networks keeps how far each network is, so that a restart accepts nothing twice.",
            HelpName = "DIR",
        };
        Option<bool> json = Flags.Json();
        command.Add(topics);
        command.Add(accept);
        command.Add(ignore);
        command.Add(reject);
        command.Add(networks);
        command.Add(state);
        command.Add(stateless);
        var connection = new Flags.Connection(command);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string? file = parsed.GetValue(networks);
            bool[] verdicts = [parsed.GetValue(accept), parsed.GetValue(ignore), parsed.GetValue(reject)];
            if (verdicts.Count(isGiven => isGiven) + (file is null ? 0 : 1) != 1)
            {
                throw new ConfigurationException("give one of --accept, --ignore, --reject and --networks FILE");
            }

            string[] names = parsed.GetValue(topics) ?? [];
            bool isStateless = parsed.GetValue(stateless);
            if (file is not null)
            {
                var settings = new NetworksVerification.Settings(
                    file, parsed.GetValue(state), names, isStateless, parsed.GetValue(json));
                await NetworksVerification.RunAsync(settings, () => connection.Open(parsed), cancellationToken);
                return ExitCode.Success;
            }

            if (parsed.GetValue(state) is { } unused)
            {
                throw new ConfigurationException($"--state {unused}: goes with --networks FILE");
            }

            AgentVerdict verdict = verdicts[0] ? AgentVerdict.Accept
                : verdicts[1] ? AgentVerdict.Ignore : AgentVerdict.Reject;
            using PmqClient client = connection.Open(parsed);
            await RunAsync(client, names, isStateless, verdict, parsed.GetValue(json), cancellationToken);
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task RunAsync(
        PmqClient client,
        string[] topics,
        bool isStateless,
        AgentVerdict verdict,
        bool isJson,
        CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        OutputClosedException? closed = null;
        var options = new VerifierOptions
        {
            Topics = topics.Length == 0 ? null : topics,
            IsStateless = isStateless,
            FailsFast = true,
            MaxConcurrency = 1,
            OnConnected = () => Terminal.Note(
                "verifying " + (topics.Length == 0 ? "all topics" : string.Join(", ", topics))),
            OnDisconnected = lost => Terminal.Note(lost.Message + "; trying again"),
        };
        var verifier = new Verifier(client, options, message =>
        {
            try
            {
                Print(message, verdict, isJson);
            }
            catch (OutputClosedException e)
            {
                closed = e;
                stopping.Cancel();
            }

            return verdict;
        });
        await verifier.RunAsync(stopping.Token);
        if (closed is not null)
        {
            throw closed;
        }
    }

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

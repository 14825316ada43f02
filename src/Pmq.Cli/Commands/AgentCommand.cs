using System.CommandLine;
using Pmq.Agent;
using Pmq.Agent.Configuration;

namespace Pmq.Cli.Commands;

/// <summary><c>pmq agent</c>.</summary>
internal static class AgentCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("agent", "Runs an agent until SIGTERM or SIGINT.");
        var flags = new AgentFlags(command);
        Option<bool> json = new("--json") { Description = "Log one JSON object a line." };
        var untilInputEnds = new Option<bool>("--until-input-ends")
        {
            Description = "End also when standard input does: with the program that started the agent, however that ends.",
        };
        command.Add(json);
        command.Add(untilInputEnds);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            AgentConfiguration configuration = flags.Load(parsed);
            using AgentLogging logging = AgentLogging.ToStandardError(configuration, parsed.GetValue(json));
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (parsed.GetValue(untilInputEnds))
            {
                StandardInput.CancelAtEnd(stopping);
            }

            try
            {
                await using AgentHost agent = await AgentHost.StartAsync(
                    AgentOptions.From(configuration), logging.Factory, stopping.Token);
                Terminal.Line(agent.ReadyLine);
                return await agent.RunAsync(stopping.Token) ? ExitCode.Success : ExitCode.Failure;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return ExitCode.Success;
            }
        });
        return command;
    }
}

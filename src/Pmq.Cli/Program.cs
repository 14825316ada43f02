using System.CommandLine;
using Pmq.Agent.Configuration;
using Pmq.Cli;
using Pmq.Cli.Commands;
using Pmq.Client;

var root = new RootCommand("PMQ: verifiable messages between networks, without a broker.")
{
    DemoCommand.Create(),
    AgentCommand.Create(),
    KeygenCommand.Create(),
    PublishCommand.Create(),
    SubscribeCommand.Create(
        "subscribe", "Joins overlays.", "subscribed", (client, topic, ct) => client.SubscribeAsync(topic, ct)),
    SubscribeCommand.Create(
        "unsubscribe", "Leaves overlays.", "unsubscribed", (client, topic, ct) => client.UnsubscribeAsync(topic, ct)),
    ListenCommand.Create(),
    VerifyCommand.Create(),
    PeersCommand.Create(),
    ConfigCommand.Create(),
    SimCommand.Create(),
};

ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (parsed.Errors.Count > 0)
{
    Terminal.Error(UsageFault.Describe(parsed));
    return ExitCode.Usage;
}

using var signals = new Signals();
try
{
    var invocation = new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
    };
    return await parsed.InvokeAsync(invocation, signals.Stopping);
}
catch (OperationCanceledException) when (signals.Stopping.IsCancellationRequested)
{
    return ExitCode.Success;
}
catch (OutputClosedException)
{
    return ExitCode.Failure;
}
catch (ConfigurationException e)
{
    Terminal.Error(e.Message);
    return ExitCode.Usage;
}
catch (PmqClientException e)
{
    string flag = e.Reason switch
    {
        PmqClientFault.Unreachable => "--agent: ",
        PmqClientFault.Unauthorized => "--token: ",
        _ => "",
    };
    Terminal.Error(flag + e.Message);
    return e.Reason == PmqClientFault.BadArgument ? ExitCode.Usage : ExitCode.Failure;
}
catch (Exception e)
{
    // A fault of our own: one line all the same, with the type, so that it can be found.
    Terminal.Error($"{e.GetType().Name}: {e.Message}");
    return ExitCode.Failure;
}

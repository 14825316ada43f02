using System.CommandLine;
using Pmq.Cli.Demo;
using Pmq.Core.Runtime;
using Spectre.Console;

namespace Pmq.Cli.Commands;

/// <summary><c>pmq demo</c>.</summary>
internal static class DemoCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "demo",
            "Networks of nodes with an agent each exchange quorum-signed reports over real sockets, and refuse bad ones.");
        Option<string> networks = Number("--networks", "Networks, 2 to 8 (default 3).");
        Option<string> nodes = Number("--nodes", "Nodes of each network, 4 to 31 (default 4).");
        Option<string> rounds = Number("--rounds", "Reports of each network, 1 to 10000 (default 100).");
        Option<string> seed = Number("--seed", "What keys, reports and attacks follow from (default: a fresh one).");
        var interval = new Option<string>("--interval")
        {
            Description = "Time between two rounds, 0s (as fast as they are delivered) to 2s (default 100ms).",
            HelpName = "DURATION",
        };
        var processes = new Option<bool>("--processes") { Description = "Run each agent as a process of its own." };
        Option<bool> json = new("--json") { Description = "End with one JSON line; progress on standard error." };
        foreach (Option option in new Option[] { networks, nodes, rounds, seed, interval, processes, json })
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellationToken) =>
        {
            DemoOptions options = DemoOptions.Parse(
                parsed.GetValue(networks),
                parsed.GetValue(nodes),
                parsed.GetValue(rounds),
                parsed.GetValue(seed),
                parsed.GetValue(interval),
                (uint)new SecureChance().NextUInt64()) with
            {
                UsesProcesses = parsed.GetValue(processes),
            };
            return RunAsync(options, parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(DemoOptions options, bool isJson, CancellationToken cancellationToken)
    {
        var log = new AgentLog();
        var plan = DemoPlan.Create(options);
        var demo = new DemoRun(plan, log);
        Terminal.Note($"{options.Networks} networks of {options.Nodes} nodes, {options.Rounds} rounds, seed {options.Seed}");
        Task<DemoOutcome> run = demo.RunAsync(cancellationToken);
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await (isJson || !console.Profile.Capabilities.Ansi || Console.IsErrorRedirected
            ? LineView.ShowAsync(options, () => demo.Status, run)
            : TableView.ShowAsync(console, plan, () => demo.Status, run));
        DemoOutcome outcome = await run;
        Print(options, outcome, isJson);
        if (outcome.Fault is null)
        {
            return ExitCode.Success;
        }

        foreach (string line in outcome.WasStopped ? [] : log.Lines)
        {
            Terminal.Note(line);
        }

        Terminal.Error(outcome.Fault);
        return ExitCode.Failure;
    }

    private static void Print(DemoOptions options, DemoOutcome outcome, bool isJson)
    {
        if (isJson)
        {
            Terminal.JsonLine(DemoReport.Json(options, outcome.Tally));
            return;
        }

        foreach (string line in DemoReport.Summary(options, outcome.Tally))
        {
            Terminal.Line(line);
        }
    }

    private static Option<string> Number(string name, string description) =>
        new(name) { Description = description, HelpName = "N" };
}

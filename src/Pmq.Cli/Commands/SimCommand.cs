using System.CommandLine;
using System.Runtime;
using System.Text.Json.Nodes;
using Pmq.Agent.Configuration;
using Pmq.Cli.Sim;
using Pmq.Core.Runtime;
using Pmq.Simulation.Reports;
using Pmq.Simulation.Scenarios;

namespace Pmq.Cli.Commands;

/// <summary><c>pmq sim</c>.</summary>
internal static class SimCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("sim", "Runs routers by the thousand in virtual time, under attack, and checks them.");
        Option<string> scenario = new("--scenario")
        {
            Description = "A scenario, all of them, or list, which prints their names.",
            HelpName = "NAME|all|list",
            Required = true,
        };
        Option<string> nodes = Number("--nodes", "Honest nodes, 20 to 100000 (default 50).");
        Option<string> sybils = Number("--sybils", "Attackers, 0 to 100000 (default: the scenario's part of the nodes).");
        Option<string> seed = Number("--seed", "What all chance follows from (default: a fresh one).");
        Option<string> count = Number("--count", "Seeds, from --seed on, 1 to 100000 (default 1).");
        Option<string> warmUp = new("--warm-up")
        {
            Description = "What is not measured at the beginning, 1s to 1h (default: the scenario's).",
            HelpName = "DURATION",
        };
        Option<string> measure = new("--measure")
        {
            Description = "What is measured after the warm-up, 1s to 1h (default: the scenario's).",
            HelpName = "DURATION",
        };
        Option<string> parallel = Number("--parallel", "Runs at one time, 1 to 1024 (default: as many as processors).");
        Option<bool> noScoring = new("--no-scoring") { Description = "Switch peer scores off." };
        Option<bool> noProtection = new("--no-protection") { Description = "Switch queue protection off." };
        Option<bool> noGate = new("--no-gate") { Description = "Switch the score gate of each topic off." };
        Option<bool> control = new("--control") { Description = "Switch off the defence that the scenario is about." };
        Option<bool> check = new("--check") { Description = "Run each seed twice and compare all that happened." };
        Option<bool> json = Flags.Json();
        Option<string> svg = new("--svg")
        {
            Description = "Draw each run; of several runs, scenario and seed are added to the name.",
            HelpName = "FILE",
        };
        Option[] all =
        [
            scenario, nodes, sybils, seed, count, warmUp, measure, parallel, noScoring, noProtection, noGate, control, check,
            json, svg,
        ];
        foreach (Option option in all)
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellationToken) =>
        {
            string name = parsed.GetValue(scenario)!;
            if (name == "list")
            {
                PrintList(parsed.GetValue(json));
                return Task.FromResult(ExitCode.Success);
            }

            int seeds = SimRequest.Number("--count", parsed.GetValue(count), 1, SimRequest.MaxCount, 1);
            int cores = Math.Max(1, Environment.ProcessorCount);
            Defences off = (parsed.GetValue(noScoring) ? Defences.Scoring : Defences.None)
                | (parsed.GetValue(noProtection) ? Defences.QueueProtection : Defences.None)
                | (parsed.GetValue(noGate) ? Defences.TopicGate : Defences.None);
            var request = new SimRequest
            {
                Scenarios = SimRequest.Find(name),
                First = new ScenarioRequest
                {
                    Nodes = SimRequest.Number(
                        "--nodes", parsed.GetValue(nodes), ScenarioRequest.MinNodes, ScenarioRequest.MaxNodes, 50),
                    Sybils = parsed.GetValue(sybils) is { } text
                        ? SimRequest.Number("--sybils", text, 0, ScenarioRequest.MaxNodes, 0)
                        : null,
                    Seed = SimRequest.Seed(parsed.GetValue(seed), seeds, (uint)new SecureChance().NextUInt64()),
                    WarmUp = SimRequest.Time("--warm-up", parsed.GetValue(warmUp)),
                    Measured = SimRequest.Time("--measure", parsed.GetValue(measure)),
                    Off = off,
                },
                IsControl = parsed.GetValue(control),
                Count = seeds,
                Parallel = SimRequest.Number("--parallel", parsed.GetValue(parallel), 1, 1024, cores),
                IsRepeated = parsed.GetValue(check),
                Svg = parsed.GetValue(svg),
            };
            return RunAsync(request, parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(SimRequest request, bool isJson, CancellationToken cancellationToken)
    {
        // One thread a run, and a pause of it hurts nobody: collecting beside it only takes a processor from it.
        GCSettings.LatencyMode = GCLatencyMode.Batch;
        var batch = new SimBatch(request, TimeProvider.System);
        IReadOnlyList<ScenarioReport> reports = await batch.RunAsync(
            report => Show(request, report, isJson), cancellationToken);
        ScenarioReport[] failed = [.. reports.Where(report => !report.HasPassed)];
        PrintSummary(reports, failed, batch.Elapsed, isJson);
        return failed.Length == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private static void Show(SimRequest request, ScenarioReport report, bool isJson)
    {
        if (isJson)
        {
            Terminal.JsonLine(ReportJson.Of(report));
        }

        if (request.Svg is { } path)
        {
            string file = request.IsSingle
                ? path
                : Path.Combine(
                    Path.GetDirectoryName(path) ?? "",
                    $"{Path.GetFileNameWithoutExtension(path)}-{report.Scenario}-{report.Seed}{Path.GetExtension(path)}");
            try
            {
                File.WriteAllText(file, ReportChart.Draw(report));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                throw new ConfigurationException($"--svg {file}: cannot be written: {FileFault.Describe(e)}");
            }
        }
    }

    private static void PrintSummary(
        IReadOnlyList<ScenarioReport> reports, ScenarioReport[] failed, TimeSpan elapsed, bool isJson)
    {
        if (isJson)
        {
            Terminal.JsonLine(new JsonObject
            {
                ["event"] = "summary",
                ["runs"] = reports.Count,
                ["failed"] = failed.Length,
                ["elapsedSeconds"] = elapsed.TotalSeconds,
                ["replay"] = new JsonArray([.. failed.Select(report => JsonValue.Create(report.Command))]),
            });
        }
        else
        {
            foreach (string line in reports.Count == 1 ? ReportText.Lines(reports[0]) : ReportText.Table(reports))
            {
                Terminal.Line(line);
            }
        }

        foreach (ScenarioReport report in failed)
        {
            Terminal.Note($"failed ({string.Join(", ", report.Failures)}); again with: {report.Command}");
        }

        Terminal.Note($"{reports.Count} runs, {failed.Length} failed, {elapsed.TotalSeconds:0.0} s");
    }

    private static void PrintList(bool isJson)
    {
        int width = ScenarioCatalogue.All.Max(scenario => scenario.Name.Length);
        foreach (Scenario scenario in ScenarioCatalogue.All)
        {
            if (isJson)
            {
                Terminal.JsonLine(new JsonObject
                {
                    ["event"] = "scenario",
                    ["name"] = scenario.Name,
                    ["description"] = scenario.Description,
                    ["holds"] = scenario.Holds,
                    ["sybilsPerNode"] = scenario.SybilRatio,
                });
            }
            else
            {
                Terminal.Line($"{scenario.Name.PadRight(width)}  {scenario.Description}");
                Terminal.Line($"{new string(' ', width)}  must hold: {scenario.Holds}");
            }
        }
    }

    private static Option<string> Number(string name, string description) =>
        new(name) { Description = description, HelpName = "N" };
}

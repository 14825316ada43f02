using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Pmq.Benchmarks.Compare;
using Pmq.Core.Cryptography;

namespace Pmq.Benchmarks.AgentPath;

/// <summary><c>agent</c>: from a node through its agent and another one to the other node.</summary>
internal static class AgentCommand
{
    private const int LightRate = 200;

    public static Command Create()
    {
        var command = new Command(
            "agent", "Publishes by gRPC at one agent, verifies and delivers by gRPC at another, and prints the table.");
        var rows = new Option<string[]>("--rows")
        {
            Description = "What the verifier does. Default: all.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. PathRow.All.Select(r => r.Name)],
        };
        rows.AcceptOnlyFromAmong([.. PathRow.All.Select(r => r.Name)]);
        var runs = new Option<int>("--runs") { Description = "Runs of each.", DefaultValueFactory = _ => 5 };
        var warmUp = new Option<double>("--warm-up") { Description = "Seconds before the window.", DefaultValueFactory = _ => 8 };
        var window = new Option<double>("--window") { Description = "Seconds measured.", DefaultValueFactory = _ => 5 };
        var quiet = new Option<double>("--quiet")
        {
            Description = "A run is repeated, up to three times, when others used more than this part of the machine.",
            DefaultValueFactory = _ => 0.1,
        };
        foreach (Option option in new Option[] { rows, runs, warmUp, window, quiet })
        {
            command.Add(option);
        }

        command.SetAction((parsed, _) => RunAsync(
            [.. PathRow.All.Where(r => parsed.GetValue(rows)!.Contains(r.Name))],
            new Plan(
                parsed.GetValue(runs),
                TimeSpan.FromSeconds(parsed.GetValue(warmUp)),
                TimeSpan.FromSeconds(parsed.GetValue(window)),
                parsed.GetValue(quiet))));
        return command;
    }

    private static async Task<int> RunAsync(PathRow[] rows, Plan plan)
    {
        Console.WriteLine(
            "| verifier | messages/s | p50 at 200/s, ms | p99 at 200/s, ms | CPU a message, µs: node, agent, agent, node |\n"
            + "| --- | ---: | ---: | ---: | ---: |");
        double foreign = 0;
        bool isComplete = true;
        foreach (PathRow row in rows)
        {
            (List<PathResult> full, List<PathResult> paced) = await MeasureAsync(row, plan);
            isComplete &= full.Count == plan.Runs && paced.Count == plan.Runs;
            if (full.Count == 0 || paced.Count == 0)
            {
                continue;
            }

            foreign = full.Concat(paced).Select(r => r.ForeignShare).Append(foreign).Max();
            string cpu = string.Join(", ", Enumerable.Range(0, 4).Select(
                i => Sample.Format(new Sample([.. full.Select(r => r.CpuMicroseconds[i])]).Median)));
            Console.WriteLine(
                $"| {row.Title} | {new Sample([.. full.Select(r => r.PerSecond)])} "
                + $"| {new Sample([.. paced.Select(r => r.P50)])} | {new Sample([.. paced.Select(r => r.P99)])} | {cpu} |");
        }

        Console.WriteLine();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Median [least..most] of {plan.Runs} runs, {plan.WarmUp.TotalSeconds:0.#} s of warm-up and a window of "
            + $"{plan.Window.TotalSeconds:0.#} s each. secp256k1 by {Secp256k1.ProviderName}. "
            + $"{RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} processors, "
            + $"{RuntimeInformation.OSArchitecture}; others used at most {foreign:P0} of the machine."));
        return isComplete ? 0 : 1;
    }

    private static async Task<(List<PathResult> Full, List<PathResult> Paced)> MeasureAsync(PathRow row, Plan plan)
    {
        string? reports = null;
        JsonObject? quorum = null;
        (List<PathResult> full, List<PathResult> paced) = ([], []);
        try
        {
            if (row.Members > 0)
            {
                reports = Path.GetTempFileName();
                (quorum, int count) = ReportFile.Write(
                    reports, row.Members, row.MaxFaulty, 2 * (plan.WarmUp + plan.Window));
                await Console.Error.WriteLineAsync($"{row.Name}: {count} reports signed by {Secp256k1.ProviderName}");
            }

            for (int i = 0; i < plan.Runs; i++)
            {
                await MeasureAsync(full, row, quorum, reports, 0, plan);
                await MeasureAsync(paced, row, quorum, reports, LightRate, plan);
            }
        }
        finally
        {
            if (reports is not null)
            {
                File.Delete(reports);
            }
        }

        return (full, paced);
    }

    private static async Task MeasureAsync(
        List<PathResult> results, PathRow row, JsonObject? quorum, string? reports, int rate, Plan plan)
    {
        const int Attempts = 3;
        string name = rate > 0 ? $"{row.Name} at {rate}/s" : row.Name;
        PathResult? best = null;
        for (int i = 0; i < Attempts && (best is null || best.ForeignShare > plan.Quiet); i++)
        {
            try
            {
                await using var run = new PathRun();
                PathResult result = await run.MeasureAsync(row, quorum, reports, rate, plan);
                best = best is null || result.ForeignShare < best.ForeignShare ? result : best;
                await Console.Error.WriteLineAsync($"{name}: {result}");
            }
            catch (Exception e)
            {
                await Console.Error.WriteLineAsync($"{name}: {e.Message}");
            }
        }

        if (best is not null)
        {
            results.Add(best);
        }
    }
}

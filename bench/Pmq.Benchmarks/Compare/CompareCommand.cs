using System.CommandLine;
using Pmq.Testing.Processes;

namespace Pmq.Benchmarks.Compare;

/// <summary><c>compare</c>: the table of PMQ beside js-libp2p.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var command = new Command("compare", "Runs PMQ and js-libp2p in turn, as processes, and prints their table.");
        var rows = new Option<string[]>("--rows")
        {
            Description = "What to measure. Default: all.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. Row.All.Select(r => r.Name)],
        };
        rows.AcceptOnlyFromAmong([.. Row.All.Select(r => r.Name)]);
        var contenders = new Option<string[]>("--contenders")
        {
            Description = "Whom to measure; js-node22 and js-node24 are the peers to beat.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => Contender.Default,
        };
        contenders.AcceptOnlyFromAmong([.. Contender.All.Keys]);
        var runs = new Option<int>("--runs") { Description = "Alternating runs of each.", DefaultValueFactory = _ => 5 };
        var warmUp = new Option<double>("--warm-up") { Description = "Seconds before the window.", DefaultValueFactory = _ => 8 };
        var window = new Option<double>("--window") { Description = "Seconds measured.", DefaultValueFactory = _ => 5 };
        var quiet = new Option<double>("--quiet")
        {
            Description = "A run is repeated, up to three times, when others used more than this part of the machine.",
            DefaultValueFactory = _ => 0.1,
        };
        foreach (Option option in new Option[] { rows, contenders, runs, warmUp, window, quiet })
        {
            command.Add(option);
        }

        command.SetAction((parsed, _) => RunAsync(
            [.. Row.All.Where(r => parsed.GetValue(rows)!.Contains(r.Name))],
            [.. parsed.GetValue(contenders)!.Select(name => Contender.All[name])],
            new Plan(
                parsed.GetValue(runs),
                TimeSpan.FromSeconds(parsed.GetValue(warmUp)),
                TimeSpan.FromSeconds(parsed.GetValue(window)),
                parsed.GetValue(quiet))));
        return command;
    }

    private static async Task<int> RunAsync(Row[] rows, Contender[] contenders, Plan plan)
    {
        if (contenders.Any(c => !c.IsOurs))
        {
            _ = NpmProject.JsPeers;
        }

        var table = new Table(contenders);
        Console.WriteLine(table.Head());
        bool complete = true;
        foreach (Row row in rows)
        {
            var results = contenders.ToDictionary(c => c, _ => new List<RunResult>());
            for (int i = 0; i < plan.Runs; i++)
            {
                foreach (Contender contender in contenders.Where(c => c.IsOurs || !row.OursOnly))
                {
                    try
                    {
                        results[contender].Add(await MeasureAsync(row, contender, plan));
                    }
                    catch (Exception e)
                    {
                        complete = false;
                        await Console.Error.WriteLineAsync($"{row.Name}: {e.Message}");
                    }
                }
            }

            foreach (string line in table.Lines(row, results))
            {
                Console.WriteLine(line);
            }
        }

        Console.WriteLine();
        Console.WriteLine(table.Foot(plan));
        return complete ? 0 : 1;
    }

    private static async Task<RunResult> MeasureAsync(Row row, Contender contender, Plan plan)
    {
        const int Attempts = 3;
        RunResult? best = null;
        for (int i = 0; i < Attempts && (best is null || best.ForeignShare > plan.Quiet); i++)
        {
            await using var run = new Run(contender, plan.WarmUp, plan.Window);
            RunResult result = await row.MeasureAsync(run);
            await Console.Error.WriteLineAsync(
                $"{row.Name} {contender.Name}: {string.Join(", ", result.Values.Select(Sample.Format))}, "
                + $"{Sample.Format(result.CpuMicroseconds)} us CPU each, foreign {result.ForeignShare:P0}");
            best = best is null || result.ForeignShare < best.ForeignShare ? result : best;
        }

        return best!;
    }
}

/// <summary>How long and how often.</summary>
/// <param name="Runs">Runs of each contender in each row.</param>
/// <param name="WarmUp">Before the window.</param>
/// <param name="Window">What is measured.</param>
/// <param name="Quiet">The foreign share above which a run is repeated.</param>
internal sealed record Plan(int Runs, TimeSpan WarmUp, TimeSpan Window, double Quiet);

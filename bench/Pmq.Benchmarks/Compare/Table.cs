using System.Globalization;
using System.Runtime.InteropServices;

namespace Pmq.Benchmarks.Compare;

/// <summary>The result as a Markdown table.</summary>
internal sealed class Table(Contender[] contenders)
{
    private double _foreign;

    public string Head() =>
        $"| | {string.Join(" | ", contenders.Select(c => c.Name))} | ratio to the better js |\n"
        + $"| --- |{string.Concat(Enumerable.Repeat(" ---: |", contenders.Length + 1))}";

    public IEnumerable<string> Lines(Row row, Dictionary<Contender, List<RunResult>> results)
    {
        _foreign = Math.Max(_foreign, results.Values.SelectMany(r => r).Select(r => r.ForeignShare).DefaultIfEmpty().Max());
        for (int i = 0; i < row.Figures.Length; i++)
        {
            Figure figure = row.Figures[i];
            var samples = contenders.ToDictionary(
                c => c, c => results[c].Count == 0 ? null : new Sample([.. results[c].Select(r => r.Values[i])]));
            yield return $"| {figure.Name}, {figure.Unit} | "
                + string.Join(" | ", contenders.Select(c => samples[c]?.ToString() ?? "–"))
                + $" | {Ratio(figure, samples)} |";
        }
    }

    public string Foot(Plan plan) => string.Create(
        CultureInfo.InvariantCulture,
        $"Median [least..most] of {plan.Runs} alternating runs, {plan.WarmUp.TotalSeconds:0.#} s of warm-up and a window of "
        + $"{plan.Window.TotalSeconds:0.#} s each; ratio of medians [least of ours to most of theirs..the reverse]. "
        + $"{RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} processors, {RuntimeInformation.OSArchitecture}; "
        + $"others used at most {_foreign:P0} of the machine in a run that counts.");

    private static string Ratio(Figure figure, Dictionary<Contender, Sample?> samples)
    {
        Sample? ours = samples.FirstOrDefault(s => s.Key.IsOurs).Value;
        Sample?[] theirs = [.. samples.Where(s => !s.Key.IsOurs && s.Value is not null).Select(s => s.Value)];
        if (ours is null || theirs.Length == 0)
        {
            return "–";
        }

        Sample best = figure.MoreIsBetter ? theirs.MaxBy(s => s!.Median)! : theirs.MinBy(s => s!.Median)!;
        return $"{Sample.Format(ours.Median / best.Median)} "
            + $"[{Sample.Format(ours.Min / best.Max)}..{Sample.Format(ours.Max / best.Min)}]";
    }
}

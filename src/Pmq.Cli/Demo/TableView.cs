using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Pmq.Cli.Demo;

/// <summary>Progress as a table that changes in place.</summary>
internal static class TableView
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);

    /// <summary>Shows a run until it ends.</summary>
    public static async Task ShowAsync(IAnsiConsole console, DemoPlan plan, Func<DemoStatus> read, Task run)
    {
        using var timer = new PeriodicTimer(Period);
        await console.Live(Draw(plan, read())).StartAsync(async live =>
        {
            while (!run.IsCompleted)
            {
                await Task.WhenAny(run, timer.WaitForNextTickAsync().AsTask());
                live.UpdateTarget(Draw(plan, read()));
            }
        });
    }

    private static Rows Draw(DemoPlan plan, DemoStatus status) => new(
        new Text($"pmq demo --seed {plan.Options.Seed}: {status.Phase}"),
        Networks(plan, status),
        new Text(
            $"publish to delivery: p50 {DemoReport.Text(status.Tally.P50Ms)}, p99 {DemoReport.Text(status.Tally.P99Ms)}"),
        Refused(status.Tally),
        new Text($"{status.Tally.BadPublished} bad reports published, {status.Tally.BadDelivered} delivered"));

    private static Table Networks(DemoPlan plan, DemoStatus status)
    {
        Tally tally = status.Tally;
        Table table = new Table().AddColumn("network");
        foreach (string heading in new[] { "round", "delivered", "expected", "mesh", "peers" })
        {
            table.AddColumn(new TableColumn(heading).RightAligned());
        }

        long expected = (long)plan.Options.Rounds * plan.SubscribersOfEach;
        foreach (NetworkPlan network in plan.Networks)
        {
            MeshSample? mesh = network.Index < status.Meshes.Count ? status.Meshes[network.Index] : null;
            Add(
                table,
                network.Id,
                $"{tally.RoundsPublished[network.Index]}/{plan.Options.Rounds}",
                $"{tally.DeliveredOf[network.Index]}",
                $"{expected}",
                mesh is { } sample ? sample.MeshPeers.ToString("0.0", CultureInfo.InvariantCulture) : "-",
                mesh is { } same ? same.Peers.ToString("0.0", CultureInfo.InvariantCulture) : "-");
        }

        Add(table, "all", "", $"{tally.Delivered}", $"{tally.Expected}", "", "");
        return table;
    }

    private static Table Refused(Tally tally)
    {
        Table table = new Table().AddColumn("bad reports");
        foreach (string heading in new[] { "rejected", "ignored" })
        {
            table.AddColumn(new TableColumn(heading).RightAligned());
        }

        foreach ((BadKind kind, int reject, int ignore) in tally.Verdicts)
        {
            Add(table, kind.Words(), $"{reject}", $"{ignore}");
        }

        return table;
    }

    private static void Add(Table table, params string[] cells) =>
        table.AddRow(cells.Select(cell => (IRenderable)new Text(cell)));
}

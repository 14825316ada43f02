using System.Collections.Concurrent;
using System.Globalization;
using Pmq.Simulation.Reports;
using Pmq.Simulation.Scenarios;

namespace Pmq.Cli.Sim;

/// <summary>Runs scenarios on the processors and tells on standard error how far they are.</summary>
internal sealed class SimBatch(SimRequest request, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<int, double> _running = new();
    private readonly Lock _lock = new();
    private readonly long _begin = time.GetTimestamp();
    private int _done;
    private int _failed;

    /// <summary>Since the batch was made.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_begin);

    /// <summary>
    /// All reports in the order of the request; <paramref name="show"/> is called for each as it ends, one at a time.
    /// </summary>
    public async Task<IReadOnlyList<ScenarioReport>> RunAsync(
        Action<ScenarioReport> show, CancellationToken cancellationToken)
    {
        (Scenario Scenario, ScenarioRequest Request)[] runs = [.. request.Runs];
        var reports = new ScenarioReport[runs.Length];
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = request.Parallel,
            CancellationToken = cancellationToken,
        };
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task progress = ShowProgressAsync(runs.Length, ended.Token);
        try
        {
            await Parallel.ForAsync(0, runs.Length, options, (i, ct) =>
            {
                ScenarioReport report = RunOne(i, runs[i].Scenario, runs[i].Request, ct);
                reports[i] = report;
                _running.TryRemove(i, out _);
                Interlocked.Increment(ref _done);
                Interlocked.Add(ref _failed, report.HasPassed ? 0 : 1);
                lock (_lock)
                {
                    show(report);
                }

                return ValueTask.CompletedTask;
            });
        }
        finally
        {
            await ended.CancelAsync();
            await progress;
        }

        return reports;
    }

    private ScenarioReport RunOne(int index, Scenario scenario, ScenarioRequest one, CancellationToken cancellationToken)
    {
        int times = request.IsRepeated ? 2 : 1;
        ScenarioReport report = scenario.Run(one, Progress(0), cancellationToken);
        return request.IsRepeated
            ? report.WithRepetition(scenario.Run(one, Progress(1), cancellationToken).TraceHash)
            : report;

        Action<double> Progress(int before) => part => _running[index] = (before + part) / times;
    }

    private async Task ShowProgressAsync(int total, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                double parts = _done + _running.Values.Sum();
                string left = parts > 0
                    ? $", about {(Elapsed * (Math.Max(0, total - parts) / parts)).TotalSeconds:0} s left"
                    : "";
                Terminal.Note(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_done} of {total} runs done, {_failed} failed, {parts / total:0.0%}{left}"));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }
}

using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pmq.Benchmarks.Compare;
using Pmq.Benchmarks.Node;
using Pmq.Testing.Peers;
using Pmq.Testing.Processes;

namespace Pmq.Benchmarks.AgentPath;

/// <summary>What one run gave.</summary>
/// <param name="PerSecond">Messages delivered a second.</param>
/// <param name="P50">Delivery time in ms; only of a paced run.</param>
/// <param name="P99">Delivery time in ms; only of a paced run.</param>
/// <param name="CpuMicroseconds">CPU time of each process for a message: producer, its agent, the other agent, consumer.</param>
/// <param name="ForeignShare">The part of the machine that others used meanwhile, 0 to 1.</param>
internal sealed record PathResult(
    double PerSecond, double P50, double P99, double[] CpuMicroseconds, double ForeignShare)
{
    public override string ToString() =>
        $"{Sample.Format(PerSecond)}/s, p50 {Sample.Format(P50)} ms, p99 {Sample.Format(P99)} ms, CPU "
        + $"{string.Join(", ", CpuMicroseconds.Select(Sample.Format))} us, foreign {ForeignShare:P0}";
}

/// <summary>One run: two agents and their nodes, each a fresh process; warm-up, then one window at the consumer.</summary>
internal sealed class PathRun : IAsyncDisposable
{
    /// <summary>Between the warm-up, which is always at full speed, and the window of a paced run.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(60);

    private readonly List<IAsyncDisposable> _processes = [];
    private readonly List<ChildProcess> _measured = [];
    private readonly string _progress = Path.GetTempFileName();

    /// <summary>Runs; <paramref name="rate"/> 0 is as fast as it goes.</summary>
    /// <exception cref="InvalidOperationException">A process failed, or a message was lost or refused.</exception>
    public async Task<PathResult> MeasureAsync(
        PathRow row, JsonObject? quorum, string? reports, int rate, Plan plan)
    {
        AgentProcess first = await StartAgentAsync(null);
        AgentProcess second = await StartAgentAsync(first.Address);
        ScriptedPeer producer = await StartNodeAsync(first);
        ScriptedPeer consumer = await StartNodeAsync(second);
        _measured.AddRange([producer.Process, first.Process, second.Process, consumer.Process]);
        await Task.WhenAll(first.MeshedAsync(MeasuredNode.Topic), second.MeshedAsync(MeasuredNode.Topic));
        await consumer.CallAsync("consume", new { quorum });
        await producer.CallAsync("produce", new { reports, underWay = row.UnderWay });

        bool latency = rate > 0;
        await CallMeasureAsync(consumer, plan.WarmUp, latency: false);
        if (rate > 0)
        {
            await producer.CallAsync("pace", new { rate });
            await CallMeasureAsync(consumer, Settling, latency);
        }

        var watch = new CpuWatch(_measured.Select(process => process.Id));
        TimeSpan[] before = CpuTimes();
        JsonElement measured = await CallMeasureAsync(consumer, plan.Window, latency);
        TimeSpan[] after = CpuTimes();
        double foreign = watch.ForeignShare();
        await CheckAsync(producer, consumer, first, second);
        double count = measured.GetProperty("count").GetDouble();
        return new PathResult(
            count / measured.GetProperty("seconds").GetDouble(),
            measured.GetProperty("p50").GetDouble(),
            measured.GetProperty("p99").GetDouble(),
            [.. after.Zip(before, (a, b) => (a - b).TotalMicroseconds / count)],
            foreign);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable process in _processes)
        {
            await process.DisposeAsync();
        }

        File.Delete(_progress);
    }

    private static Task<JsonElement> CallMeasureAsync(ScriptedPeer consumer, TimeSpan time, bool latency) =>
        consumer.CallAsync("measure", new { seconds = time.TotalSeconds, latency }, time + Slack);

    private TimeSpan[] CpuTimes() => [.. _measured.Select(process =>
    {
        using Process running = Process.GetProcessById(process.Id);
        return running.TotalProcessorTime;
    })];

    private async Task<AgentProcess> StartAgentAsync(string? peer)
    {
        AgentProcess agent = await AgentProcess.StartAsync(MeasuredNode.Topic, peer);
        _processes.Add(agent);
        return agent;
    }

    private async Task<ScriptedPeer> StartNodeAsync(AgentProcess agent)
    {
        var node = new ScriptedPeer(take => ChildProcess.Start(Environment.ProcessPath!, ["node"], takeOutput: take));
        _processes.Add(node);
        await node.EventAsync("ready");
        await node.CallAsync("start", new { agent = agent.Grpc, progress = _progress });
        return node;
    }

    /// <summary>Every message that was published must have been accepted and delivered.</summary>
    private static async Task CheckAsync(
        ScriptedPeer producer, ScriptedPeer consumer, AgentProcess first, AgentProcess second)
    {
        long published = (await producer.CallAsync("stop")).GetProperty("published").GetInt64();
        long start = Stopwatch.GetTimestamp();
        JsonElement count;
        do
        {
            await Task.Delay(50);
            count = await consumer.CallAsync("count");
        }
        while (count.GetProperty("delivered").GetInt64() < published && Stopwatch.GetElapsedTime(start).TotalSeconds < 10);

        string errors = string.Concat(producer.Process.Errors.Tail(), consumer.Process.Errors.Tail());
        if (count.GetProperty("delivered").GetInt64() != published || errors.Length > 0)
        {
            throw new InvalidOperationException(
                $"published {published}, then {count}; {errors} {await first.LossesAsync()} | {await second.LossesAsync()}");
        }
    }
}

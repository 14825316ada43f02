using System.Text.Json;
using Pmq.Testing.Peers;

namespace Pmq.Benchmarks.Compare;

/// <summary>What one run of one contender gave.</summary>
/// <param name="Values">The figures of the row, in its order.</param>
/// <param name="CpuMicroseconds">CPU time of the receiving process for each thing counted.</param>
/// <param name="ForeignShare">The part of the machine that others used meanwhile, 0 to 1.</param>
internal sealed record RunResult(double[] Values, double CpuMicroseconds, double ForeignShare);

/// <summary>One run: fresh processes, warm-up, one window at the receiver.</summary>
internal sealed class Run(Contender contender, TimeSpan warmUp, TimeSpan window) : IAsyncDisposable
{
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(60);

    private readonly List<ScriptedPeer> _peers = [];

    /// <summary>Starts a process of the contender.</summary>
    public async Task<Started> StartAsync(object options)
    {
        ScriptedPeer peer = contender.Start();
        _peers.Add(peer);
        await peer.EventAsync("ready");
        JsonElement started = await peer.CallAsync("start", options);
        return new Started(
            peer, started.GetProperty("peerId").GetString()!, started.GetProperty("address").GetString()!);
    }

    /// <summary>Warms up, then measures at <paramref name="receiver"/>.</summary>
    public async Task<RunResult> MeasureAsync(Started receiver, Func<JsonElement, double[]> values, bool latency = false)
    {
        await receiver.MeasureAsync(warmUp, latency, Slack);
        var cpu = new CpuWatch(_peers.Select(p => p.Process.Id));
        JsonElement measured = await receiver.MeasureAsync(window, latency, Slack);
        double foreign = cpu.ForeignShare();
        if (_peers.Any(p => p.Process.HasExited))
        {
            throw new InvalidOperationException($"{contender.Name}: a process ended in the middle of a run");
        }

        foreach (ScriptedPeer peer in _peers)
        {
            if (peer.EventsSoFar("fault") is [var fault, ..] || peer.Process.Errors.Tail() is { Length: > 0 })
            {
                throw new InvalidOperationException(
                    $"{contender.Name}: {string.Join(' ', peer.EventsSoFar("fault"))} {peer.Process.Errors.Tail()}");
            }
        }

        long count = measured.GetProperty("count").GetInt64();
        if (count == 0)
        {
            throw new InvalidOperationException($"{contender.Name}: nothing arrived");
        }

        return new RunResult(
            values(measured), measured.GetProperty("cpuSeconds").GetDouble() * 1e6 / count, foreign);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ScriptedPeer peer in _peers)
        {
            await peer.DisposeAsync();
        }
    }
}

/// <summary>A process that is ready.</summary>
internal sealed record Started(ScriptedPeer Script, string PeerId, string Address)
{
    public Task CallAsync(string op, object? arguments = null) => Script.CallAsync(op, arguments);

    public Task<JsonElement> MeasureAsync(TimeSpan window, bool latency, TimeSpan slack) =>
        Script.CallAsync("measure", new { seconds = window.TotalSeconds, latency }, window + slack);
}

using System.Text.Json;

namespace Pmq.Benchmarks.Compare;

/// <summary>One figure of a row.</summary>
/// <param name="Name">As it stands in the table.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="MoreIsBetter">False for delays.</param>
internal sealed record Figure(string Name, string Unit, bool MoreIsBetter = true);

/// <summary>What is measured, the same for every contender.</summary>
/// <param name="Name">By which <c>--rows</c> selects it.</param>
/// <param name="Figures">What it gives.</param>
/// <param name="MeasureAsync">One run.</param>
/// <param name="OursOnly">Whether it looks into our process and has no counterpart.</param>
internal sealed record Row(
    string Name, Figure[] Figures, Func<Run, Task<RunResult>> MeasureAsync, bool OursOnly = false)
{
    private const int MessageBytes = 1024;
    private const int LightRate = 200;

    public static IReadOnlyList<Row> All { get; } =
    [
        Stream("stream-64k", "one stream, 64 KiB writes", 64 * 1024),
        Stream("stream-4k", "one stream, 4 KiB writes", 4 * 1024),
        new("handshakes-1", [new("handshakes, one at a time", "/s")], run => HandshakesAsync(run, dialers: 1)),
        new("handshakes-4", [new("handshakes, four dialers", "/s")], run => HandshakesAsync(run, dialers: 4)),
        new("opens", [new("stream opened, 1 B and its reply", "/s")], OpensAsync),
        new("gossip-1k", [new("gossip, 1 KiB messages", "/s")], GossipAsync),
        new(
            "latency",
            [
                new("delivery p50 at 200 messages/s", "ms", MoreIsBetter: false),
                new("delivery p99 at 200 messages/s", "ms", MoreIsBetter: false),
            ],
            LatencyAsync),
        new(
            "forwarded",
            [
                new("allocated for a forwarded 1 KiB message", "B", MoreIsBetter: false),
                new("messages forwarded", "/s"),
            ],
            ForwardedAsync,
            OursOnly: true),
    ];

    private static Row Stream(string name, string title, int writeBytes) => new(
        name,
        [new(title, "MB/s")],
        async run =>
        {
            Started receiver = await run.StartAsync(new { });
            Started sender = await run.StartAsync(new { });
            await sender.CallAsync("dial", new { address = receiver.Address });
            await sender.CallAsync("loop", new { kind = "send", peer = receiver.PeerId, writeBytes });
            return await run.MeasureAsync(receiver, m => [PerSecond(m, "bytes") / 1e6]);
        });

    private static async Task<RunResult> HandshakesAsync(Run run, int dialers)
    {
        Started listener = await run.StartAsync(new { });
        await listener.CallAsync("countConnections");
        for (int i = 0; i < dialers; i++)
        {
            Started dialer = await run.StartAsync(new { });
            await dialer.CallAsync("loop", new { kind = "handshakes", address = listener.Address });
        }

        return await run.MeasureAsync(listener, m => [PerSecond(m, "count")]);
    }

    private static async Task<RunResult> OpensAsync(Run run)
    {
        Started listener = await run.StartAsync(new { identify = true });
        Started dialer = await run.StartAsync(new { identify = true });
        await dialer.CallAsync("dial", new { address = listener.Address });
        await dialer.CallAsync("loop", new { kind = "opens", peer = listener.PeerId });
        return await run.MeasureAsync(dialer, m => [PerSecond(m, "count")]);
    }

    private static async Task<RunResult> GossipAsync(Run run)
    {
        (Started publisher, Started subscriber) = await MeshAsync(run);
        await publisher.CallAsync("loop", new { kind = "publish", messageBytes = MessageBytes });
        return await run.MeasureAsync(subscriber, m => [PerSecond(m, "count")]);
    }

    private static async Task<RunResult> LatencyAsync(Run run)
    {
        (Started publisher, Started subscriber) = await MeshAsync(run);
        await publisher.CallAsync("loop", new { kind = "paced", messageBytes = MessageBytes, rate = LightRate });
        return await run.MeasureAsync(
            subscriber, m => [m.GetProperty("p50").GetDouble(), m.GetProperty("p99").GetDouble()], latency: true);
    }

    private static async Task<RunResult> ForwardedAsync(Run run)
    {
        Started publisher = await run.StartAsync(new { gossip = true });
        Started forwarder = await run.StartAsync(new { gossip = true });
        Started subscriber = await run.StartAsync(new { gossip = true });
        await publisher.CallAsync("dial", new { address = forwarder.Address });
        await subscriber.CallAsync("dial", new { address = forwarder.Address });
        await Task.WhenAll(
            publisher.CallAsync("subscribe", new { peers = 1 }),
            forwarder.CallAsync("subscribe", new { peers = 2 }),
            subscriber.CallAsync("subscribe", new { peers = 1 }));
        await publisher.CallAsync("loop", new { kind = "publish", messageBytes = MessageBytes });
        return await run.MeasureAsync(
            forwarder,
            m => [m.GetProperty("allocatedBytes").GetDouble() / m.GetProperty("count").GetDouble(), PerSecond(m, "count")]);
    }

    private static async Task<(Started Publisher, Started Subscriber)> MeshAsync(Run run)
    {
        Started subscriber = await run.StartAsync(new { gossip = true });
        Started publisher = await run.StartAsync(new { gossip = true });
        await publisher.CallAsync("dial", new { address = subscriber.Address });
        await Task.WhenAll(
            publisher.CallAsync("subscribe", new { peers = 1 }), subscriber.CallAsync("subscribe", new { peers = 1 }));
        return (publisher, subscriber);
    }

    private static double PerSecond(JsonElement measured, string name) =>
        measured.GetProperty(name).GetDouble() / measured.GetProperty("seconds").GetDouble();
}

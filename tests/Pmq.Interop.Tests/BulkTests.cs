using System.Buffers.Binary;
using Pmq.Core.Hosting;
using Pmq.Testing.Network;

namespace Pmq.Interop.Tests;

/// <summary>Much data in one stream: whole, at a flat memory, and over a link with delay.</summary>
[Collection(nameof(Measured))]
public sealed class BulkTests
{
    private const long Bulk = 1L << 30;
    private const long PauseEvery = 16L << 20;
    private const long FlatBytes = 96L << 20;
    private const int FarBytes = 96 << 20;
    private const long GrownWindow = 4L << 20;
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_gibibyte_from_js_arrives_whole_at_a_slow_reader_and_memory_stays_flat()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Js);
        using var deadline = new CancellationTokenSource(Patience);
        pair.Host.Handle("/slow", async (stream, ct) =>
        {
            // The reader is slow: that is what the test is about.
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
            long paused = 0;
            var (bytes, hash) = await stream.ConsumeAsync(ct, async read =>
            {
                if (read - paused >= PauseEvery)
                {
                    paused = read;
                    await pace.WaitForNextTickAsync(ct);
                }
            });
            byte[] answer = new byte[40];
            BinaryPrimitives.WriteInt64BigEndian(answer, bytes);
            hash.CopyTo(answer, 8);
            await stream.WriteAsync(answer, ct);
            await stream.CloseWriteAsync(ct);
        });
        using var memory = new MemoryWatch(pair.Js);
        await memory.StartAsync();

        var sent = await pair.Js.CallAsync(
            "upload",
            new { peer = pair.Host.LocalPeer.ToString(), protocol = "/slow", bytes = Bulk, writeBytes = 65536 },
            Patience);

        byte[] answer = sent.GetProperty("answer").GetBytesFromBase64();
        Assert.Equal(Bulk, BinaryPrimitives.ReadInt64BigEndian(answer));
        Assert.Equal(Pattern.Hash(Bulk), answer[8..]);
        Assert.InRange(await memory.GrowthAsync(), long.MinValue, FlatBytes);
    }

    [Fact]
    public async Task A_gibibyte_of_ours_arrives_whole_at_a_slow_js_reader_and_memory_stays_flat()
    {
        // js resets a paused stream that holds more than 4 MiB: its window must stay below.
        await using var pair = await Pair.ConnectAsync(
            Dialer.Ours, js: new { yamux = new { streamOptions = new { maxStreamWindowSize = 2 << 20 } } });
        using var deadline = new CancellationTokenSource(Patience);
        await pair.Js.CallAsync(
            "handle", new { protocol = "/slow", mode = "count", pauseEveryBytes = PauseEvery, pauseMilliseconds = 10 });
        using var memory = new MemoryWatch(pair.Js);
        await memory.StartAsync();

        await using IStream stream = await pair.Connection.OpenStreamAsync(["/slow"], deadline.Token);
        await stream.FillAsync(Bulk, deadline.Token);
        await stream.CloseWriteAsync(deadline.Token);
        byte[] answer = await stream.ReadToEndAsync(deadline.Token);

        Assert.Equal(Bulk, BinaryPrimitives.ReadInt64BigEndian(answer));
        Assert.Equal(Pattern.Hash(Bulk), answer[8..]);
        Assert.InRange(await memory.GrowthAsync(), long.MinValue, FlatBytes);
    }

    [Fact]
    public async Task Our_window_grows_over_a_link_with_delay_so_that_js_is_not_held_to_256_KiB_a_round_trip()
    {
        await using var pair = await Pair.StartAsync();
        await using var proxy = new TcpProxy(pair.HostPort, new TcpProxyOptions { Delay = OneWay });
        await pair.ConnectAsync(Dialer.Js, proxy.Port);
        pair.Host.Handle("/swallow", async (s, ct) => await s.ConsumeAsync(ct));
        var opened = await pair.Js.CallAsync(
            "open", new { peer = pair.Host.LocalPeer.ToString(), protocols = new[] { "/swallow" } });
        int stream = opened.GetProperty("stream").GetInt32();

        await pair.Js.CallAsync("fill", new { stream, bytes = FarBytes, writeBytes = 65536 }, Patience);

        // What js may still send is what the window has grown to, but for what is under way.
        await pair.Js.CallAsync("ping", new { peer = pair.Host.LocalPeer.ToString() });
        var state = await pair.Js.CallAsync("state", new { stream });
        Assert.InRange(state.GetProperty("sendWindow").GetInt64(), GrownWindow, 16L << 20);
    }

    [Fact]
    public async Task We_use_the_window_that_js_grows_over_a_link_with_delay()
    {
        await using var pair = await Pair.StartAsync();
        await using var proxy = new TcpProxy(pair.JsPort, new TcpProxyOptions { Delay = OneWay });
        await pair.ConnectAsync(Dialer.Ours, proxy.Port);
        await using IStream stream = await pair.Connection.OpenStreamAsync(["/hold"], Pair.Deadline);
        await stream.WriteAsync(new byte[1], Pair.Deadline);
        int held = (await pair.Js.EventAsync("stream")).GetProperty("stream").GetInt32();
        using var deadline = new CancellationTokenSource(Patience);

        await stream.FillAsync(FarBytes, deadline.Token);
        await stream.CloseWriteAsync(deadline.Token);
        await pair.Js.CallAsync("drain", new { stream = held }, Patience);

        var state = await pair.Js.CallAsync("state", new { stream = held });
        Assert.InRange(state.GetProperty("receiveWindow").GetInt64(), GrownWindow, 16L << 20);
    }
}

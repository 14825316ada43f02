using System.Text;
using System.Text.Json;
using Pmq.Core.Hosting;

namespace Pmq.Interop.Tests;

/// <summary>Ends of streams: half-closes both ways, data before an end, resets while somebody is blocked.</summary>
public sealed class HalfCloseTests
{
    private const int BufferedBytes = 200_000;
    private const int BeyondWindowBytes = 4 * 1024 * 1024;

    [Theory]
    [InlineData(Dialer.Ours)]
    [InlineData(Dialer.Js)]
    public async Task What_js_asks_and_half_closes_is_answered_and_half_closed(Dialer dialer)
    {
        await using var pair = await Pair.ConnectAsync(dialer);
        int stream = await OpenAsync(pair);
        await pair.Js.CallAsync("send", new { stream, data = "question"u8.ToArray() });
        await pair.Js.CallAsync("closeWrite", new { stream });

        await using var held = await pair.NextHeldAsync();
        Assert.Equal("question", Encoding.ASCII.GetString(await held.ReadToEndAsync(Pair.Deadline)));
        await held.WriteAsync("answer"u8.ToArray(), Pair.Deadline);
        await held.CloseWriteAsync(Pair.Deadline);

        var read = await pair.Js.CallAsync("read", new { stream, bytes = 1000 });
        Assert.Equal("answer"u8.ToArray(), read.GetProperty("data").GetBytesFromBase64());
        Assert.True(read.GetProperty("ended").GetBoolean());
    }

    [Theory]
    [InlineData(Dialer.Ours)]
    [InlineData(Dialer.Js)]
    public async Task What_we_ask_and_half_close_is_answered_and_half_closed(Dialer dialer)
    {
        await using var pair = await Pair.ConnectAsync(dialer);
        await using IStream stream = await pair.Connection.OpenStreamAsync(["/echo"], Pair.Deadline);

        await stream.WriteAsync("question"u8.ToArray(), Pair.Deadline);
        await stream.CloseWriteAsync(Pair.Deadline);

        Assert.Equal("question", Encoding.ASCII.GetString(await stream.ReadToEndAsync(Pair.Deadline)));
    }

    [Fact]
    public async Task What_js_sends_before_its_end_is_read_though_the_end_came_first()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Js);
        int stream = await OpenAsync(pair);
        await using var held = await pair.NextHeldAsync();

        // All of it, and the end, are in our buffers before anybody reads.
        await pair.Js.CallAsync("fill", new { stream, bytes = BufferedBytes, writeBytes = 65536 });
        await pair.Js.CallAsync("closeWrite", new { stream });
        await pair.Js.CallAsync("muxerPing", new { peer = pair.Host.LocalPeer.ToString() });

        var (bytes, hash) = await held.ConsumeAsync(Pair.Deadline);
        Assert.Equal(BufferedBytes, bytes);
        Assert.Equal(Pattern.Hash(BufferedBytes), hash);
    }

    [Fact]
    public async Task What_we_send_before_our_end_is_read_by_js_though_the_end_came_first()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Ours);
        await using IStream stream = await pair.Connection.OpenStreamAsync(["/hold"], Pair.Deadline);
        await stream.WriteAsync(new byte[1], Pair.Deadline);
        int held = (await pair.Js.EventAsync("stream")).GetProperty("stream").GetInt32();
        await pair.Js.CallAsync("pause", new { stream = held });

        await stream.FillAsync(BufferedBytes, Pair.Deadline);
        await stream.CloseWriteAsync(Pair.Deadline);
        await pair.Host.PingAsync(pair.JsPeerId, Pair.Deadline);
        await pair.Js.CallAsync("resume", new { stream = held });

        var read = await pair.Js.CallAsync("read", new { stream = held, bytes = int.MaxValue });
        Assert.Equal(1 + BufferedBytes, read.GetProperty("data").GetBytesFromBase64().Length);
    }

    [Fact]
    public async Task Our_writer_that_is_blocked_on_the_window_learns_that_js_reset_the_stream()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Ours);
        await using IStream stream = await pair.Connection.OpenStreamAsync(["/hold"], Pair.Deadline);
        await stream.WriteAsync(new byte[1], Pair.Deadline);
        int held = (await pair.Js.EventAsync("stream")).GetProperty("stream").GetInt32();
        await pair.Js.CallAsync("pause", new { stream = held });
        Task writing = stream.FillAsync(BeyondWindowBytes, Pair.Deadline);
        await UntilBufferedAsync(pair, held);
        Assert.False(writing.IsCompleted);

        await pair.Js.CallAsync("reset", new { stream = held });

        var ended = await Assert.ThrowsAsync<StreamException>(() => writing);
        Assert.Equal(StreamFault.ResetByPeer, ended.Reason);
        await pair.Host.PingAsync(pair.JsPeerId, Pair.Deadline);
    }

    [Fact]
    public async Task A_js_writer_that_is_blocked_on_the_window_learns_that_we_reset_the_stream()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Js);
        int stream = await OpenAsync(pair);
        await using var held = await pair.NextHeldAsync();
        var writing = pair.Js.CallAsync("fill", new { stream, bytes = BeyondWindowBytes, writeBytes = 65536 });
        await UntilWindowIsUsedUpAsync(pair, stream);
        Assert.False(writing.IsCompleted);

        held.Reset();

        await Assert.ThrowsAsync<Testing.Peers.ScriptedPeerException>(() => writing);
        var state = await pair.Js.CallAsync("state", new { stream });
        Assert.Equal("reset", state.GetProperty("status").GetString());
        await pair.Js.CallAsync("ping", new { peer = pair.Host.LocalPeer.ToString() });
    }

    [Fact]
    public async Task Our_reader_learns_that_js_reset_the_stream()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Js);
        int stream = await OpenAsync(pair);
        await using var held = await pair.NextHeldAsync();
        var reading = held.ReadToEndAsync(Pair.Deadline);

        await pair.Js.CallAsync("reset", new { stream });

        var ended = await Assert.ThrowsAsync<StreamException>(() => reading);
        Assert.Equal(StreamFault.ResetByPeer, ended.Reason);
    }

    private static async Task<int> OpenAsync(Pair pair)
    {
        var opened = await pair.Js.CallAsync(
            "open", new { peer = pair.Host.LocalPeer.ToString(), protocols = new[] { "/hold" } });
        return opened.GetProperty("stream").GetInt32();
    }

    /// <summary>Asks js until the whole first window lies unread in its buffer.</summary>
    private static async Task UntilBufferedAsync(Pair pair, int stream)
    {
        JsonElement state;
        do
        {
            state = await pair.Js.CallAsync("state", new { stream });
        }
        while (state.GetProperty("readBuffered").GetInt64() < 200_000);
    }

    /// <summary>Asks js until it may send no more.</summary>
    private static async Task UntilWindowIsUsedUpAsync(Pair pair, int stream)
    {
        JsonElement state;
        do
        {
            state = await pair.Js.CallAsync("state", new { stream });
        }
        while (state.GetProperty("sendWindow").GetInt64() > 0);
    }
}

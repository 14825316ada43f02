using System.Text;
using Pmq.Core.Hosting;

namespace Pmq.Interop.Tests;

/// <summary>Ends of streams: half-closes, data before an end, resets.</summary>
public sealed class HalfCloseTests
{
    [Theory]
    [InlineData(Dialer.Ours)]
    [InlineData(Dialer.Js)]
    public async Task What_js_asks_and_half_closes_is_answered_and_half_closed(Dialer dialer)
    {
        await using var pair = await Pair.ConnectAsync(dialer);
        var opened = await pair.Js.CallAsync("open", new { peer = pair.Host.LocalPeer.ToString(), protocols = new[] { "/hold" } });
        int stream = opened.GetProperty("stream").GetInt32();
        await pair.Js.CallAsync("send", new { stream, data = "question"u8.ToArray() });
        await pair.Js.CallAsync("closeWrite", new { stream });

        var held = await pair.NextHeldAsync();
        Assert.Equal("question", Encoding.ASCII.GetString(await held.ReadToEndAsync(Pair.Deadline)));
        await held.WriteAsync("answer"u8.ToArray(), Pair.Deadline);
        await held.CloseWriteAsync(Pair.Deadline);
        await held.DisposeAsync();

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
}

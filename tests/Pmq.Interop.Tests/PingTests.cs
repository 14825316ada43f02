using Pmq.Core.Hosting;
using Pmq.Testing.Peers;

namespace Pmq.Interop.Tests;

/// <summary>The ping protocol both ways, and its limit of two streams.</summary>
public sealed class PingTests
{
    private const string Protocol = "/ipfs/ping/1.0.0";

    [Theory]
    [InlineData(Dialer.Ours)]
    [InlineData(Dialer.Js)]
    public async Task Both_sides_answer_pings(Dialer dialer)
    {
        await using var pair = await Pair.ConnectAsync(dialer);

        for (int i = 0; i < 5; i++)
        {
            Assert.True(await pair.Host.PingAsync(pair.JsPeerId, Pair.Deadline) > TimeSpan.Zero);
            await pair.Js.CallAsync("ping", new { peer = pair.Host.LocalPeer.ToString() });
        }
    }

    [Fact]
    public async Task A_ping_stream_answers_as_often_as_it_is_asked()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Js);
        int stream = await OpenAsync(pair);

        for (byte i = 0; i < 3; i++)
        {
            byte[] payload = [.. Enumerable.Repeat(i, 32)];
            await pair.Js.CallAsync("send", new { stream, data = payload });
            var read = await pair.Js.CallAsync("read", new { stream, bytes = 32 });
            Assert.Equal(payload, read.GetProperty("data").GetBytesFromBase64());
        }
    }

    [Fact]
    public async Task We_serve_two_ping_streams_of_a_peer_and_refuse_the_third()
    {
        // js by itself keeps to one outbound ping stream.
        await using var pair = await Pair.ConnectAsync(Dialer.Js, js: new { ping = new { maxOutboundStreams = 10 } });
        int first = await OpenAsync(pair);
        int second = await OpenAsync(pair);
        await AssertAnswersAsync(pair, first);
        await AssertAnswersAsync(pair, second);

        // Its reset may overtake the answer to its proposal; js names the error by where it met it.
        await Assert.ThrowsAsync<ScriptedPeerException>(async () =>
        {
            int third = await OpenAsync(pair);
            await pair.Js.CallAsync("demand", new { stream = third, bytes = 32 });
        });

        await pair.Js.CallAsync("closeWrite", new { stream = first });
        await pair.Js.CallAsync("read", new { stream = first, bytes = 32 });
        await AssertAnswersAsync(pair, second);
    }

    [Fact]
    public async Task Our_third_ping_stream_is_refused_by_js_and_the_others_go_on()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Ours);
        await using var first = await pair.Connection.OpenStreamAsync([Protocol], Pair.Deadline);
        await using var second = await pair.Connection.OpenStreamAsync([Protocol], Pair.Deadline);
        await AssertAnswersAsync(first);
        await AssertAnswersAsync(second);

        await Assert.ThrowsAnyAsync<StreamException>(async () =>
        {
            await using var third = await pair.Connection.OpenStreamAsync([Protocol], Pair.Deadline);
            await AssertAnswersAsync(third);
        });

        await AssertAnswersAsync(first);
        await AssertAnswersAsync(second);
    }

    private static async Task<int> OpenAsync(Pair pair)
    {
        var opened = await pair.Js.CallAsync(
            "open", new { peer = pair.Host.LocalPeer.ToString(), protocols = new[] { Protocol } });
        return opened.GetProperty("stream").GetInt32();
    }

    private static async Task AssertAnswersAsync(Pair pair, int stream)
    {
        await pair.Js.CallAsync("send", new { stream, data = new byte[32] });
        var read = await pair.Js.CallAsync("read", new { stream, bytes = 32 });
        Assert.Equal(new byte[32], read.GetProperty("data").GetBytesFromBase64());
    }

    private static async Task AssertAnswersAsync(IStream stream)
    {
        await stream.WriteAsync(new byte[32], Pair.Deadline);
        Assert.Equal(new byte[32], await stream.ReadExactlyAsync(32, Pair.Deadline));
    }
}

using System.Text;
using Pmq.Core.Hosting;

namespace Pmq.Interop.Tests;

/// <summary>How streams are opened on the wire, and many at once.</summary>
public sealed class StreamOpeningTests
{
    private const int ManyStreams = 1000;
    private const string Header = "\x13/multistream/1.0.0\n";

    [Fact]
    public async Task A_stream_that_js_opens_by_a_window_update_is_served()
    {
        // js-libp2p opens every stream by a window update with SYN.
        await using var pair = await Pair.ConnectAsync(Dialer.Js);

        var sent = await pair.Js.CallAsync(
            "upload", new { peer = pair.Host.LocalPeer.ToString(), protocol = "/count", bytes = 1000 });

        Assert.Equal(Pattern.Hash(1000), sent.GetProperty("answer").GetBytesFromBase64()[8..]);
    }

    [Fact]
    public async Task A_stream_that_is_opened_by_data_is_served_before_any_acknowledgement()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Js);
        byte[] body = Encoding.Latin1.GetBytes(Header + "\x06/hold\n" + "data before the acknowledgement");

        // Data, SYN, an id that the dialer has not come to; then an empty frame with FIN.
        byte[] frames =
        [
            0, 0, 0, 1, 0, 0, 0x10, 0x01, 0, 0, 0, (byte)body.Length, .. body,
            0, 0, 0, 4, 0, 0, 0x10, 0x01, 0, 0, 0, 0,
        ];
        await pair.Js.CallAsync("sendRaw", new { peer = pair.Host.LocalPeer.ToString(), data = frames });

        await using var held = await pair.NextHeldAsync();
        Assert.Equal("data before the acknowledgement", Encoding.ASCII.GetString(await held.ReadToEndAsync(Pair.Deadline)));
    }

    [Fact]
    public async Task A_data_frame_that_ends_its_stream_gives_its_body_before_the_end()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Js);
        byte[] body = Encoding.Latin1.GetBytes(Header + "\x06/hold\n" + "all of it");

        // Data with SYN and FIN.
        byte[] frame = [0, 0, 0, 5, 0, 0, 0x10, 0x01, 0, 0, 0, (byte)body.Length, .. body];
        await pair.Js.CallAsync("sendRaw", new { peer = pair.Host.LocalPeer.ToString(), data = frame });

        await using var held = await pair.NextHeldAsync();
        Assert.Equal("all of it", Encoding.ASCII.GetString(await held.ReadToEndAsync(Pair.Deadline)));
    }

    [Theory]
    [InlineData(Dialer.Ours)]
    [InlineData(Dialer.Js)]
    public async Task A_stream_of_ours_that_speaks_first_and_one_that_listens_first_are_both_served_by_js(Dialer dialer)
    {
        await using var pair = await Pair.ConnectAsync(dialer);
        await pair.Js.CallAsync("handle", new { protocol = "/reply", mode = "reply", data = "hello"u8.ToArray() });

        await using var speaks = await pair.Connection.OpenStreamAsync(["/echo"], Pair.Deadline);
        await speaks.WriteAsync("hello"u8.ToArray(), Pair.Deadline);
        await speaks.CloseWriteAsync(Pair.Deadline);
        await using var listens = await pair.Connection.OpenStreamAsync(["/reply"], Pair.Deadline);

        Assert.Equal("hello", Encoding.ASCII.GetString(await speaks.ReadToEndAsync(Pair.Deadline)));
        Assert.Equal("hello", Encoding.ASCII.GetString(await listens.ReadToEndAsync(Pair.Deadline)));
    }

    [Fact]
    public async Task A_thousand_streams_that_we_open_at_once_are_all_answered()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Ours);

        await Task.WhenAll(Enumerable.Range(0, ManyStreams).Select(_ => OneByteAsync(pair.Connection)));
    }

    [Fact]
    public async Task A_thousand_streams_that_js_opens_at_once_are_all_answered_when_the_limits_allow_them()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Js, o => o with
        {
            MaxInboundStreamsPerProtocol = ManyStreams,
            Yamux = o.Yamux with { MaxInboundStreams = 2 * ManyStreams, AcceptBacklog = ManyStreams },
        });

        var result = await pair.Js.CallAsync(
            "openMany", new { peer = pair.Host.LocalPeer.ToString(), protocol = "/echo", count = ManyStreams });

        Assert.Equal(ManyStreams, result.GetProperty("answered").GetInt32());
    }

    [Fact]
    public async Task Streams_of_js_above_the_limits_are_refused_one_by_one_and_the_connection_goes_on()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Js);
        string peer = pair.Host.LocalPeer.ToString();

        var result = await pair.Js.CallAsync("openMany", new { peer, protocol = "/echo", count = ManyStreams });

        Assert.InRange(result.GetProperty("answered").GetInt32(), 64, ManyStreams - 1);
        var after = await pair.Js.CallAsync("openMany", new { peer, protocol = "/echo", count = 10 });
        Assert.Equal(10, after.GetProperty("answered").GetInt32());
        Assert.Null(pair.Connection.CloseReason);
    }

    private static async Task OneByteAsync(IConnection connection)
    {
        await using var stream = await connection.OpenStreamAsync(["/echo"], Pair.Deadline);
        await stream.WriteAsync(new byte[] { 7 }, Pair.Deadline);
        Assert.Equal([7], await stream.ReadExactlyAsync(1, Pair.Deadline));
        await stream.CloseWriteAsync(Pair.Deadline);
    }
}

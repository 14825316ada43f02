using System.Text;
using Pmq.Core.Hosting;
using Pmq.Testing.Network;

namespace Pmq.Interop.Tests;

/// <summary>The Yamux session: GoAway, pings, keepalive, and what breaks it.</summary>
public sealed class SessionTests
{
    [Theory]
    [InlineData(Dialer.Ours)]
    [InlineData(Dialer.Js)]
    public async Task A_connection_that_js_closes_in_order_ends_as_closed_by_the_peer(Dialer dialer)
    {
        await using var pair = await Pair.ConnectAsync(dialer);
        using var watch = new ConnectionWatch(pair.Host, pair.JsPeerId);
        await watch.Connected.WaitAsync(Pair.Deadline);

        await pair.Js.CallAsync("close", new { peer = pair.Host.LocalPeer.ToString() });

        Assert.Equal(CloseKind.RemoteClose, (await watch.Disconnected.WaitAsync(Pair.Deadline)).Kind);
        Assert.Empty(pair.Host.Connections);
    }

    [Theory]
    [InlineData(Dialer.Ours)]
    [InlineData(Dialer.Js)]
    public async Task A_connection_that_we_close_in_order_ends_at_js_without_an_error(Dialer dialer)
    {
        await using var pair = await Pair.ConnectAsync(dialer);

        await pair.Host.DisconnectAsync(pair.JsPeerId, new CloseReason(CloseKind.LocalClose));

        var closed = await pair.Js.EventAsync("connectionClose");
        Assert.Equal("closed", closed.GetProperty("status").GetString());
        Assert.Empty(pair.Js.EventsSoFar("fault"));
    }

    [Fact]
    public async Task After_a_GoAway_0_streams_that_are_open_go_on_and_none_is_opened()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Js);
        await using var open = await pair.Connection.OpenStreamAsync(["/echo"], Pair.Deadline);
        await open.WriteAsync("before "u8.ToArray(), Pair.Deadline);
        Assert.Equal("before ", Encoding.ASCII.GetString(await open.ReadExactlyAsync(7, Pair.Deadline)));

        await SendRawAsync(pair, [0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        await pair.Js.CallAsync("ping", new { peer = pair.Host.LocalPeer.ToString() });

        var refused = await Assert.ThrowsAsync<StreamException>(
            async () => await pair.Connection.OpenStreamAsync(["/echo"], Pair.Deadline));
        Assert.Equal(StreamFault.GoingAway, refused.Reason);
        await open.WriteAsync("after"u8.ToArray(), Pair.Deadline);
        await open.CloseWriteAsync(Pair.Deadline);
        Assert.Equal("after", Encoding.ASCII.GetString(await open.ReadToEndAsync(Pair.Deadline)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_GoAway_that_names_an_error_ends_the_connection(byte code)
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Js);
        using var watch = new ConnectionWatch(pair.Host, pair.JsPeerId);
        await watch.Connected.WaitAsync(Pair.Deadline);

        await SendRawAsync(pair, [0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, code]);

        var reason = await watch.Disconnected.WaitAsync(Pair.Deadline);
        Assert.Equal(CloseKind.RemoteClose, reason.Kind);
        Assert.Contains($"GoAway {code}", reason.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("01000000 00000001 00000000", "UnknownVersion")]
    [InlineData("00040000 00000000 00000000", "UnknownFrameType")]
    [InlineData("00020001 00000001 00000000", "StreamIdOnSessionFrame")]
    [InlineData("00000000 00000000 00000001", "StreamIdMissing")]
    [InlineData("00010001 00000002 00000000", "WrongParity")]
    [InlineData("00000001 00001001 00040001", "WindowExceeded")]
    [InlineData("00010001 00001001 00000000 00010001 00001001 00000000", "DuplicateSyn")]
    public async Task A_frame_of_js_that_breaks_Yamux_ends_the_connection_by_name_and_the_host_lives(string hex, string violation)
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Js);
        using var watch = new ConnectionWatch(pair.Host, pair.JsPeerId);
        await watch.Connected.WaitAsync(Pair.Deadline);

        await SendRawAsync(pair, Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

        var reason = await watch.Disconnected.WaitAsync(Pair.Deadline);
        Assert.Equal(CloseKind.ProtocolViolation, reason.Kind);
        Assert.Contains(violation, reason.Detail, StringComparison.Ordinal);
        await pair.Js.EventAsync("connectionClose");
        await pair.ConnectAsync(Dialer.Js);
    }

    [Fact]
    public async Task Frames_of_streams_that_are_gone_are_ignored()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Js);

        // A window update, data and a reset, each of a stream that never was.
        await SendRawAsync(pair, [0, 1, 0, 0, 0, 0, 0x20, 0x01, 0, 0, 0, 9]);
        await SendRawAsync(pair, [0, 0, 0, 0, 0, 0, 0x20, 0x03, 0, 0, 0, 2, 1, 2]);
        await SendRawAsync(pair, [0, 1, 0, 8, 0, 0, 0x20, 0x05, 0, 0, 0, 0]);

        await pair.Js.CallAsync("ping", new { peer = pair.Host.LocalPeer.ToString() });
        Assert.Null(pair.Connection.CloseReason);
    }

    [Theory]
    [InlineData(Dialer.Ours)]
    [InlineData(Dialer.Js)]
    public async Task Yamux_pings_are_answered_before_any_stream_is_opened(Dialer dialer)
    {
        // Without identify neither side opens a stream by itself on js's side.
        await using var pair = await Pair.ConnectAsync(dialer, js: new { identify = false });

        await pair.Js.CallAsync("muxerPing", new { peer = pair.Host.LocalPeer.ToString() });
    }

    [Theory]
    [InlineData(Dialer.Ours)]
    [InlineData(Dialer.Js)]
    public async Task An_idle_connection_is_kept_alive_by_pings_of_both_sides(Dialer dialer)
    {
        const int Idle = 20;
        await using var pair = await Pair.StartAsync(
            o => o with { Yamux = o.Yamux with { KeepAliveInterval = TimeSpan.FromMilliseconds(100) } },
            new { yamux = new { keepAliveInterval = 100 } });
        await using var proxy = new TcpProxy(dialer == Dialer.Ours ? pair.JsPort : pair.HostPort);
        await pair.ConnectAsync(dialer, proxy.Port);

        // Nobody uses the connection: what passes is pings and their answers.
        await proxy.PassedAsync(Idle, Pair.Deadline);

        Assert.Null(pair.Connection.CloseReason);
        Assert.NotNull(pair.Connection.RoundTripTime);
        var seen = await pair.Js.CallAsync("connections");
        Assert.True(seen.GetProperty("connections")[0].GetProperty("rtt").GetInt32() >= 0);
        await pair.Host.PingAsync(pair.JsPeerId, Pair.Deadline);
    }

    private static async Task SendRawAsync(Pair pair, byte[] data) =>
        await pair.Js.CallAsync("sendRaw", new { peer = pair.Host.LocalPeer.ToString(), data });
}

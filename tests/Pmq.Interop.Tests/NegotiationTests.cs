using System.Net;
using System.Net.Sockets;
using System.Text;
using Pmq.Testing.Network;

namespace Pmq.Interop.Tests;

/// <summary>multistream-select on the raw connection: unknown proposals, and tokens cut and joined by TCP.</summary>
public sealed class NegotiationTests
{
    private const string Header = "\x13/multistream/1.0.0\n";
    private const string Tls = "\x0b/tls/1.0.0\n";
    private const string Noise = "\x07/noise\n";
    private const string Na = "\x03na\n";

    [Fact]
    public async Task A_js_dialer_that_proposes_an_unknown_security_protocol_first_hears_na_and_goes_on_with_noise()
    {
        await using var pair = await Pair.StartAsync(js: new { unknownSecurityFirst = true });

        var dialed = await pair.Js.CallAsync("dial", new { address = pair.Host.ListenAddresses[0].ToString() });

        Assert.Equal("/noise", dialed.GetProperty("encryption").GetString());
        Assert.Equal("/yamux/1.0.0", dialed.GetProperty("multiplexer").GetString());
    }

    [Theory]
    [InlineData(Dialer.Ours)]
    [InlineData(Dialer.Js)]
    public async Task A_listener_answers_several_tokens_in_one_segment(Dialer dialer)
    {
        await using var pair = await Pair.StartAsync();
        int port = dialer == Dialer.Ours ? pair.JsPort : pair.HostPort;

        Assert.Equal(Header + Na + Noise, await TalkAsync(port, [Header + Tls + Noise], Header + Na + Noise));
    }

    [Theory]
    [InlineData(Dialer.Ours)]
    [InlineData(Dialer.Js)]
    public async Task A_listener_answers_tokens_that_come_byte_by_byte(Dialer dialer)
    {
        await using var pair = await Pair.StartAsync();
        int port = dialer == Dialer.Ours ? pair.JsPort : pair.HostPort;

        string answer = await TalkAsync(port, (Header + Tls + Noise).Select(c => c.ToString()), Header + Na + Noise);

        Assert.Equal(Header + Na + Noise, answer);
    }

    [Theory]
    [InlineData(Dialer.Ours)]
    [InlineData(Dialer.Js)]
    public async Task A_whole_connection_is_made_over_segments_of_one_byte(Dialer dialer)
    {
        await using var pair = await Pair.StartAsync();
        await using var proxy = new TcpProxy(
            dialer == Dialer.Ours ? pair.JsPort : pair.HostPort, new TcpProxyOptions { SingleBytes = 4096 });

        await pair.ConnectAsync(dialer, proxy.Port);
        await using var stream = await pair.Connection.OpenStreamAsync(["/echo"], Pair.Deadline);
        await stream.WriteAsync("in pieces"u8.ToArray(), Pair.Deadline);
        await stream.CloseWriteAsync(Pair.Deadline);

        Assert.Equal("in pieces", Encoding.ASCII.GetString(await stream.ReadToEndAsync(Pair.Deadline)));
    }

    [Theory]
    [InlineData("\x12/multistream/1.0.0\n")] // one byte short: the newline is missing
    [InlineData("\x13/multistream/2.0.0\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: somebody who is lost, and says so at length\r\n\r\n")]
    [InlineData("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")]
    public async Task A_client_that_breaks_multistream_is_dropped_with_a_named_reason_and_the_host_lives(string broken)
    {
        await using var pair = await Pair.StartAsync();

        await TalkAsync(pair.HostPort, [broken], null);

        await pair.Logs.Lines.TakeAsync(l => l.Contains("MultistreamViolated", StringComparison.Ordinal));
        await pair.ConnectAsync(Dialer.Js);
        Assert.Null(pair.Connection.CloseReason);
    }

    [Fact]
    public async Task Our_stream_of_a_protocol_that_js_does_not_serve_is_refused_by_name_and_the_next_proposal_is_taken()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Ours);

        var refused = await Assert.ThrowsAsync<Core.Hosting.StreamException>(
            async () => await pair.Connection.OpenStreamAsync(["/nobody/1"], Pair.Deadline));
        Assert.Equal(Core.Hosting.StreamFault.ProtocolNotSupported, refused.Reason);

        await using var second = await pair.Connection.OpenStreamAsync(["/nobody/1", "/echo"], Pair.Deadline);
        Assert.Equal("/echo", second.Protocol);
    }

    [Fact]
    public async Task A_stream_of_js_of_a_protocol_that_we_do_not_serve_is_refused_and_the_next_proposal_is_taken()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Js);
        string peer = pair.Host.LocalPeer.ToString();

        var refused = await Assert.ThrowsAsync<Testing.Peers.ScriptedPeerException>(
            () => pair.Js.CallAsync("open", new { peer, protocols = new[] { "/nobody/1" } }));
        Assert.Equal("UnsupportedProtocolError", refused.Name);

        var second = await pair.Js.CallAsync("open", new { peer, protocols = new[] { "/nobody/1", "/echo" } });
        Assert.Equal("/echo", second.GetProperty("protocol").GetString());
    }

    /// <summary>Sends each piece in a segment of its own; returns what comes until the expected length or the end.</summary>
    private static async Task<string> TalkAsync(int port, IEnumerable<string> pieces, string? expected)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, Pair.Deadline);
        foreach (string piece in pieces)
        {
            await socket.SendAsync(Encoding.Latin1.GetBytes(piece), Pair.Deadline);
        }

        byte[] answer = new byte[256];
        int length = 0;
        try
        {
            while (length < (expected?.Length ?? answer.Length)
                && await socket.ReceiveAsync(answer.AsMemory(length), Pair.Deadline) is var read and > 0)
            {
                length += read;
            }
        }
        catch (SocketException) when (expected is null)
        {
            // Reset instead of closed: dropped all the same.
        }

        return Encoding.Latin1.GetString(answer, 0, length);
    }
}

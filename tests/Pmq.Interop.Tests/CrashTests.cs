using Pmq.Core.Hosting;
using Pmq.Testing.Network;
using Pmq.Testing.Processes;

namespace Pmq.Interop.Tests;

/// <summary>A side that dies, or falls silent, without a word.</summary>
public sealed class CrashTests
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(Dialer.Ours)]
    [InlineData(Dialer.Js)]
    public async Task A_js_peer_that_is_killed_is_gone_within_the_keepalive_and_its_timeout(Dialer dialer)
    {
        await using var pair = await Pair.ConnectAsync(dialer, Impatient);
        using var watch = new ConnectionWatch(pair.Host, pair.JsPeerId);
        await watch.Connected.WaitAsync(Pair.Deadline);
        await using var stream = await pair.Connection.OpenStreamAsync(["/echo"], Pair.Deadline);
        await stream.WriteAsync(new byte[1], Pair.Deadline);
        var reading = stream.ReadToEndAsync(Pair.Deadline);

        pair.Js.Process.Kill();

        await watch.Disconnected.WaitAsync(Pair.Deadline);
        await Assert.ThrowsAsync<StreamException>(() => reading);
        Assert.Empty(pair.Host.Connections);
    }

    [Fact]
    public async Task An_agent_of_ours_that_is_killed_is_gone_at_js_at_once_and_comes_back()
    {
        await using var js = await GossipPeer.StartJsAsync();
        string[] arguments =
        [
            "agent", "--listen", "/ip4/127.0.0.1/tcp/0", "--grpc", "127.0.0.1:0",
            "--http", "127.0.0.1:0", "--topic", GossipPeer.Topic, "--validation", "none", "--peer", js.Address,
        ];
        string pmq = Path.Combine(AppContext.BaseDirectory, "pmq");
        await using var agent = ChildProcess.Start(pmq, arguments);
        await js.EventAsync("connectionOpen");

        agent.Kill();

        await js.EventAsync("connectionClose");
        await using var again = ChildProcess.Start(pmq, arguments);
        await js.CallAsync("subscribe", new { topic = GossipPeer.Topic });
        await js.CallAsync("awaitMesh", new { topic = GossipPeer.Topic, peers = 1 });
    }

    [Theory]
    [InlineData(Dialer.Ours)]
    [InlineData(Dialer.Js)]
    public async Task A_link_that_falls_silent_ends_the_connection_by_timeout(Dialer dialer)
    {
        await using var pair = await Pair.StartAsync(Impatient);
        await using var proxy = new TcpProxy(dialer == Dialer.Ours ? pair.JsPort : pair.HostPort);
        await pair.ConnectAsync(dialer, proxy.Port);
        using var watch = new ConnectionWatch(pair.Host, pair.JsPeerId);
        await watch.Connected.WaitAsync(Pair.Deadline);

        proxy.Freeze();

        var reason = await watch.Disconnected.WaitAsync(Pair.Deadline);
        Assert.Equal(CloseKind.Timeout, reason.Kind);
    }

    [Fact]
    public async Task A_writer_into_a_link_that_falls_silent_learns_it()
    {
        await using var pair = await Pair.StartAsync(Impatient);
        await using var proxy = new TcpProxy(pair.JsPort);
        await pair.ConnectAsync(Dialer.Ours, proxy.Port);
        await using var stream = await pair.Connection.OpenStreamAsync(["/count"], Pair.Deadline);

        proxy.Freeze();

        await Assert.ThrowsAsync<StreamException>(() => stream.FillAsync(1L << 30, Pair.Deadline));
        Assert.Equal(CloseKind.Timeout, pair.Connection.CloseReason?.Kind);
    }

    private static Libp2p.Libp2pHostOptions Impatient(Libp2p.Libp2pHostOptions options) => options with
    {
        Yamux = options.Yamux with { KeepAliveInterval = KeepAlive, PongTimeout = Timeout, WriteStallTimeout = Timeout },
    };
}

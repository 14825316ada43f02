using System.Diagnostics;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Libp2p.Transport;
using Pmq.Libp2p.Transport.Memory;

namespace Pmq.Libp2p.Tests.Host;

public sealed class ShutdownTests : IAsyncDisposable
{
    private readonly HostFixture _hosts = new();

    public ValueTask DisposeAsync() => _hosts.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_host_ends_within_two_seconds_with_open_streams_and_says_goodbye(bool tcp)
    {
        Libp2pHost one = tcp ? await _hosts.StartTcpAsync(1) : await _hosts.StartAsync(1);
        Libp2pHost two = tcp ? await _hosts.StartTcpAsync(2) : await _hosts.StartAsync(2);
        two.Handle("/echo/1", StreamExtensions.EchoAsync);
        var recorder = new HostRecorder();
        one.Observe(recorder);
        IConnection connection = await HostFixture.ConnectAsync(one, two);
        for (int i = 0; i < 50; i++)
        {
            IStream stream = await connection.OpenStreamAsync(["/echo/1"], HostFixture.Soon);
            await stream.WriteTextAsync("x");
            Assert.Equal("x", await stream.ReadTextAsync(1));
        }

        long startedAt = Stopwatch.GetTimestamp();
        await two.DisposeAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(startedAt), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        await recorder.UntilAsync(static told => told.Events.Any(static one =>
            one is "Disconnected RemoteClose" or "Disconnected TransportFailed"));
        Assert.Empty(two.Connections);
    }

    [Fact]
    public async Task A_callback_that_throws_does_not_hold_up_the_end_and_the_peer_is_told()
    {
        Libp2pHost one = await _hosts.StartAsync(1);
        Libp2pHost two = await _hosts.StartAsync(2);
        var serving = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        two.Handle("/throws/1", (stream, ct) =>
        {
            ct.Register(static () => throw new InvalidOperationException("A bug of the handler."));
            serving.SetResult();
            return stream.Input.ReadAsync(ct).AsTask();
        });
        IConnection connection = await HostFixture.ConnectAsync(one, two);
        await using IStream stream = await connection.OpenStreamAsync(["/throws/1"], HostFixture.Soon);
        await stream.WriteTextAsync("x"); // Once the peer has told its protocols, a stream begins with the first write.
        await serving.Task.WaitAsync(HostFixture.Patience);

        await two.DisposeAsync();

        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = connection.Closed.Register(closed.SetResult);
        await closed.Task.WaitAsync(HostFixture.Patience);
        Assert.Equal(CloseKind.RemoteClose, connection.CloseReason!.Kind);
    }

    [Fact]
    public async Task A_handler_that_does_not_listen_does_not_hold_up_the_end()
    {
        (Libp2pHost one, Libp2pHost two) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        var deaf = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var serving = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        two.Handle("/deaf/1", (_, _) =>
        {
            serving.SetResult();
            return deaf.Task;
        });
        IConnection connection = await HostFixture.ConnectAsync(one, two);
        IStream stream = await connection.OpenStreamAsync(["/deaf/1"], HostFixture.Soon);
        await stream.WriteTextAsync("x");
        await serving.Task.WaitAsync(HostFixture.Patience);
        long startedAt = Stopwatch.GetTimestamp();
        await two.DisposeAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(startedAt), TimeSpan.Zero, TimeSpan.FromSeconds(4));
        deaf.SetResult();
    }

    [Fact]
    public async Task Dials_and_handshakes_under_way_end_with_the_host()
    {
        var mute = new MemoryTransport(_hosts.Network);
        await using ITransportListener listener = await mute.ListenAsync(Multiaddr.Parse("/memory/50"), HostFixture.Soon);
        Libp2pHost host = await _hosts.StartAsync(1);
        Task<IConnection> dialing =
            host.ConnectAsync(listener.LocalAddress.WithPeer(TestPeers.Id(2)), HostFixture.Soon).AsTask();
        await listener.AcceptAsync(HostFixture.Soon);
        ITransportConnection silent = await mute.DialAsync(host.ListenAddresses[0], HostFixture.Soon);
        await host.DisposeAsync();
        DialException error = await Assert.ThrowsAsync<DialException>(() => dialing);
        Assert.Equal(DialFault.Shutdown, error.Reason);
        await Assert.ThrowsAsync<IOException>(async () => await silent.ReceiveAsync(new byte[1], HostFixture.Soon));
    }

    [Fact]
    public async Task A_host_that_has_ended_dials_nobody_and_ends_again_without_complaint()
    {
        (Libp2pHost one, Libp2pHost two) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        await one.DisposeAsync();
        await one.DisposeAsync();
        DialException error = await Assert.ThrowsAsync<DialException>(() => HostFixture.ConnectAsync(one, two));
        Assert.Equal(DialFault.Shutdown, error.Reason);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await one.StartAsync(HostFixture.Soon));
    }

    [Fact]
    public async Task A_host_that_was_never_started_can_be_ended()
    {
        Libp2pHost host = _hosts.Make(1);
        await host.DisposeAsync();
        Assert.Empty(host.ListenAddresses);
    }
}

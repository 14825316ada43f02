using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;

namespace Pmq.Libp2p.Tests.Host;

public sealed class Libp2pHostTests : IAsyncDisposable
{
    private const string Echo = "/echo/1";

    private readonly HostFixture _hosts = new();

    public ValueTask DisposeAsync() => _hosts.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_hosts_connect_and_talk_in_both_directions(bool tcp)
    {
        Libp2pHost one = tcp ? await _hosts.StartTcpAsync(1) : await _hosts.StartAsync(1);
        Libp2pHost two = tcp ? await _hosts.StartTcpAsync(2) : await _hosts.StartAsync(2);
        one.Handle(Echo, StreamExtensions.EchoAsync);
        two.Handle(Echo, StreamExtensions.EchoAsync);
        IConnection dialed = await HostFixture.ConnectAsync(one, two);
        Assert.Equal(two.LocalPeer, dialed.RemotePeer);
        Assert.Equal(ConnectionDirection.Outbound, dialed.Direction);
        Assert.Equal(two.ListenAddresses[0].WithoutPeer(), dialed.RemoteAddress);
        await TalkAsync(dialed);

        IConnection accepted = await HostFixture.ConnectAsync(two, one);
        Assert.Equal(ConnectionDirection.Inbound, accepted.Direction);
        Assert.Equal(one.LocalPeer, accepted.RemotePeer);
        await TalkAsync(accepted);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Hosts_agree_on_the_muxer_by_multistream_where_it_is_not_agreed_early(bool dialerEarly, bool listenerEarly)
    {
        Libp2pHost one = await _hosts.StartAsync(1, options => options with { EarlyMuxer = dialerEarly });
        Libp2pHost two = await _hosts.StartAsync(2, options => options with { EarlyMuxer = listenerEarly });
        two.Handle(Echo, StreamExtensions.EchoAsync);
        await TalkAsync(await HostFixture.ConnectAsync(one, two));
    }

    [Fact]
    public async Task A_dial_of_a_connected_peer_gives_the_open_connection()
    {
        (Libp2pHost one, Libp2pHost two) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        IConnection first = await HostFixture.ConnectAsync(one, two);
        Assert.Same(first, await HostFixture.ConnectAsync(one, two));
        Assert.Same(first, await one.ConnectAsync(two.LocalPeer, [], HostFixture.Soon));
        Assert.Single(one.Connections);
    }

    [Fact]
    public async Task Concurrent_dials_of_one_peer_share_one_connection()
    {
        (Libp2pHost one, Libp2pHost two) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        IConnection[] all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => HostFixture.ConnectAsync(one, two)));
        Assert.Single(all.Distinct());
        Assert.Single(one.Connections);
    }

    [Fact]
    public async Task The_wrong_peer_is_refused_by_the_dialer_and_the_address_backs_off()
    {
        (Libp2pHost one, Libp2pHost two) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        Multiaddr lie = two.ListenAddresses[0].WithoutPeer().WithPeer(TestPeers.Id(3));
        DialException error = await Assert.ThrowsAsync<DialException>(
            async () => await one.ConnectAsync(lie, HostFixture.Soon));
        Assert.Equal(DialFault.WrongPeer, error.Reason);
        Assert.Equal(TestPeers.Id(3), error.Peer);
        Assert.Empty(one.Connections);
        error = await Assert.ThrowsAsync<DialException>(async () => await one.ConnectAsync(lie, HostFixture.Soon));
        Assert.Equal(DialFault.Backoff, error.Reason);

        // The address is no worse for the peer who is really there.
        await HostFixture.ConnectAsync(one, two);
    }

    [Fact]
    public async Task A_dial_that_cannot_be_names_its_reason()
    {
        Libp2pHost one = await _hosts.StartAsync(1);
        await AssertDialAsync(DialFault.Self, () => one.ConnectAsync(one.ListenAddresses[0], HostFixture.Soon));
        await AssertDialAsync(DialFault.NoAddress, () => one.ConnectAsync(Multiaddr.Parse("/memory/2"), HostFixture.Soon));
        await AssertDialAsync(DialFault.NoAddress, () => one.ConnectAsync(TestPeers.Id(2), [], HostFixture.Soon));
        await AssertDialAsync(DialFault.NoAddress, () => one.ConnectAsync(
            Multiaddr.Parse("/ip4/1.2.3.4/udp/1/quic-v1").WithPeer(TestPeers.Id(2)), HostFixture.Soon));
        await AssertDialAsync(DialFault.Unreachable, () => one.ConnectAsync(
            Multiaddr.Parse("/memory/99").WithPeer(TestPeers.Id(2)), HostFixture.Soon));
        await AssertDialAsync(DialFault.Self, () => one.ConnectAsync(
            one.ListenAddresses[0].WithoutPeer().WithPeer(TestPeers.Id(2)), HostFixture.Soon));
    }

    [Fact]
    public async Task A_dead_address_beside_a_good_one_does_not_fail_the_dial()
    {
        (Libp2pHost one, Libp2pHost two) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        IConnection connection = await one.ConnectAsync(
            two.LocalPeer,
            [Multiaddr.Parse("/memory/98"), Multiaddr.Parse("/memory/99"), two.ListenAddresses[0]],
            HostFixture.Soon);
        Assert.Equal(two.LocalPeer, connection.RemotePeer);
    }

    [Fact]
    public async Task An_address_that_was_good_once_is_remembered()
    {
        (Libp2pHost one, Libp2pHost two) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        await HostFixture.ConnectAsync(one, two);
        await one.DisconnectAsync(two.LocalPeer, new CloseReason(CloseKind.LocalClose));
        Assert.Empty(one.Connections);
        await one.ConnectAsync(two.LocalPeer, [], HostFixture.Soon);
    }

    [Fact]
    public async Task Hosts_that_dial_each_other_at_once_keep_exactly_the_same_connection()
    {
        for (int round = 0; round < 40; round++)
        {
            await using var hosts = new HostFixture();
            Libp2pHost one = round % 2 == 0 ? await hosts.StartAsync(1) : await hosts.StartTcpAsync(1);
            Libp2pHost two = round % 2 == 0 ? await hosts.StartAsync(2) : await hosts.StartTcpAsync(2);
            var atOne = new HostRecorder();
            var atTwo = new HostRecorder();
            one.Observe(atOne);
            two.Observe(atTwo);
            await Task.WhenAll(HostFixture.ConnectAsync(one, two), HostFixture.ConnectAsync(two, one));

            // Identify over the survivor has come through on both sides, and the loser, if any, is on its way out.
            await atOne.UntilToldAsync("Identified");
            await atTwo.UntilToldAsync("Identified");
            IConnection ours = await SettleAsync(one);
            IConnection theirs = await SettleAsync(two);
            Assert.Equal(ours.LocalAddress, theirs.RemoteAddress);
            Assert.Equal(ours.RemoteAddress, theirs.LocalAddress);
            Assert.DoesNotContain(atOne.Events.Concat(atTwo.Events), static told => told.StartsWith("Disc", StringComparison.Ordinal));
            await ours.CloseAsync(new CloseReason(CloseKind.LocalClose));
            await atTwo.UntilAsync(static told => told.Events[^1].StartsWith("Disconnected", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_taken_address_fails_the_start_by_name_and_leaves_nothing_listening()
    {
        Libp2pHost one = await _hosts.StartTcpAsync(1);
        Libp2pHost two = _hosts.Make(2, options => options with
        {
            ListenAddresses = [Multiaddr.Parse("/memory/2"), one.ListenAddresses[0]],
        });
        IOException error = await Assert.ThrowsAsync<IOException>(async () => await two.StartAsync(HostFixture.Soon));
        Assert.Contains(one.ListenAddresses[0].WithoutPeer().ToString(), error.Message, StringComparison.Ordinal);
        await AssertDialAsync(DialFault.Unreachable, () => one.ConnectAsync(
            Multiaddr.Parse("/memory/2").WithPeer(two.LocalPeer), HostFixture.Soon));
    }

    [Fact]
    public async Task A_wildcard_is_told_as_addresses_that_can_be_dialed()
    {
        Libp2pHost one = await _hosts.StartAsync(1, options => options with
        {
            ListenAddresses = [Multiaddr.Parse("/ip4/0.0.0.0/tcp/0")],
        });
        Assert.DoesNotContain(one.ListenAddresses, static address =>
            address.ToString().Contains("/0.0.0.0/", StringComparison.Ordinal)
            || address.ToString().Contains("/tcp/0/", StringComparison.Ordinal));
        Multiaddr loopback = one.ListenAddresses.Single(static address =>
            address.ToString().StartsWith("/ip4/127.0.0.1/", StringComparison.Ordinal));
        Libp2pHost two = await _hosts.StartAsync(2);
        await two.ConnectAsync(loopback, HostFixture.Soon);
    }

    [Fact]
    public async Task Observers_hear_of_a_peer_in_order_and_a_newcomer_hears_the_present()
    {
        (Libp2pHost one, Libp2pHost two) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        var early = new HostRecorder();
        using IDisposable registration = one.Observe(early);
        await HostFixture.ConnectAsync(one, two);
        await early.UntilToldAsync("Identified");

        var late = new HostRecorder();
        one.Observe(late);
        await late.UntilToldAsync("Identified");
        Assert.NotNull(one.Describe(two.LocalPeer));
        await one.DisconnectAsync(two.LocalPeer, new CloseReason(CloseKind.LocalClose));
        await early.UntilToldAsync("Disconnected LocalClose");
        await late.UntilToldAsync("Disconnected LocalClose");
        Assert.Equal(["Connected", "Identified", "Disconnected LocalClose"], early.Events);
        Assert.Equal(early.Events, late.Events);
        Assert.Null(one.Describe(two.LocalPeer));
    }

    [Fact]
    public async Task A_stream_comes_to_its_handler_only_when_the_observers_know_of_its_connection()
    {
        (Libp2pHost one, Libp2pHost two) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        var served = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        two.Handle("/late", (stream, cancellationToken) =>
        {
            served.TrySetResult();
            return stream.Input.ReadAsync(cancellationToken).AsTask();
        });
        using var hold = new ManualResetEventSlim();
        using IDisposable registration = two.Observe(new HeldObserver(hold));
        IConnection connection = await HostFixture.ConnectAsync(one, two);
        Task<IStream> opening = connection.OpenStreamAsync(["/late"], HostFixture.Soon).AsTask();

        // Ample for a stream that nothing holds back.
        using var ample = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        await Task.WhenAny(served.Task, ample.WaitForNextTickAsync().AsTask());
        Assert.False(served.Task.IsCompleted);

        hold.Set();
        await using IStream stream = await opening;
        await served.Task.WaitAsync(HostFixture.Patience);
    }

    [Fact]
    public async Task An_abrupt_end_of_one_host_is_told_to_the_other()
    {
        (Libp2pHost one, Libp2pHost two) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        var recorder = new HostRecorder();
        one.Observe(recorder);
        IConnection connection = await HostFixture.ConnectAsync(one, two);
        await recorder.UntilToldAsync("Identified");
        Assert.True(_hosts.Network.Kill(two.ListenAddresses[0]));
        await recorder.UntilToldAsync("Disconnected TransportFailed");
        Assert.Empty(one.Connections);
        Assert.Equal(CloseKind.TransportFailed, connection.CloseReason?.Kind);
        await Assert.ThrowsAsync<StreamException>(async () => await connection.OpenStreamAsync([Echo], HostFixture.Soon));
    }

    private static async Task TalkAsync(IConnection connection)
    {
        await using IStream stream = await connection.OpenStreamAsync([Echo], HostFixture.Soon);
        Assert.Equal(Echo, stream.Protocol);
        await stream.WriteTextAsync("hello");
        Assert.Equal("hello", await stream.ReadTextAsync(5));
        await stream.CloseWriteAsync(HostFixture.Soon);
        Assert.Equal("", await stream.ReadToEndAsync());
    }

    private static async Task AssertDialAsync(DialFault fault, Func<ValueTask<IConnection>> dial)
    {
        DialException error = await Assert.ThrowsAsync<DialException>(async () => await dial());
        Assert.Equal(fault, error.Reason);
    }

    /// <summary>The one connection that is left once every duplicate has ended.</summary>
    private static async Task<IConnection> SettleAsync(Libp2pHost host)
    {
        while (true)
        {
            IReadOnlyList<IConnection> open = host.Connections;
            Assert.NotEmpty(open);
            if (open.Count == 1)
            {
                return open[0];
            }

            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using CancellationTokenRegistration first = open[0].Closed.Register(() => ended.TrySetResult());
            using CancellationTokenRegistration second = open[1].Closed.Register(() => ended.TrySetResult());
            await ended.Task.WaitAsync(HostFixture.Patience);
            await Task.Yield();
        }
    }

    /// <summary>Does not take a peer's coming until it is let go.</summary>
    private sealed class HeldObserver(ManualResetEventSlim hold) : IHostObserver
    {
        public void OnPeerConnected(IConnection connection) => hold.Wait(HostFixture.Patience);

        public void OnPeerIdentified(PeerId peer, PeerDescription description)
        {
        }

        public void OnPeerDisconnected(PeerId peer, CloseReason reason)
        {
        }
    }
}

using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Libp2p.Swarm;
using Pmq.Libp2p.Tests.Multistream;
using Pmq.Libp2p.Transport;
using Pmq.Libp2p.Transport.Memory;
using Pmq.Testing;

namespace Pmq.Libp2p.Tests.Host;

/// <summary>What a host does with peers that are slow, too many, unwanted or broken before they are anybody.</summary>
public sealed class LimitTests : IAsyncDisposable
{
    private readonly HostFixture _hosts = new();

    public ValueTask DisposeAsync() => _hosts.DisposeAsync();

    [Fact]
    public async Task A_connection_that_does_not_speak_is_closed_after_the_accept_timeout()
    {
        var time = new VirtualTimeProvider();
        Libp2pHost host = await _hosts.StartAsync(1, options => options with { TimeProvider = time });
        await using ITransportConnection silent = await DialRawAsync(host);
        Task<int> receiving = silent.ReceiveAsync(new byte[64], HostFixture.Soon).AsTask();
        await time.WaitForTimersAsync(1, HostFixture.Soon);
        time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(receiving.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        await Assert.ThrowsAsync<IOException>(() => receiving);
    }

    [Fact]
    public async Task A_dial_that_is_never_answered_times_out()
    {
        var time = new VirtualTimeProvider();
        Libp2pHost host = await _hosts.StartAsync(1, options => options with { TimeProvider = time });
        var mute = new MemoryTransport(_hosts.Network);
        await using ITransportListener listener = await mute.ListenAsync(Multiaddr.Parse("/memory/50"), HostFixture.Soon);
        Task<IConnection> dialing =
            host.ConnectAsync(listener.LocalAddress.WithPeer(TestPeers.Id(2)), HostFixture.Soon).AsTask();

        // The dial's own limit and the limit of its upgrade.
        await time.WaitForTimersAsync(2, HostFixture.Soon);
        time.Advance(TimeSpan.FromSeconds(10));
        DialException error = await Assert.ThrowsAsync<DialException>(() => dialing);
        Assert.Equal(DialFault.Timeout, error.Reason);
    }

    [Fact]
    public async Task An_unknown_first_protocol_gets_na_and_noise_is_still_agreed_byte_by_byte()
    {
        Libp2pHost host = await _hosts.StartAsync(1);
        await using ITransportConnection raw = await DialRawAsync(host);
        byte[] proposals =
        [
            .. MultistreamTokenTests.Encode("/multistream/1.0.0"),
            .. MultistreamTokenTests.Encode("/tls/1.0.0"),
            .. MultistreamTokenTests.Encode("/noise"),
        ];
        foreach (byte one in proposals)
        {
            await raw.SendAsync(new[] { one }, HostFixture.Soon);
        }

        byte[] expected =
        [
            .. MultistreamTokenTests.Encode("/multistream/1.0.0"),
            .. MultistreamTokenTests.Encode("na"),
            .. MultistreamTokenTests.Encode("/noise"),
        ];
        Assert.Equal(expected, await ReceiveAsync(raw, expected.Length));
    }

    [Theory]
    [InlineData("474554202f20485454502f312e310d0a0d0a0d0a0d0a0d0a")]
    [InlineData("ffffffffffffffffff01")]
    [InlineData("132f6d756c746973747265616d2f312e302e300a072f6e6f6973650affff0102")]
    public async Task Broken_bytes_end_the_connection_and_the_host_lives(string hex)
    {
        (Libp2pHost host, Libp2pHost other) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        await using ITransportConnection raw = await DialRawAsync(host);
        await raw.SendAsync(Convert.FromHexString(hex), HostFixture.Soon);
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (await raw.ReceiveAsync(new byte[256], HostFixture.Soon) > 0)
            {
            }
        });
        await HostFixture.ConnectAsync(other, host);
    }

    // CVE-2022-23492, CVE-2022-23486, CVE-2022-23487: connections without end.
    [Fact]
    public async Task Inbound_connections_beyond_the_total_are_refused_and_a_free_place_is_used_again()
    {
        Libp2pHost host = await _hosts.StartAsync(1, options => options with
        {
            Inbound = options.Inbound with { MaxConnections = 2 },
        });
        Libp2pHost[] others = [await _hosts.StartAsync(2), await _hosts.StartAsync(3), await _hosts.StartAsync(4)];
        var recorder = new HostRecorder();
        host.Observe(recorder);
        await HostFixture.ConnectAsync(others[0], host);
        await HostFixture.ConnectAsync(others[1], host);
        await recorder.UntilAsync(static told => told.Events.Count(static one => one == "Connected") == 2);
        await Assert.ThrowsAsync<DialException>(() => HostFixture.ConnectAsync(others[2], host));
        await host.DisconnectAsync(others[0].LocalPeer, new CloseReason(CloseKind.LocalClose));
        Libp2pHost fresh = await _hosts.StartAsync(5);
        await HostFixture.ConnectAsync(fresh, host);
    }

    [Fact]
    public async Task One_address_gets_four_handshakes_at_once_and_eight_connections_and_does_not_disturb_others()
    {
        Multiaddr remote = Multiaddr.Parse("/ip4/203.0.113.7/tcp/1");
        Libp2pHost host = await _hosts.StartAsync(1, options => options with
        {
            Transports = [new RelabelingTransport(_hosts.Network, () => Volatile.Read(ref remote))],
        });
        var silent = new List<ITransportConnection>();
        for (int i = 0; i < 4; i++)
        {
            silent.Add(await DialRawAsync(host));
            await silent[i].SendAsync(MultistreamTokenTests.Encode("/multistream/1.0.0"), HostFixture.Soon);
            await ReceiveAsync(silent[i], 20);
        }

        ITransportConnection fifth = await DialRawAsync(host);
        await Assert.ThrowsAsync<IOException>(async () => await fifth.ReceiveAsync(new byte[1], HostFixture.Soon));
        Volatile.Write(ref remote, Multiaddr.Parse("/ip4/203.0.113.8/tcp/1"));
        for (int number = 2; number < 10; number++)
        {
            await HostFixture.ConnectAsync(await _hosts.StartAsync(number), host);
        }

        await Assert.ThrowsAsync<DialException>(async () => await HostFixture.ConnectAsync(await _hosts.StartAsync(10), host));
        Volatile.Write(ref remote, Multiaddr.Parse("/ip4/203.0.113.9/tcp/1"));
        await HostFixture.ConnectAsync(await _hosts.StartAsync(11), host);
    }

    [Fact]
    public async Task An_address_that_hangs_does_not_hold_up_the_next_one()
    {
        var time = new VirtualTimeProvider();
        var mute = new MemoryTransport(_hosts.Network);
        await using ITransportListener hanging = await mute.ListenAsync(Multiaddr.Parse("/memory/50"), HostFixture.Soon);
        Libp2pHost other = await _hosts.StartAsync(2);
        Libp2pHost host = await _hosts.StartAsync(1, options => options with { TimeProvider = time });
        Task<IConnection> dialing = host.ConnectAsync(
            other.LocalPeer, [hanging.LocalAddress, other.ListenAddresses[0]], HostFixture.Soon).AsTask();

        // The dial's own limit, the limit of the first upgrade, and the stagger.
        await time.WaitForTimersAsync(3, HostFixture.Soon);
        Assert.False(dialing.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(250));
        IConnection connection = await dialing;
        Assert.Equal(other.ListenAddresses[0].WithoutPeer(), connection.RemoteAddress);
    }

    [Fact]
    public async Task Dials_beyond_the_limit_wait_and_beyond_the_queue_fail()
    {
        var mute = new MemoryTransport(_hosts.Network);
        await using ITransportListener hanging = await mute.ListenAsync(Multiaddr.Parse("/memory/50"), HostFixture.Soon);
        Libp2pHost host = await _hosts.StartAsync(1, static options => options with { MaxDials = 1, MaxQueuedDials = 1 });
        Libp2pHost other = await _hosts.StartAsync(2);
        using var cancel = new CancellationTokenSource();
        Task<IConnection> first =
            host.ConnectAsync(hanging.LocalAddress.WithPeer(TestPeers.Id(3)), cancel.Token).AsTask();
        await hanging.AcceptAsync(HostFixture.Soon);
        Task<IConnection> second = HostFixture.ConnectAsync(host, other);
        DialException error = await Assert.ThrowsAsync<DialException>(async () =>
            await host.ConnectAsync(hanging.LocalAddress.WithPeer(TestPeers.Id(4)), HostFixture.Soon));
        Assert.Equal(DialFault.LimitExceeded, error.Reason);
        Assert.False(second.IsCompleted);
        await cancel.CancelAsync();
        Assert.Equal(other.LocalPeer, (await second).RemotePeer);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }

    [Fact]
    public async Task The_gater_is_asked_at_every_point()
    {
        Libp2pHost open = await _hosts.StartAsync(1);
        Libp2pHost closed = await _hosts.StartAsync(2, options => options with { Gater = new Gate { Accept = false } });
        Libp2pHost picky = await _hosts.StartAsync(3, options => options with { Gater = new Gate { Peer = open.LocalPeer } });
        Libp2pHost last = await _hosts.StartAsync(4, options => options with { Gater = new Gate { Use = false } });
        await Assert.ThrowsAsync<DialException>(() => HostFixture.ConnectAsync(open, closed));
        DialException error = await Assert.ThrowsAsync<DialException>(() => HostFixture.ConnectAsync(picky, open));
        Assert.Equal(DialFault.Refused, error.Reason);
        error = await Assert.ThrowsAsync<DialException>(() => HostFixture.ConnectAsync(last, open));
        Assert.Equal(DialFault.Refused, error.Reason);
        Assert.Empty(last.Connections);

        // Noise proves the dialer to the listener only at its end: the dialer sees the connection come and go.
        var recorder = new HostRecorder();
        open.Observe(recorder);
        await HostFixture.ConnectAsync(open, picky);
        await recorder.UntilAsync(static told => told.Events.Any(static one => one.StartsWith("Disc", StringComparison.Ordinal)));
        Assert.Empty(picky.Connections);
    }

    [Theory]
    [InlineData(nameof(IConnectionGater.MayAccept))]
    [InlineData(nameof(IConnectionGater.MaySecure))]
    [InlineData(nameof(IConnectionGater.MayUse))]
    public async Task A_gater_that_throws_refuses_and_the_slot_is_used_again(string question)
    {
        var gate = new ThrowingGate { Throws = question };
        Libp2pHost host = await _hosts.StartAsync(1, options => options with
        {
            Gater = gate,
            Inbound = options.Inbound with { MaxConnections = 1 },
        });
        await ConnectAndLoseAsync(await _hosts.StartAsync(2), host);
        gate.Throws = "";

        // The dialer may know of the end before the place is free.
        for (int number = 3; ; number++)
        {
            try
            {
                await HostFixture.ConnectAsync(await _hosts.StartAsync(number), host);
                break;
            }
            catch (DialException) when (number < 100)
            {
            }
        }

        await host.DisposeAsync();
    }

    [Fact]
    public async Task A_dial_stops_when_nobody_waits_for_it_any_more()
    {
        var mute = new MemoryTransport(_hosts.Network);
        await using ITransportListener listener = await mute.ListenAsync(Multiaddr.Parse("/memory/50"), HostFixture.Soon);
        Libp2pHost host = await _hosts.StartAsync(1);
        using var cancel = new CancellationTokenSource();
        Task<IConnection> dialing =
            host.ConnectAsync(listener.LocalAddress.WithPeer(TestPeers.Id(2)), cancel.Token).AsTask();
        ITransportConnection accepted = (await listener.AcceptAsync(HostFixture.Soon))!;
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dialing);
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (await accepted.ReceiveAsync(new byte[256], HostFixture.Soon) > 0)
            {
            }
        });
    }

    /// <summary>Noise proves the dialer to the listener only at its end: the dialer may see the connection come and go.</summary>
    private static async Task ConnectAndLoseAsync(Libp2pHost from, Libp2pHost to)
    {
        try
        {
            IConnection connection = await HostFixture.ConnectAsync(from, to);
            var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration registration = connection.Closed.Register(closed.SetResult);
            await closed.Task.WaitAsync(HostFixture.Patience);
        }
        catch (DialException)
        {
            // Refused before that.
        }
    }

    private async Task<ITransportConnection> DialRawAsync(Libp2pHost host) =>
        await new MemoryTransport(_hosts.Network).DialAsync(host.ListenAddresses[0], HostFixture.Soon);

    private static async Task<byte[]> ReceiveAsync(ITransportConnection connection, int count)
    {
        byte[] buffer = new byte[count];
        for (int received = 0; received < count;)
        {
            int read = await connection.ReceiveAsync(buffer.AsMemory(received), HostFixture.Soon);
            Assert.NotEqual(0, read);
            received += read;
        }

        return buffer;
    }

    private sealed class ThrowingGate : IConnectionGater
    {
        public volatile string Throws = "";

        public bool MayAccept(Multiaddr remote) => Answer(nameof(MayAccept));

        public bool MaySecure(PeerId peer, Multiaddr remote, ConnectionDirection direction) => Answer(nameof(MaySecure));

        public bool MayUse(IConnection connection) => Answer(nameof(MayUse));

        private bool Answer(string question) =>
            question != Throws ? true : throw new InvalidOperationException("A bug of the gater.");
    }

    private sealed class Gate : IConnectionGater
    {
        public bool Accept { get; init; } = true;

        public bool Use { get; init; } = true;

        public PeerId? Peer { get; init; }

        public bool MayAccept(Multiaddr remote) => Accept;

        public bool MayDialPeer(PeerId peer) => !peer.Equals(Peer);

        public bool MaySecure(PeerId peer, Multiaddr remote, ConnectionDirection direction) => !peer.Equals(Peer);

        public bool MayUse(IConnection connection) => Use;
    }
}

using System.Net;
using System.Text;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Libp2p.Identify;
using Pmq.Libp2p.Ping;
using Pmq.Libp2p.Swarm;
using Pmq.Libp2p.Transport.Tcp;

namespace Pmq.Libp2p.Tests.Host;

public sealed class IdentifyAndPingTests : IAsyncDisposable
{
    private readonly HostFixture _hosts = new();

    public ValueTask DisposeAsync() => _hosts.DisposeAsync();

    [Fact]
    public async Task A_peer_is_described_as_it_is()
    {
        Libp2pHost one = await _hosts.StartAsync(1);
        Libp2pHost two = await _hosts.StartAsync(2, options => options with { UserAgent = "node-7" });
        two.Handle("/meshsub/1.1.0", StreamExtensions.EchoAsync);
        var recorder = new HostRecorder();
        one.Observe(recorder);
        IConnection connection = await HostFixture.ConnectAsync(one, two);
        await recorder.UntilToldAsync("Identified");
        PeerDescription told = one.Describe(two.LocalPeer)!;
        Assert.Equal("p2pmq/node-7", told.AgentVersion);
        Assert.Equal("ipfs/0.1.0", told.ProtocolVersion);
        Assert.Equal(["/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/ipfs/ping/1.0.0", "/meshsub/1.1.0"], told.Protocols);
        Assert.Equal([two.ListenAddresses[0].WithoutPeer()], told.ListenAddresses);
        Assert.Equal(connection.LocalAddress, told.ObservedAddress);
        Assert.Equal(told.ListenAddresses, ((SwarmConnection)connection).Record!.Addresses);
    }

    [Fact]
    public async Task A_peer_on_another_machine_is_not_told_addresses_of_loopback()
    {
        Libp2pHost one = await _hosts.StartAsync(1);
        Libp2pHost two = await _hosts.StartAsync(2, options => options with
        {
            Transports =
            [
                new RelabelingTransport(_hosts.Network, static () => Multiaddr.Parse("/ip4/203.0.113.7/tcp/1")),
                new TcpTransport(),
            ],
            ListenAddresses =
            [
                Multiaddr.Parse("/memory/2"),
                Multiaddr.Parse("/ip4/127.0.0.1/tcp/0"),
                Multiaddr.Parse("/ip4/0.0.0.0/tcp/0"),
            ],
        });
        Multiaddr[] elsewhere = [.. two.ListenAddresses.Select(static address => address.WithoutPeer()).Where(static address =>
            address.TryGetEndPoint(out IPEndPoint? endPoint) && !IPAddress.IsLoopback(endPoint!.Address))];
        var recorder = new HostRecorder();
        one.Observe(recorder);
        IConnection connection = await one.ConnectAsync(two.ListenAddresses[0], HostFixture.Soon);
        await recorder.UntilToldAsync("Identified");
        Assert.Equal(elsewhere, one.Describe(two.LocalPeer)!.ListenAddresses);
        Assert.Equal(elsewhere, ((SwarmConnection)connection).Record!.Addresses);
    }

    [Fact]
    public async Task Without_a_user_agent_the_agent_version_is_the_bare_name()
    {
        (Libp2pHost one, Libp2pHost two) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        var recorder = new HostRecorder();
        one.Observe(recorder);
        await HostFixture.ConnectAsync(one, two);
        await recorder.UntilToldAsync("Identified");
        Assert.Equal("p2pmq", one.Describe(two.LocalPeer)!.AgentVersion);
    }

    [Fact]
    public async Task A_change_of_what_we_serve_is_pushed_to_the_peers_in_both_directions()
    {
        (Libp2pHost one, Libp2pHost two) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        var atOne = new HostRecorder();
        var atTwo = new HostRecorder();
        one.Observe(atOne);
        two.Observe(atTwo);
        await HostFixture.ConnectAsync(one, two);
        two.Handle("/new/1", StreamExtensions.EchoAsync);
        await atOne.UntilAsync(static told => told.LastDescription?.Protocols.Contains("/new/1") == true);
        one.Handle("/other/1", StreamExtensions.EchoAsync);
        await atTwo.UntilAsync(static told => told.LastDescription?.Protocols.Contains("/other/1") == true);
        two.StopHandling("/new/1");
        await atOne.UntilAsync(static told => told.LastDescription?.Protocols.Contains("/new/1") == false);
        Assert.Equal("p2pmq", atOne.LastDescription!.AgentVersion);
    }

    [Fact]
    public async Task Two_pushes_at_a_time_are_both_taken()
    {
        (Libp2pHost one, Libp2pHost two) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        var recorder = new HostRecorder();
        one.Observe(recorder);
        await HostFixture.ConnectAsync(one, two);
        await recorder.UntilToldAsync("Identified");
        IConnection connection = two.Connections[0];
        for (int round = 100; round < 500; round++)
        {
            // agentVersion=6, protocols=3
            await Task.WhenAll(
                PushAsync(connection, 0x32, $"agent {round}"), PushAsync(connection, 0x1A, $"/protocol/{round}"));

            PeerDescription told = one.Describe(two.LocalPeer)!;
            Assert.Equal(($"agent {round}", $"/protocol/{round}"), (told.AgentVersion, told.Protocols.Single()));
        }
    }

    [Fact]
    public async Task Addresses_that_identify_tells_can_be_dialed_later()
    {
        (Libp2pHost one, Libp2pHost two) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        var atTwo = new HostRecorder();
        two.Observe(atTwo);
        await HostFixture.ConnectAsync(one, two);
        await atTwo.UntilToldAsync("Identified");
        await two.DisconnectAsync(one.LocalPeer, new CloseReason(CloseKind.LocalClose));
        IConnection back = await two.ConnectAsync(one.LocalPeer, [], HostFixture.Soon);
        Assert.Equal(one.ListenAddresses[0].WithoutPeer(), back.RemoteAddress);
    }

    [Fact]
    public async Task A_ping_measures_a_round_trip()
    {
        (Libp2pHost one, Libp2pHost two) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        await HostFixture.ConnectAsync(one, two);
        Assert.InRange(await one.PingAsync(two.LocalPeer, HostFixture.Soon), TimeSpan.FromTicks(1), HostFixture.Patience);
        Assert.InRange(await two.PingAsync(one.LocalPeer, HostFixture.Soon), TimeSpan.FromTicks(1), HostFixture.Patience);
    }

    [Fact]
    public async Task Pings_that_are_asked_for_at_once_share_a_stream()
    {
        (Libp2pHost one, Libp2pHost two) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        await HostFixture.ConnectAsync(one, two);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => one.PingAsync(two.LocalPeer, HostFixture.Soon).AsTask()));
    }

    [Fact]
    public async Task A_third_ping_stream_of_a_peer_is_refused()
    {
        (Libp2pHost one, Libp2pHost two) = (await _hosts.StartAsync(1), await _hosts.StartAsync(2));
        IConnection connection = await HostFixture.ConnectAsync(one, two);
        string payload = new('p', 32);
        for (int i = 0; i < 2; i++)
        {
            IStream stream = await connection.OpenStreamAsync([PingService.Protocol], HostFixture.Soon);
            await stream.WriteTextAsync(payload);
            Assert.Equal(payload, await stream.ReadTextAsync(32));
        }

        StreamException error = await Assert.ThrowsAsync<StreamException>(async () =>
        {
            await using IStream third = await connection.OpenStreamAsync([PingService.Protocol], HostFixture.Soon);
            await third.Input.ReadAsync(HostFixture.Soon);
        });
        Assert.Equal(StreamFault.ResetByPeer, error.Reason);
    }

    [Fact]
    public async Task Ping_is_not_served_when_it_is_disabled()
    {
        Libp2pHost one = await _hosts.StartAsync(1);
        Libp2pHost two = await _hosts.StartAsync(2, options => options with { DisablePing = true });
        await HostFixture.ConnectAsync(one, two);
        Assert.DoesNotContain(PingService.Protocol, two.Protocols);
        StreamException error = await Assert.ThrowsAsync<StreamException>(
            async () => await one.PingAsync(two.LocalPeer, HostFixture.Soon));
        Assert.Equal(StreamFault.ProtocolNotSupported, error.Reason);
    }

    /// <summary>Tells one field and waits until the peer has taken it.</summary>
    private static async Task PushAsync(IConnection connection, byte tag, string text)
    {
        await using IStream stream = await connection.OpenStreamAsync([IdentifyService.PushProtocol], HostFixture.Soon);
        byte[] value = Encoding.UTF8.GetBytes(text);
        await stream.WriteAsync(
            (byte[])[(byte)(2 + value.Length), tag, (byte)value.Length, .. value], HostFixture.Soon);
        await stream.CloseWriteAsync(HostFixture.Soon);
        await stream.ReadToEndAsync();
    }
}

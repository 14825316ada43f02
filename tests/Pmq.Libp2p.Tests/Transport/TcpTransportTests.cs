using System.Net;
using System.Net.Sockets;
using Pmq.Core.Addresses;
using Pmq.Libp2p.Tests.Host;
using Pmq.Libp2p.Transport;
using Pmq.Libp2p.Transport.Tcp;

namespace Pmq.Libp2p.Tests.Transport;

/// <summary>TCP over loopback.</summary>
public sealed class TcpTransportTests : TransportTests
{
    public TcpTransportTests()
    {
        Transport = new TcpTransport();
        AnyAddress = Multiaddr.Parse("/ip4/127.0.0.1/tcp/0");
    }

    [Theory]
    [InlineData("/ip4/1.2.3.4/tcp/1", true)]
    [InlineData("/ip6/::1/tcp/1", true)]
    [InlineData("/dns4/localhost/tcp/1", true)]
    [InlineData("/dns6/localhost/tcp/1", true)]
    [InlineData("/dns/localhost/tcp/1", true)]
    [InlineData("/ip4/1.2.3.4/udp/1/quic-v1", false)]
    [InlineData("/ip4/1.2.3.4/tcp/1/ws", false)]
    [InlineData("/memory/1", false)]
    public void It_dials_tcp_over_ip_and_names_and_nothing_else(string address, bool expected) =>
        Assert.Equal(expected, Transport.CanDial(Multiaddr.Parse(address)));

    [Fact]
    public async Task A_name_is_resolved_when_it_is_dialed()
    {
        await using ITransportListener listener = await Transport.ListenAsync(AnyAddress, CancellationToken.None);
        Assert.True(listener.LocalAddress.TryGetEndPoint(out IPEndPoint? endPoint));
        Task<ITransportConnection?> accepting = listener.AcceptAsync(CancellationToken.None).AsTask();
        await using ITransportConnection dialed = await Transport.DialAsync(
            Multiaddr.Parse($"/dns4/localhost/tcp/{endPoint!.Port}"), CancellationToken.None);
        await using ITransportConnection? accepted = await accepting;
        Assert.Equal(listener.LocalAddress, dialed.RemoteAddress);
    }

    [Fact]
    public async Task A_name_that_is_nobodys_fails_by_name()
    {
        IOException error = await Assert.ThrowsAsync<IOException>(async () =>
            await Transport.DialAsync(Multiaddr.Parse("/dns4/nobody.invalid/tcp/1"), CancellationToken.None));
        Assert.Contains("nobody.invalid", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_are_never_answered_hold_up_neither_who_gives_up_nor_more_than_four_threads()
    {
        var answers = new List<TaskCompletionSource<IPAddress[]>>();
        var fifthAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var transport = new TcpTransport((_, _) =>
        {
            lock (answers)
            {
                answers.Add(new TaskCompletionSource<IPAddress[]>(TaskCreationOptions.RunContinuationsAsynchronously));
                if (answers.Count == 5)
                {
                    fifthAsked.SetResult();
                }

                return answers[^1].Task;
            }
        });
        using var cancel = new CancellationTokenSource();
        Task<ITransportConnection>[] dials = [.. Enumerable.Range(0, 4).Select(i =>
            transport.DialAsync(Multiaddr.Parse($"/dns4/n{i}.invalid/tcp/1"), cancel.Token).AsTask())];
        Task<ITransportConnection> fifth =
            transport.DialAsync(Multiaddr.Parse("/dns4/n5.invalid/tcp/1"), CancellationToken.None).AsTask();
        Assert.Equal(4, answers.Count);

        await cancel.CancelAsync();
        foreach (Task<ITransportConnection> dial in dials)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dial.WaitAsync(HostFixture.Patience));
        }

        // Who gave up is gone; the lookups are not before they end.
        Assert.Equal(4, answers.Count);
        answers.ToList().ForEach(static answer => answer.SetException(new SocketException((int)SocketError.HostNotFound)));
        await fifthAsked.Task.WaitAsync(HostFixture.Patience);
        answers[4].SetException(new SocketException((int)SocketError.HostNotFound));
        IOException error = await Assert.ThrowsAsync<IOException>(() => fifth.WaitAsync(HostFixture.Patience));
        Assert.Contains("n5.invalid", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_wildcards_of_both_families_share_a_port()
    {
        await using ITransportListener four =
            await Transport.ListenAsync(Multiaddr.Parse("/ip4/0.0.0.0/tcp/0"), CancellationToken.None);
        Assert.True(four.LocalAddress.TryGetEndPoint(out IPEndPoint? endPoint));
        if (Socket.OSSupportsIPv6)
        {
            await using ITransportListener six = await Transport.ListenAsync(
                Multiaddr.Parse($"/ip6/::/tcp/{endPoint!.Port}"), CancellationToken.None);
            Assert.Equal($"/ip6/::/tcp/{endPoint.Port}", six.LocalAddress.ToString());
        }
    }
}

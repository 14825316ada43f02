using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Pmq.Grpc.Client;
using Pmq.Grpc.Tests.Echo;

namespace Pmq.Grpc.Tests.Client;

/// <summary>Connections that cannot be made, break or fall silent.</summary>
public sealed class ConnectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_port_where_nobody_listens_is_named()
    {
        using var reserved = new TcpListener(IPAddress.Loopback, 0);
        reserved.Start();
        var address = GrpcAddress.Of(reserved.LocalEndpoint);
        reserved.Stop();

        var error = await FailAsync(address);

        Assert.Equal($"Cannot connect to {address}: Connection refused", error.Status.Detail);
    }

    [Fact]
    public async Task A_socket_that_does_not_exist_is_named()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("none");

        var error = await FailAsync(GrpcAddress.Parse($"unix:{path}"));

        Assert.StartsWith($"Cannot connect to unix:{path}: ", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_is_named()
    {
        var error = await FailAsync(GrpcAddress.Parse("nowhere.invalid:1"));

        Assert.StartsWith("Cannot connect to nowhere.invalid:1: ", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_closes_at_once_is_unavailable()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var closing = CloseAllAsync(listener);

        await FailAsync(GrpcAddress.Of(listener.LocalEndpoint));

        listener.Stop();
        await closing;
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_ends_its_calls_and_the_next_call_connects_again()
    {
        await using var server = await EchoServer.StartAsync();
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        using var channel = GrpcChannel.ForAddress(GrpcAddress.Of(proxy.LocalEndpoint));
        var client = new Echo.EchoService.EchoServiceClient(channel);

        using var call = client.Chat();
        using (var first = await ForwardAsync(proxy, server.Address))
        {
            await call.ResponseHeadersAsync.WaitAsync(Patience);
            first.Break();
        }

        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().WaitAsync(Patience));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.IsAssignableFrom<OperationCanceledException>(await server.Service.Ended.Task.WaitAsync(Patience));

        var again = client.EchoAsync(new EchoMessage { Number = 4 });
        using var second = await ForwardAsync(proxy, server.Address);
        Assert.Equal(4ul, (await again.ResponseAsync.WaitAsync(Patience)).Number);
    }

    [Fact]
    public async Task A_silent_connection_is_found_by_pings()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var channel = GrpcChannel.ForAddress(GrpcAddress.Of(listener.LocalEndpoint), new GrpcChannelOptions
        {
            KeepAliveInterval = TimeSpan.FromSeconds(1),
            KeepAliveTimeout = TimeSpan.FromSeconds(1),
        });
        var call = new Echo.EchoService.EchoServiceClient(channel).EchoAsync(new EchoMessage());
        using var silent = await listener.AcceptTcpClientAsync();

        // SETTINGS without any setting (RFC 9113 §6.5); nothing after it.
        await silent.GetStream().WriteAsync(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0 });

        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.WaitAsync(Patience));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
    }

    [Fact]
    public async Task More_calls_than_one_connection_takes_all_get_through()
    {
        await using var server = await EchoServer.StartAsync(
            options: new Pmq.Grpc.Server.GrpcServerOptions { MaxCallsPerConnection = 100 });
        var calls = Enumerable.Range(0, 150).Select(_ => server.Client.Chat()).ToArray();

        foreach (var call in calls)
        {
            await call.ResponseHeadersAsync.WaitAsync(Patience);
            call.Dispose();
        }
    }

    private static async Task<RpcException> FailAsync(GrpcAddress address)
    {
        using var channel = GrpcChannel.ForAddress(address);
        var call = new Echo.EchoService.EchoServiceClient(channel).EchoAsync(new EchoMessage());
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.WaitAsync(Patience));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.DoesNotContain('\n', error.Status.Detail);
        return error;
    }

    private static async Task CloseAllAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                (await listener.AcceptTcpClientAsync()).Dispose();
            }
        }
        catch (Exception stopped) when (stopped is SocketException or InvalidOperationException)
        {
            // The test has stopped the listener, while it waited or between two connections.
        }
    }

    private static async Task<Forwarding> ForwardAsync(TcpListener proxy, GrpcAddress to)
    {
        var inbound = await proxy.AcceptTcpClientAsync();
        var outbound = new TcpClient();
        await outbound.ConnectAsync(to.Host, to.Port);
        return new Forwarding(inbound, outbound);
    }

    /// <summary>One connection through a proxy.</summary>
    private sealed class Forwarding(TcpClient inbound, TcpClient outbound) : IDisposable
    {
        private readonly Task _copying = Task.WhenAll(
            CopyAsync(inbound.GetStream(), outbound.GetStream()), CopyAsync(outbound.GetStream(), inbound.GetStream()));

        public void Break()
        {
            // Linger of zero: a reset and not an orderly close, as when a process is killed with data in flight.
            inbound.Client.LingerState = new LingerOption(true, 0);
            outbound.Client.LingerState = new LingerOption(true, 0);
            Dispose();
        }

        public void Dispose()
        {
            inbound.Dispose();
            outbound.Dispose();
            _copying.Wait(Patience);
        }

        private static async Task CopyAsync(NetworkStream from, NetworkStream to)
        {
            try
            {
                await from.CopyToAsync(to);
            }
            catch (Exception closed) when (closed is IOException or ObjectDisposedException)
            {
                // The other direction is closed with it.
            }
        }
    }
}

using Grpc.Core;
using Pmq.Grpc.Tests.Echo;

namespace Pmq.Grpc.Tests.Server;

public sealed class ShutdownTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Streams_end_with_unavailable_when_the_server_stops()
    {
        await using var server = await EchoServer.StartAsync();
        using var hold = server.Client.Hold();
        await server.Service.Entered.Task.WaitAsync(Patience);
        using var chat = server.Client.Chat();
        await chat.ResponseHeadersAsync.WaitAsync(Patience);
        var read = chat.ResponseStream.MoveNext();

        await server.App.StopAsync().WaitAsync(Patience);

        foreach (var call in new Task[] { read, hold.ResponseAsync })
        {
            // The words are the server's or, when the end of the connection overtakes its trailers, the client's own.
            var error = await Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(Patience));
            Assert.Equal(StatusCode.Unavailable, error.StatusCode);
            Assert.True(
                error.Status.Detail == "The server is shutting down."
                || error.Status.Detail.StartsWith($"The connection to {server.Address} was lost: ", StringComparison.Ordinal),
                error.Status.Detail);
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_gets_what_was_written_and_then_unavailable()
    {
        await using var server = await EchoServer.StartAsync();
        using var call = server.Client.Count(new CountRequest { Count = 100_000, Size = 16 * 1024 });
        Assert.True(await server.Service.Blocked.Task.WaitAsync(Patience));

        var stop = server.App.StopAsync();
        Assert.IsAssignableFrom<OperationCanceledException>(await server.Service.Ended.Task.WaitAsync(Patience));

        var next = 0ul;
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext().WaitAsync(Patience))
            {
                Assert.Equal(next++, call.ResponseStream.Current.Number);
            }
        });
        Assert.Equal((StatusCode.Unavailable, "The server is shutting down."), (error.StatusCode, error.Status.Detail));
        Assert.InRange(next, (ulong)server.Service.Counted, (ulong)server.Service.Counted + 1);
        await stop.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_client_that_never_reads_does_not_hold_the_server_longer_than_the_host_allows()
    {
        await using var server = await EchoServer.StartAsync();
        using var call = server.Client.Count(new CountRequest { Count = 100_000, Size = 16 * 1024 });
        Assert.True(await server.Service.Blocked.Task.WaitAsync(Patience));

        // The host of these tests allows 2 s.
        await server.App.StopAsync().WaitAsync(Patience);

        Assert.Equal(0, await server.WhenIdleAsync().WaitAsync(Patience));
    }

    [Fact]
    public async Task A_unary_call_that_has_begun_is_let_finish()
    {
        await using var server = await EchoServer.StartAsync();
        var call = server.Client.HangAsync(new EchoMessage { Number = 3 });
        await server.Service.Entered.Task.WaitAsync(Patience);

        var stop = server.App.StopAsync();
        Assert.False(call.ResponseAsync.IsCompleted);
        server.Service.Release.SetResult();

        Assert.Equal(3ul, (await call.ResponseAsync.WaitAsync(Patience)).Number);
        await stop.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_call_after_the_server_has_stopped_is_unavailable_and_says_where()
    {
        await using var server = await EchoServer.StartAsync();
        await server.Client.EchoAsync(new EchoMessage());
        await server.App.StopAsync().WaitAsync(Patience);

        var error = await Assert.ThrowsAsync<RpcException>(
            () => server.Client.EchoAsync(new EchoMessage()).ResponseAsync);

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        // The end of the old connection and the refusal of a new one may come in either order.
        Assert.Contains(server.Address.ToString(), error.Status.Detail, StringComparison.Ordinal);
    }
}

using Google.Protobuf;
using Grpc.Core;
using Pmq.Grpc.Client;
using Pmq.Grpc.Server;
using Pmq.Grpc.Tests.Echo;
using Pmq.Testing;

namespace Pmq.Grpc.Tests;

/// <summary>
/// Calls that are ended before they have ended: by the caller, the deadline, the server or the connection.
/// </summary>
public sealed class CancellationTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task A_cancelled_token_ends_the_call_on_both_sides(string transport)
    {
        await using var server = await EchoServer.StartAsync(transport);
        using var caller = new CancellationTokenSource();
        var call = server.Client.HangAsync(new EchoMessage(), cancellationToken: caller.Token);
        await server.Service.Entered.Task.WaitAsync(Patience);

        await caller.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Fails(call.ResponseAsync)).StatusCode);
        Assert.IsAssignableFrom<OperationCanceledException>(await server.Service.Ended.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_disposed_call_ends_on_both_sides()
    {
        await using var server = await EchoServer.StartAsync();
        var call = server.Client.Chat();
        await call.ResponseHeadersAsync.WaitAsync(Patience);
        var read = call.ResponseStream.MoveNext();

        call.Dispose();

        Assert.Equal(StatusCode.Cancelled, (await Fails(read)).StatusCode);
        Assert.Equal(StatusCode.Cancelled, (await Fails(call.RequestStream.WriteAsync(new EchoMessage()))).StatusCode);
        Assert.IsAssignableFrom<OperationCanceledException>(await server.Service.Ended.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_cancelled_stream_of_requests_never_looks_complete()
    {
        await using var server = await EchoServer.StartAsync();
        using var caller = new CancellationTokenSource();
        using var call = server.Client.Sum(cancellationToken: caller.Token);
        await call.RequestStream.WriteAsync(new EchoMessage { Data = ByteString.CopyFrom(new byte[100_000]) });
        await server.Service.Entered.Task.WaitAsync(Patience);

        await caller.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Fails(call.ResponseAsync)).StatusCode);
        Assert.IsAssignableFrom<OperationCanceledException>(await server.Service.Ended.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_token_that_was_cancelled_before_sends_nothing()
    {
        await using var server = await EchoServer.StartAsync();
        var call = server.Client.EchoAsync(new EchoMessage(), cancellationToken: new CancellationToken(canceled: true));

        Assert.Equal(StatusCode.Cancelled, (await Fails(call.ResponseAsync)).StatusCode);
        Assert.Null(server.Service.LastEcho);
    }

    [Fact]
    public async Task Cancelling_a_wait_for_a_message_leaves_the_call_as_it_is()
    {
        await using var server = await EchoServer.StartAsync();
        using var call = server.Client.Chat();
        await call.ResponseHeadersAsync.WaitAsync(Patience);
        using var wait = new CancellationTokenSource();
        var read = call.ResponseStream.MoveNext(wait.Token);

        await wait.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        await call.RequestStream.WriteAsync(new EchoMessage { Number = 5 });
        Assert.True(await call.ResponseStream.MoveNext());
        Assert.Equal(5ul, call.ResponseStream.Current.Number);
    }

    [Fact]
    public async Task Cancelling_a_write_that_waits_leaves_the_call_as_it_is()
    {
        await using var server = await EchoServer.StartAsync();
        using var call = server.Client.Hurry(new CountRequest { Count = 100_000, Size = 16 * 1024 });
        Assert.True(await server.Service.Blocked.Task.WaitAsync(Patience));

        // The message of the write that was given up is there too: only the wait was.
        var next = 0ul;
        while (await call.ResponseStream.MoveNext().WaitAsync(Patience) && call.ResponseStream.Current.Number == next)
        {
            next++;
        }

        Assert.Equal(ulong.MaxValue, call.ResponseStream.Current.Number);
        Assert.False(await call.ResponseStream.MoveNext().WaitAsync(Patience));
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task The_deadline_ends_the_call_on_both_sides(string transport)
    {
        var time = new VirtualTimeProvider();
        await using var server = await EchoServer.StartAsync(
            transport, new GrpcServerOptions { TimeProvider = time }, new GrpcChannelOptions { TimeProvider = time });
        var call = server.Client.HangAsync(new EchoMessage(), deadline: time.GetUtcNow().UtcDateTime.AddHours(1));
        await server.Service.Entered.Task.WaitAsync(Patience);

        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(StatusCode.DeadlineExceeded, (await Fails(call.ResponseAsync)).StatusCode);
        Assert.IsAssignableFrom<OperationCanceledException>(await server.Service.Ended.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task The_client_keeps_the_deadline_when_the_server_does_not()
    {
        var time = new VirtualTimeProvider();
        await using var server = await EchoServer.StartAsync(
            options: new GrpcServerOptions { TimeProvider = new VirtualTimeProvider() },
            channelOptions: new GrpcChannelOptions { TimeProvider = time });
        var call = server.Client.HangAsync(new EchoMessage(), deadline: time.GetUtcNow().UtcDateTime.AddHours(1));
        await server.Service.Entered.Task.WaitAsync(Patience);

        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(StatusCode.DeadlineExceeded, (await Fails(call.ResponseAsync)).StatusCode);
        Assert.Equal(0, time.ArmedTimerCount);
    }

    [Fact]
    public async Task A_deadline_in_the_past_sends_nothing()
    {
        await using var server = await EchoServer.StartAsync();
        var call = server.Client.EchoAsync(new EchoMessage(), deadline: DateTime.UtcNow.AddSeconds(-1));

        Assert.Equal(StatusCode.DeadlineExceeded, (await Fails(call.ResponseAsync)).StatusCode);
        Assert.Null(server.Service.LastEcho);
    }

    [Fact]
    public async Task The_server_is_told_the_deadline()
    {
        await using var server = await EchoServer.StartAsync();
        var deadline = DateTime.UtcNow.AddMinutes(5);

        await server.Client.EchoAsync(new EchoMessage(), deadline: deadline);

        Assert.InRange(server.Service.LastEcho!.Deadline, deadline.AddSeconds(-5), deadline.AddSeconds(5));
    }

    [Fact]
    public async Task A_disposed_channel_ends_its_calls()
    {
        await using var server = await EchoServer.StartAsync();
        var channel = GrpcChannel.ForAddress(server.Address);
        var call = new Echo.EchoService.EchoServiceClient(channel).HangAsync(new EchoMessage());
        await server.Service.Entered.Task.WaitAsync(Patience);

        channel.Dispose();

        Assert.Equal(StatusCode.Cancelled, (await Fails(call.ResponseAsync)).StatusCode);
    }

    [Fact]
    public async Task Calls_cancelled_at_any_moment_end_once_and_leave_nothing_behind()
    {
        await using var server = await EchoServer.StartAsync();
        var outcomes = new int[17];
        for (var round = 0; round < 400; round++)
        {
            using var caller = new CancellationTokenSource();
            var call = server.Client.EchoAsync(new EchoMessage(), cancellationToken: caller.Token);
            var cancel = Task.Run(() =>
            {
                // From at once to after the answer.
                Thread.SpinWait(round * 50);
                caller.Cancel();
            });
            try
            {
                await call.ResponseAsync.WaitAsync(Patience);
                outcomes[0]++;
            }
            catch (RpcException error)
            {
                outcomes[(int)error.StatusCode]++;
            }

            await cancel;
            call.Dispose();
        }

        Assert.Equal(400, outcomes[(int)StatusCode.OK] + outcomes[(int)StatusCode.Cancelled]);
        Assert.NotEqual(0, outcomes[(int)StatusCode.Cancelled]);
        await server.Client.EchoAsync(new EchoMessage());
        Assert.Equal(0, await server.WhenIdleAsync().WaitAsync(Patience));
    }

    [Fact]
    public async Task Streams_cancelled_at_any_moment_end_once_and_leave_nothing_behind()
    {
        await using var server = await EchoServer.StartAsync();
        for (var round = 0; round < 200; round++)
        {
            using var caller = new CancellationTokenSource();
            using var call = server.Client.Chat(cancellationToken: caller.Token);
            var cancel = Task.Run(() =>
            {
                Thread.SpinWait(round * 200);
                caller.Cancel();
            });
            var error = await Assert.ThrowsAsync<RpcException>(async () =>
            {
                while (true)
                {
                    await call.RequestStream.WriteAsync(new EchoMessage()).WaitAsync(Patience);
                    await call.ResponseStream.MoveNext().WaitAsync(Patience);
                }
            });
            Assert.Equal(StatusCode.Cancelled, error.StatusCode);
            await cancel;
        }

        Assert.Equal(0, await server.WhenIdleAsync().WaitAsync(Patience));
    }

    private static Task<RpcException> Fails(Task call) =>
        Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(Patience));
}

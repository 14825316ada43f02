using Google.Protobuf;
using Grpc.Core;
using Pmq.Grpc.Client;
using Pmq.Grpc.Server;
using Pmq.Grpc.Tests.Echo;

namespace Pmq.Grpc.Tests;

/// <summary>Sizes at their limits, and what waits for a slow reader.</summary>
public sealed class LimitTests
{
    private const int MiB = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task Messages_from_nothing_to_the_limit_go_through(string where)
    {
        await using var server = await EchoServer.StartAsync(where);
        foreach (var size in new[] { 0, 1, 5, 16 * 1024, 65_535, 65_536, MiB, (4 * MiB) - 10 })
        {
            var sent = Random(size);
            Assert.Equal(sent, await server.Client.EchoAsync(sent).ResponseAsync.WaitAsync(Patience));
        }
    }

    [Fact]
    public async Task A_message_above_the_servers_limit_is_refused_and_the_connection_serves_on()
    {
        await using var server = await EchoServer.StartAsync();

        var error = await Assert.ThrowsAsync<RpcException>(
            () => server.Client.EchoAsync(Random(4 * MiB)).ResponseAsync.WaitAsync(Patience));

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.Contains("exceeds the limit of 4194304", error.Status.Detail, StringComparison.Ordinal);
        await server.Client.EchoAsync(Random(MiB)).ResponseAsync.WaitAsync(Patience);
    }

    [Fact]
    public async Task The_limit_may_be_raised_on_both_sides()
    {
        await using var server = await EchoServer.StartAsync(
            options: new GrpcServerOptions { MaxReceiveMessageBytes = 32 * MiB },
            channelOptions: new GrpcChannelOptions { MaxReceiveMessageBytes = 32 * MiB });
        var sent = Random(20 * MiB);

        Assert.Equal(sent, await server.Client.EchoAsync(sent).ResponseAsync.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_large_message_in_a_stream_goes_through_between_small_ones()
    {
        await using var server = await EchoServer.StartAsync();
        using var call = server.Client.Chat();
        foreach (var size in new[] { 1, 3 * MiB, 0, 2 * MiB, 7 })
        {
            var sent = Random(size);
            await call.RequestStream.WriteAsync(sent).WaitAsync(Patience);
            Assert.True(await call.ResponseStream.MoveNext().WaitAsync(Patience));
            Assert.Equal(sent, call.ResponseStream.Current);
        }
    }

    [Fact]
    public async Task A_server_waits_for_a_client_that_does_not_read()
    {
        const int Size = 16 * 1024;
        const int Count = 20_000;
        await using var server = await EchoServer.StartAsync();
        using var call = server.Client.Count(new CountRequest { Count = Count, Size = Size });

        Assert.True(
            await server.Service.Blocked.Task.WaitAsync(Patience), "The server wrote 312 MiB that nobody read.");
        var read = 0;
        while (await call.ResponseStream.MoveNext().WaitAsync(Patience))
        {
            read++;

            // The client's window grows to 16 MiB at most; Kestrel and the sockets hold less than the rest.
            Assert.InRange((server.Service.Counted - read) * (long)Size, long.MinValue, 24 * MiB);
        }

        Assert.Equal(Count, read);
    }

    [Fact]
    public async Task A_client_waits_for_a_server_that_does_not_read()
    {
        const int Size = 16 * 1024;
        await using var server = await EchoServer.StartAsync();
        using var call = server.Client.Hold();
        var message = Random(Size);
        var written = 0;
        var write = Task.CompletedTask;

        // That nothing happens shows only in time: a write that has not ended after two seconds has no room.
        await Assert.ThrowsAsync<TimeoutException>(async () =>
        {
            for (; written < 64 * MiB; written += Size)
            {
                write = call.RequestStream.WriteAsync(message);
                await write.WaitAsync(TimeSpan.FromSeconds(2));
            }
        });

        // 1 MiB of our own buffer, 768 KiB of Kestrel's window, and what the sockets hold.
        Assert.InRange(written, MiB / 2, 12 * MiB);
        call.Dispose();
        await Assert.ThrowsAsync<RpcException>(() => write.WaitAsync(Patience));
    }

    [Fact]
    public async Task Metadata_above_the_servers_limit_is_refused_and_the_connection_serves_on()
    {
        await using var server = await EchoServer.StartAsync(
            options: new GrpcServerOptions { MaxMetadataBytes = 2000 });

        // The first call makes the limit known to the client: from then on it does not even send what exceeds it.
        await server.Client.EchoAsync(new EchoMessage());
        var error = await Assert.ThrowsAsync<RpcException>(() => server.Client.EchoAsync(
            new EchoMessage(), new Metadata { { "x-text", new string('x', 3000) } }).ResponseAsync.WaitAsync(Patience));

        Assert.NotEqual(StatusCode.OK, error.StatusCode);
        Assert.Contains("limit of 2000 bytes", error.Status.Detail, StringComparison.Ordinal);
        await server.Client.EchoAsync(new EchoMessage());
    }

    [Fact]
    public async Task Two_writes_at_once_are_refused()
    {
        await using var server = await EchoServer.StartAsync();
        using var call = server.Client.Hold();
        Task write;
        do
        {
            write = call.RequestStream.WriteAsync(Random(MiB));
        }
        while (write.IsCompleted);

        Assert.Throws<InvalidOperationException>(() => { _ = call.RequestStream.WriteAsync(new EchoMessage()); });
    }

    private static EchoMessage Random(int size)
    {
        var bytes = new byte[size];
        System.Security.Cryptography.RandomNumberGenerator.Fill(bytes);
        return new EchoMessage { Data = UnsafeByteOperations.UnsafeWrap(bytes) };
    }
}

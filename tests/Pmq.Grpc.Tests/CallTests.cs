using Google.Protobuf;
using Grpc.Core;
using Pmq.Grpc.Client;
using Pmq.Grpc.Server;
using Pmq.Grpc.Tests.Echo;

namespace Pmq.Grpc.Tests;

/// <summary>The four kinds of call, our client to our server.</summary>
public sealed class CallTests
{
    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task A_unary_call_returns_what_it_sent(string transport)
    {
        await using var server = await EchoServer.StartAsync(transport);
        var sent = new EchoMessage { Number = ulong.MaxValue, Data = ByteString.CopyFromUtf8("data") };

        Assert.Equal(sent, await server.Client.EchoAsync(sent));
        Assert.Equal(sent, server.Client.Echo(sent));
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task A_server_stream_brings_all_messages_in_order(string transport)
    {
        await using var server = await EchoServer.StartAsync(transport);
        using var call = server.Client.Count(new CountRequest { Count = 5000, Size = 100 });

        var next = 0ul;
        await foreach (var message in call.ResponseStream.ReadAllAsync())
        {
            Assert.Equal(next++, message.Number);
        }

        Assert.Equal(5000ul, next);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task A_client_stream_is_read_to_its_end(string transport)
    {
        await using var server = await EchoServer.StartAsync(transport);
        using var call = server.Client.Sum();
        for (var number = 1ul; number <= 1000; number++)
        {
            await call.RequestStream.WriteAsync(
                new EchoMessage { Number = number, Data = ByteString.CopyFrom(new byte[10]) });
        }

        await call.RequestStream.CompleteAsync();

        Assert.Equal(new SumResponse { Count = 1000, Sum = 500_500, Bytes = 10_000 }, await call);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task A_duplex_stream_answers_each_message(string transport)
    {
        await using var server = await EchoServer.StartAsync(transport);
        using var call = server.Client.Chat();
        await call.ResponseHeadersAsync;
        for (var number = 0ul; number < 100; number++)
        {
            await call.RequestStream.WriteAsync(new EchoMessage { Number = number });
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal(number, call.ResponseStream.Current.Number);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
    }
}

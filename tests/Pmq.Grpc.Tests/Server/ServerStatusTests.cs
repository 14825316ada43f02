using Grpc.Core;
using Pmq.Grpc.Tests.Echo;

namespace Pmq.Grpc.Tests.Server;

/// <summary>How calls end, as our client sees it.</summary>
public sealed class ServerStatusTests
{
    public static TheoryData<int> Codes => [.. Enumerable.Range(1, 16)];

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task A_status_arrives_with_its_text_and_trailers(int code)
    {
        await using var server = await EchoServer.StartAsync();
        var call = server.Client.FailAsync(new FailRequest { Code = code, Text = "100 % ключ" });

        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);

        Assert.Equal((StatusCode)code, error.StatusCode);
        Assert.Equal("100 % ключ", error.Status.Detail);
        Assert.Equal("trailer", error.Trailers.GetValue("x-text"));
        Assert.Equal([0, 1, 255], error.Trailers.GetValueBytes("x-bytes-bin")!);
        Assert.Equal((StatusCode)code, call.GetStatus().StatusCode);
        Assert.Same(error.Trailers, call.GetTrailers());
    }

    [Theory]
    [InlineData(17, 2)]
    [InlineData(18, 1)]
    [InlineData(19, 2)]
    public async Task An_exception_tells_the_client_nothing_of_itself(int fault, int expected)
    {
        await using var server = await EchoServer.StartAsync();

        var error = await Assert.ThrowsAsync<RpcException>(
            () => server.Client.FailAsync(new FailRequest { Code = fault, Text = "secret" }).ResponseAsync);

        Assert.Equal((StatusCode)expected, error.StatusCode);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_fails_brings_first_what_it_had()
    {
        await using var server = await EchoServer.StartAsync();
        using var call = server.Client.FailAfter(new FailRequest { Code = 9, Text = "late", Messages = 3 });

        for (var number = 0ul; number < 3; number++)
        {
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal(number, call.ResponseStream.Current.Number);
        }

        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());
        Assert.Equal((StatusCode.FailedPrecondition, "late"), (error.StatusCode, error.Status.Detail));
        Assert.Equal("trailer", call.GetTrailers().GetValue("x-text"));
        await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task Metadata_goes_both_ways()
    {
        await using var server = await EchoServer.StartAsync();
        var call = server.Client.EchoAsync(
            new EchoMessage(),
            new Metadata { { "x-text", "a, b" }, { "x-text", "c" }, { "x-bytes-bin", [1, 2] }, { "x-empty-bin", [] } });

        await call;
        foreach (var metadata in new[] { await call.ResponseHeadersAsync, call.GetTrailers() })
        {
            // HTTP may join the values of a key.
            Assert.Equal("a, b, c", string.Join(", ", metadata.GetAll("x-text").Select(entry => entry.Value)));
            Assert.Equal([1, 2], metadata.GetValueBytes("x-bytes-bin")!);
            Assert.Equal([], metadata.GetValueBytes("x-empty-bin")!);
        }

        var context = server.Service.LastEcho!;
        Assert.Equal("/pmq.test.EchoService/Echo", context.Method);
        Assert.StartsWith("ipv4:127.0.0.1:", context.Peer, StringComparison.Ordinal);
        Assert.Equal(server.Address.ToString(), context.Host);
        Assert.Null(context.RequestHeaders.Get("te"));
        Assert.Null(context.RequestHeaders.Get("content-type"));
    }
}

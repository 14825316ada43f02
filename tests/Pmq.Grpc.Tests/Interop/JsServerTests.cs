using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1;
using Pmq.Grpc.Client;
using Pmq.Grpc.Tests.Echo;
using Pmq.Testing.Processes;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Pmq.Grpc.Tests.Interop;

/// <summary>Our client calls @grpc/grpc-js.</summary>
public sealed class JsServerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task All_kinds_of_calls_work(string where)
    {
        await using var js = await JsServer.StartAsync(where);
        var message = new EchoMessage { Number = ulong.MaxValue, Data = ByteString.CopyFromUtf8("data") };
        Assert.Equal(message, await js.Client.EchoAsync(message));

        using var count = js.Client.Count(new CountRequest { Count = 5000, Size = 100 });
        var next = 0ul;
        await foreach (var counted in count.ResponseStream.ReadAllAsync())
        {
            Assert.Equal(next++, counted.Number);
        }

        Assert.Equal(5000ul, next);

        using var sum = js.Client.Sum();
        for (var number = 1ul; number <= 1000; number++)
        {
            await sum.RequestStream.WriteAsync(
                new EchoMessage { Number = number, Data = ByteString.CopyFrom(new byte[10]) });
        }

        await sum.RequestStream.CompleteAsync();
        Assert.Equal(new SumResponse { Count = 1000, Sum = 500_500, Bytes = 10_000 }, await sum);

        using var chat = js.Client.Chat();
        for (var number = 0ul; number < 200; number++)
        {
            await chat.RequestStream.WriteAsync(new EchoMessage { Number = number });
            Assert.True(await chat.ResponseStream.MoveNext().WaitAsync(Patience));
            Assert.Equal(number, chat.ResponseStream.Current.Number);
        }

        await chat.RequestStream.CompleteAsync();
        Assert.False(await chat.ResponseStream.MoveNext().WaitAsync(Patience));
    }

    [Fact]
    public async Task Statuses_metadata_deadlines_and_limits_are_understood()
    {
        await using var js = await JsServer.StartAsync("tcp");

        var failed = await FailsAsync(
            js.Client.FailAsync(new FailRequest { Code = 5, Text = "100 % ключ" }).ResponseAsync);
        Assert.Equal((StatusCode.NotFound, "100 % ключ"), (failed.StatusCode, failed.Status.Detail));
        Assert.Equal("trailer", failed.Trailers.GetValue("x-text"));
        Assert.Equal([0, 1, 255], failed.Trailers.GetValueBytes("x-bytes-bin")!);

        using var late = js.Client.FailAfter(new FailRequest { Code = 9, Text = "late", Messages = 2 });
        Assert.True(await late.ResponseStream.MoveNext());
        Assert.True(await late.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.FailedPrecondition, (await FailsAsync(late.ResponseStream.MoveNext())).StatusCode);

        var echo = js.Client.EchoAsync(
            new EchoMessage(), new Metadata { { "x-text", "a" }, { "x-bytes-bin", [1, 2] } });
        await echo;
        Assert.Equal("a", (await echo.ResponseHeadersAsync).GetValue("x-text"));
        Assert.Equal([1, 2], echo.GetTrailers().GetValueBytes("x-bytes-bin")!);

        var hang = js.Client.HangAsync(new EchoMessage(), deadline: DateTime.UtcNow.AddSeconds(1));
        Assert.Equal(StatusCode.DeadlineExceeded, (await FailsAsync(hang.ResponseAsync)).StatusCode);
        await js.Process.Output.TakeAsync(line => line.Contains("cancelled", StringComparison.Ordinal));

        var large = new EchoMessage { Data = ByteString.CopyFrom(new byte[(4 * 1024 * 1024) - 10]) };
        Assert.Equal(large, await js.Client.EchoAsync(large));
        var tooLarge = new EchoMessage { Data = ByteString.CopyFrom(new byte[4 * 1024 * 1024]) };
        Assert.Equal(
            StatusCode.ResourceExhausted, (await FailsAsync(js.Client.EchoAsync(tooLarge).ResponseAsync)).StatusCode);
    }

    [Fact]
    public async Task Health_and_reflection_are_understood()
    {
        await using var js = await JsServer.StartAsync("tcp");
        var health = new Health.HealthClient(js.Channel);
        Assert.Equal(ServingStatus.Serving, (await health.CheckAsync(new HealthCheckRequest())).Status);
        Assert.Equal(
            ServingStatus.NotServing,
            (await health.CheckAsync(new HealthCheckRequest { Service = "pmq.test.EchoService" })).Status);
        var unknown = await FailsAsync(health.CheckAsync(new HealthCheckRequest { Service = "none" }).ResponseAsync);
        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);

        using var call = new ServerReflection.ServerReflectionClient(js.Channel).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        Assert.True(await call.ResponseStream.MoveNext().WaitAsync(Patience));
        Assert.Contains(
            "pmq.test.EchoService", call.ResponseStream.Current.ListServicesResponse.Service.Select(s => s.Name));
    }

    [Fact]
    public async Task A_killed_server_ends_its_calls_with_unavailable()
    {
        await using var js = await JsServer.StartAsync("tcp");
        using var call = js.Client.Chat();
        await call.RequestStream.WriteAsync(new EchoMessage());
        Assert.True(await call.ResponseStream.MoveNext().WaitAsync(Patience));

        js.Process.Kill();

        Assert.Equal(StatusCode.Unavailable, (await FailsAsync(call.ResponseStream.MoveNext())).StatusCode);
        var next = await FailsAsync(js.Client.EchoAsync(new EchoMessage()).ResponseAsync);
        Assert.Equal(StatusCode.Unavailable, next.StatusCode);
    }

    private static Task<RpcException> FailsAsync(Task call) =>
        Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(Patience));

    private sealed class JsServer(ChildProcess process, GrpcChannel channel, TemporaryDirectory directory)
        : IAsyncDisposable
    {
        public ChildProcess Process => process;

        public GrpcChannel Channel => channel;

        public Echo.EchoService.EchoServiceClient Client { get; } = new(channel);

        public static async Task<JsServer> StartAsync(string where)
        {
            var directory = new TemporaryDirectory();
            var process = GrpcJs.Start("server.mjs", where == "tcp" ? "127.0.0.1:0" : $"unix:{directory.File("s")}");
            var ready = await process.Output.TakeAsync(line => line.Contains("address", StringComparison.Ordinal));
            var address = JsonDocument.Parse(ready).RootElement.GetProperty("address").GetString()!;
            return new JsServer(process, GrpcChannel.ForAddress(address), directory);
        }

        public async ValueTask DisposeAsync()
        {
            channel.Dispose();
            await process.DisposeAsync();
            directory.Dispose();
        }
    }
}

using Grpc.Core;
using Grpc.Health.V1;
using Pmq.Grpc.Server;
using Pmq.Protocol.Services;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Pmq.Grpc.Tests.Services;

public sealed class HealthServiceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_server_does_not_serve_until_it_says_so()
    {
        var service = new HealthService();
        await using var server = await EchoServer.StartAsync(map: app => app.MapGrpcService(service));
        var client = new Health.HealthClient(server.Channel);

        Assert.Equal(ServingStatus.NotServing, (await client.CheckAsync(new HealthCheckRequest())).Status);
        service.Set("", ServingStatus.Serving);
        Assert.Equal(ServingStatus.Serving, (await client.CheckAsync(new HealthCheckRequest())).Status);
    }

    [Fact]
    public async Task An_unknown_service_is_not_found_and_reads_unknown_when_watched()
    {
        var service = new HealthService();
        await using var server = await EchoServer.StartAsync(map: app => app.MapGrpcService(service));
        var client = new Health.HealthClient(server.Channel);

        var error = await Assert.ThrowsAsync<RpcException>(
            () => client.CheckAsync(new HealthCheckRequest { Service = "s" }).ResponseAsync);
        Assert.Equal((StatusCode.NotFound, "There is no service 's' here."), (error.StatusCode, error.Status.Detail));

        using var watch = client.Watch(new HealthCheckRequest { Service = "s" });
        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(watch));
        service.Set("s", ServingStatus.Serving);
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));
    }

    [Fact]
    public async Task A_watcher_sees_changes_and_nothing_else()
    {
        var service = new HealthService();
        await using var server = await EchoServer.StartAsync(map: app => app.MapGrpcService(service));
        using var watch = new Health.HealthClient(server.Channel).Watch(new HealthCheckRequest());
        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch));

        service.Set("other", ServingStatus.Serving);
        service.Set("", ServingStatus.NotServing);
        service.Set("", ServingStatus.Serving);
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));

        service.SetNotServing();
        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch));
    }

    [Fact]
    public async Task A_watch_ends_with_the_server()
    {
        await using var server = await EchoServer.StartAsync(map: app => app.MapGrpcService(new HealthService()));
        using var watch = new Health.HealthClient(server.Channel).Watch(new HealthCheckRequest());
        await NextAsync(watch);

        await server.App.StopAsync().WaitAsync(Patience);

        var error = await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext().WaitAsync(Patience));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
    }

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext().WaitAsync(Patience));
        return watch.ResponseStream.Current.Status;
    }
}

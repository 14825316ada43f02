using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pmq.Grpc.Client;
using Pmq.Grpc.Server;
using Pmq.Grpc.Tests.Echo;

namespace Pmq.Grpc.Tests;

/// <summary>A server of ours on a free port or a Unix socket in a directory of its own, and a channel to it.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly IdleWatch _idle;
    private readonly TemporaryDirectory? _directory;

    private EchoServer(
        WebApplication app,
        EchoService service,
        IdleWatch idle,
        TemporaryDirectory? directory,
        GrpcChannelOptions? channelOptions)
    {
        App = app;
        Service = service;
        _idle = idle;
        _directory = directory;
        Address = app.Services.GetRequiredService<GrpcServer>().Addresses[0];
        Channel = GrpcChannel.ForAddress(Address, channelOptions);
        Client = new Echo.EchoService.EchoServiceClient(Channel);
    }

    public WebApplication App { get; }

    public EchoService Service { get; }

    public GrpcAddress Address { get; }

    public GrpcChannel Channel { get; }

    public Echo.EchoService.EchoServiceClient Client { get; }

    /// <param name="where"><c>tcp</c>, <c>unix</c> or an address.</param>
    /// <param name="options">The server's.</param>
    /// <param name="channelOptions">The channel's.</param>
    /// <param name="map">Maps more.</param>
    /// <param name="configure">Sets up the listener.</param>
    public static async Task<EchoServer> StartAsync(
        string where = "tcp",
        GrpcServerOptions? options = null,
        GrpcChannelOptions? channelOptions = null,
        Action<WebApplication>? map = null,
        Action<ListenOptions>? configure = null)
    {
        var directory = where == "unix" ? new TemporaryDirectory() : null;
        var address = GrpcAddress.Parse(
            where == "tcp" ? "127.0.0.1:0" : directory is null ? where : $"unix:{directory.File("s")}");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var idle = new IdleWatch();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.WebHost.UseGrpc(options ?? new GrpcServerOptions(), [address], configure);
        var app = builder.Build();
        app.Use(idle.InvokeAsync);
        var service = new EchoService();
        app.MapGrpcService(service);
        map?.Invoke(app);
        await app.StartAsync();
        return new EchoServer(app, service, idle, directory, channelOptions);
    }

    /// <summary>Waits until no call is under way on the server.</summary>
    public Task<int> WhenIdleAsync() => _idle.WhenIdleAsync();

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await App.DisposeAsync();
        _directory?.Dispose();
    }
}

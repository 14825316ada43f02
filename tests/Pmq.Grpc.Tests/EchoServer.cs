using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
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
    private readonly DirectoryInfo? _directory;

    private EchoServer(WebApplication app, EchoService service, DirectoryInfo? directory, GrpcChannelOptions? channelOptions)
    {
        App = app;
        Service = service;
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

    public static async Task<EchoServer> StartAsync(
        string transport = "tcp",
        GrpcServerOptions? options = null,
        GrpcChannelOptions? channelOptions = null,
        Action<WebApplication>? map = null)
    {
        var directory = transport == "unix" ? Directory.CreateTempSubdirectory("pmq-grpc-") : null;
        var address = GrpcAddress.Parse(directory is null ? "127.0.0.1:0" : $"unix:{directory.FullName}/s");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.WebHost.UseGrpc(options ?? new GrpcServerOptions(), [address]);
        var app = builder.Build();
        var service = new EchoService();
        app.MapGrpcService(service);
        map?.Invoke(app);
        await app.StartAsync();
        return new EchoServer(app, service, directory, channelOptions);
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await App.DisposeAsync();
        _directory?.Delete(recursive: true);
    }
}

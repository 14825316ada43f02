using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Pmq.Grpc.Client;

namespace Pmq.Grpc.Tests;

/// <summary>An HTTP/2 server without any gRPC code of ours: it answers every request as the test says.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RawServer(WebApplication app, GrpcChannelOptions? options)
    {
        _app = app;
        Channel = GrpcChannel.ForAddress(new Uri(app.Urls.Single()).Authority, options);
        Client = new Echo.EchoService.EchoServiceClient(Channel);
    }

    public GrpcChannel Channel { get; }

    public Echo.EchoService.EchoServiceClient Client { get; }

    public static async Task<RawServer> StartAsync(
        RequestDelegate answer, HttpProtocols protocols = HttpProtocols.Http2, GrpcChannelOptions? options = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listener => listener.Protocols = protocols));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new RawServer(app, options);
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await _app.DisposeAsync();
    }
}

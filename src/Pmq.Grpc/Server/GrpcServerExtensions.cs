using System.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Pmq.Grpc.Server;

/// <summary>Puts gRPC on Kestrel.</summary>
internal static class GrpcServerExtensions
{
    /// <summary>
    /// Listens for gRPC at <paramref name="addresses"/> and sets Kestrel's limits from <paramref name="options"/>. A
    /// Unix socket is open to its owner alone (mode 0600), and one that a killed process left behind is replaced.
    /// </summary>
    /// <param name="host">The web host under construction.</param>
    /// <param name="options">Limits and rules.</param>
    /// <param name="addresses">Where to listen; other endpoints of the host are not touched.</param>
    /// <param name="configure">More for each listener, such as TLS.</param>
    public static IWebHostBuilder UseGrpc(
        this IWebHostBuilder host,
        GrpcServerOptions options,
        IReadOnlyList<GrpcAddress> addresses,
        Action<ListenOptions>? configure = null)
    {
        host.ConfigureServices(services => services.AddRouting().AddSingleton(options).AddSingleton<GrpcServer>());
        host.UseSockets(sockets => sockets.CreateBoundListenSocket = ListenSocket.Create);
        host.UseKestrelCore();
        host.ConfigureKestrel(kestrel =>
        {
            var limits = kestrel.Limits;
            limits.MaxConcurrentConnections = options.MaxConnections;
            limits.MaxRequestHeadersTotalSize = options.MaxMetadataBytes;
            limits.Http2.MaxStreamsPerConnection = options.MaxCallsPerConnection;
            limits.Http2.KeepAlivePingDelay = options.KeepAliveInterval;
            limits.Http2.KeepAlivePingTimeout = options.KeepAliveTimeout;

            // A stream may rest for days. Dead peers are found by pings, slow ones cost a bounded buffer.
            limits.MinRequestBodyDataRate = null;
            limits.MinResponseDataRate = null;

            var server = kestrel.ApplicationServices.GetRequiredService<GrpcServer>();
            foreach (var address in addresses)
            {
                kestrel.Listen(address.ListenEndPoint, listener =>
                {
                    listener.Protocols = HttpProtocols.Http2;
                    configure?.Invoke(listener);
                    server.AddListener(listener);
                });
            }
        });
        return host;
    }

    /// <summary>Maps the methods of a generated service's implementation; one object serves all calls.</summary>
    /// <exception cref="ArgumentException">
    /// <typeparamref name="TService"/> does not derive from a generated base class.
    /// </exception>
    public static IEndpointRouteBuilder MapGrpcService<TService>(this IEndpointRouteBuilder endpoints, TService service)
        where TService : class
    {
        var server = endpoints.ServiceProvider.GetRequiredService<GrpcServer>();
        if (server.Services.Count == 0)
        {
            MapUnknown(endpoints, server);
        }

        var type = service.GetType();
        while (type is not null && type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is null)
        {
            type = type.BaseType;
        }

        var binding = type?.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false);
        var bind = binding?.BindType.GetMethod(
            binding.BindMethodName,
            BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic,
            [typeof(ServiceBinderBase), type!])
            ?? throw new ArgumentException($"{service.GetType()} does not derive from a generated service base class.");
        bind.Invoke(null, [new ServiceBinder(endpoints, server), service]);
        return endpoints;
    }

    /// <summary>
    /// Whatever else is posted as gRPC is an unknown method, which is a status and not an HTTP error.
    /// </summary>
    private static void MapUnknown(IEndpointRouteBuilder endpoints, GrpcServer server)
    {
        var handler = new CallHandler(server, "unknown", isUnary: true, call => throw new RpcException(
            new Status(StatusCode.Unimplemented, $"The method {call.Method} is not implemented.")));
        endpoints.MapPost("{service}/{method}", handler.HandleAsync)
            .Add(endpoint => ((RouteEndpointBuilder)endpoint).Order = 1);
    }
}

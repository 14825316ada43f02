using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pmq.Grpc.Server;

/// <summary>
/// What all calls to one server share; one a host, made by <see cref="GrpcServerExtensions.UseGrpc"/>.
/// </summary>
internal sealed class GrpcServer
{
    private readonly List<ListenOptions> _listeners = [];
    private readonly List<string> _services = [];

    public GrpcServer(GrpcServerOptions options, IHostApplicationLifetime lifetime, ILoggerFactory loggers)
    {
        Options = options;
        Stopping = lifetime.ApplicationStopping;
        Logger = loggers.CreateLogger("Pmq.Grpc.Server");
    }

    public GrpcServerOptions Options { get; }

    /// <summary>
    /// Cancelled when the host begins to stop: open streams end with UNAVAILABLE, new calls are refused so.
    /// </summary>
    public CancellationToken Stopping { get; }

    public ILogger Logger { get; }

    /// <summary>Full names of the services that are mapped, in their order.</summary>
    public IReadOnlyList<string> Services => _services;

    /// <summary>Where the server listens; once it has started, with the ports that the system picked.</summary>
    public IReadOnlyList<GrpcAddress> Addresses =>
        [.. _listeners.Select(listener => GrpcAddress.Of(listener.EndPoint))];

    internal void AddListener(ListenOptions listener) => _listeners.Add(listener);

    internal void AddService(string name)
    {
        if (!_services.Contains(name))
        {
            _services.Add(name);
        }
    }
}

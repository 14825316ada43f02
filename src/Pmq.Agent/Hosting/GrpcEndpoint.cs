using System.Security.Cryptography.X509Certificates;
using Grpc.Health.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pmq.Agent.Configuration;
using Pmq.Agent.Metrics;
using Pmq.Agent.Services;
using Pmq.Engine;
using Pmq.Grpc;
using Pmq.Grpc.Server;
using Pmq.Protocol;
using Pmq.Protocol.Services;
using Pmq.Protocol.V1;

namespace Pmq.Agent.Hosting;

/// <summary>The gRPC server of an agent.</summary>
internal sealed class GrpcEndpoint : IAsyncDisposable
{
    /// <summary>What gRPC writes around a message of the largest size: topic, id, tags.</summary>
    private const int MessageOverheadBytes = 64 * 1024;

    private static readonly Google.Protobuf.Reflection.ServiceDescriptor[] Contracts =
    [
        ControlService.Descriptor, MsgRouter.Descriptor, ValidationRouter.Descriptor, PublisherService.Descriptor,
        Protocol.V1.PeerService.Descriptor, Health.Descriptor,
        global::Grpc.Reflection.V1.ServerReflection.Descriptor,
        global::Grpc.Reflection.V1Alpha.ServerReflection.Descriptor,
    ];

    private readonly WebApplication _server;
    private readonly HealthService _health;

    private GrpcEndpoint(WebApplication server, HealthService health, string address)
    {
        _server = server;
        _health = health;
        Address = address;
    }

    /// <summary>Where it listens: HOST:PORT with the port that was picked, or unix:PATH.</summary>
    public string Address { get; }

    /// <summary>Starts to serve.</summary>
    /// <exception cref="ConfigurationException">The address cannot be listened on.</exception>
    public static async Task<GrpcEndpoint> StartAsync(
        AgentOptions options,
        PmqPeer peer,
        AgentMetrics metrics,
        ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        var bind = (BindAddress)options.Grpc.Value!;
        GrpcAccess access = options.Access;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseGrpc(
            new GrpcServerOptions
            {
                MaxReceiveMessageBytes = options.Peer.MaxMessageSize + MessageOverheadBytes,
                ReceiveLimitName = $"pubsub.maxMessageSize = {options.Peer.MaxMessageSize} and the call's own fields",
                Authorize = access.Token is { } token ? BearerToken.Require(token) : null,
                TimeProvider = options.Peer.TimeProvider,
            },
            [GrpcAddress.Parse(bind.ToString())],
            listener => Secure(listener, access));
        WebApplication server = builder.Build();
        ILogger logger = loggers.CreateLogger("Pmq.Agent.Grpc");
        server.MapGrpcService(new ControlEndpoint(peer));
        server.MapGrpcService(new ListenEndpoint(peer, options.ListenerQueueSize, metrics, logger));
        server.MapGrpcService(new VerifierEndpoint(peer, options.VerifierMaxInFlight));
        server.MapGrpcService(new PublisherEndpoint(peer));
        server.MapGrpcService(new PeerEndpoint(peer));
        var health = new HealthService();
        var catalog = new ReflectionCatalog(Contracts);
        server.MapGrpcService(health);
        server.MapGrpcService(new ReflectionService(catalog));
        server.MapGrpcService(new ReflectionAlphaService(catalog));
        foreach (string service in Contracts.Select(contract => contract.FullName).Prepend(""))
        {
            health.Set(service, HealthCheckResponse.Types.ServingStatus.Serving);
        }

        try
        {
            await server.StartAsync(cancellationToken);
        }
        catch (Exception e) when (BindFault.Describe(e, bind.UnixPath) is { } fault)
        {
            await server.DisposeAsync();
            throw new ConfigurationException($"{options.Grpc.Label}: cannot be listened on: {fault}");
        }

        string address = server.Services.GetRequiredService<GrpcServer>().Addresses[0].ToString();
        return new GrpcEndpoint(server, health, address);
    }

    /// <summary>Ends every call, waits for them until <paramref name="cancellationToken"/>, and stops.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _health.SetNotServing();
        return _server.StopAsync(cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static void Secure(Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions listener, GrpcAccess access)
    {
        if (access.Certificate is not { } certificate)
        {
            return;
        }

        listener.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = certificate,
            ClientCertificateMode = access.Authorities is null
                ? ClientCertificateMode.NoCertificate
                : ClientCertificateMode.RequireCertificate,
            ClientCertificateValidation = (caller, _, _) => access.Authorities is null || IsSigned(
                caller, access.Authorities),
        });
    }

    /// <summary>Only our own authorities count: a certificate that the machine trusts says nothing here.</summary>
    private static bool IsSigned(X509Certificate2 caller, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        return chain.Build(caller);
    }
}

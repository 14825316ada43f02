using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Pmq.Grpc.Client;
using Pmq.Grpc.Server;
using Pmq.Grpc.Tests.Echo;

namespace Pmq.Grpc.Tests.Server;

/// <summary>How the server sits in its host.</summary>
public sealed class HostTests
{
    [Fact]
    public async Task Kestrel_has_the_limits_of_the_options()
    {
        await using var server = await EchoServer.StartAsync(options: new GrpcServerOptions
        {
            MaxCallsPerConnection = 101,
            MaxConnections = 7,
            MaxMetadataBytes = 9000,
            KeepAliveInterval = TimeSpan.FromSeconds(3),
            KeepAliveTimeout = TimeSpan.FromSeconds(2),
        });

        var limits = server.App.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;
        Assert.Equal(101, limits.Http2.MaxStreamsPerConnection);
        Assert.Equal(7, limits.MaxConcurrentConnections);
        Assert.Equal(9000, limits.MaxRequestHeadersTotalSize);
        Assert.Equal(TimeSpan.FromSeconds(3), limits.Http2.KeepAlivePingDelay);
        Assert.Equal(TimeSpan.FromSeconds(2), limits.Http2.KeepAlivePingTimeout);
        Assert.Null(limits.MinRequestBodyDataRate);
        Assert.Null(limits.MinResponseDataRate);
    }

    [Fact]
    public async Task Calls_are_counted_by_known_methods_and_statuses()
    {
        var counted = new ConcurrentDictionary<(string Method, string Status), long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, meters) =>
        {
            if (instrument is { Name: "pmq.grpc.calls", Meter.Name: GrpcServerMetrics.MeterName })
            {
                meters.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            var facts = tags.ToArray().ToDictionary(tag => tag.Key, tag => (string)tag.Value!);
            counted.AddOrUpdate((facts["method"], facts["status"]), value, (_, sum) => sum + value);
        });
        listener.Start();
        await using var server = await EchoServer.StartAsync();
        using var raw = new RawClient(server.Address);

        await server.Client.EchoAsync(new EchoMessage());
        await Assert.ThrowsAsync<RpcException>(
            () => server.Client.FailAsync(new FailRequest { Code = 15 }).ResponseAsync);
        await raw.PostAsync("/chosen.by/Client", []);
        await server.WhenIdleAsync();

        // Other tests of this process call too, but not these.
        Assert.True(counted.ContainsKey(("/pmq.test.EchoService/Echo", "OK")));
        Assert.True(counted.ContainsKey(("/pmq.test.EchoService/Fail", "DataLoss")));
        Assert.True(counted.ContainsKey(("unknown", "Unimplemented")));
        Assert.DoesNotContain(counted.Keys, key => key.Method.Contains("chosen", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_certificate_is_seen_by_the_rule_of_who_may_call()
    {
        using var serverCertificate = SelfSigned("localhost");
        using var good = SelfSigned("node");
        using var bad = SelfSigned("stranger");
        await using var server = await EchoServer.StartAsync(
            options: new GrpcServerOptions
            {
                Authorize = http => http.Connection.ClientCertificate?.Thumbprint == good.Thumbprint
                    ? Status.DefaultSuccess
                    : new Status(StatusCode.PermissionDenied, "Another certificate is wanted."),
            },
            configure: listener => listener.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = serverCertificate,
                ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                ClientCertificateValidation = (_, _, _) => true,
            }));

        using var known = Channel(server.Address, serverCertificate, good);
        await new Echo.EchoService.EchoServiceClient(known).EchoAsync(new EchoMessage());

        using var stranger = Channel(server.Address, serverCertificate, bad);
        var denied = await Assert.ThrowsAsync<RpcException>(
            () => new Echo.EchoService.EchoServiceClient(stranger).EchoAsync(new EchoMessage()).ResponseAsync);
        Assert.Equal(StatusCode.PermissionDenied, denied.StatusCode);

        using var distrustful = Channel(server.Address, good, good);
        var refused = await Assert.ThrowsAsync<RpcException>(
            () => new Echo.EchoService.EchoServiceClient(distrustful).EchoAsync(new EchoMessage()).ResponseAsync);
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Contains(server.Address.ToString(), refused.Status.Detail, StringComparison.Ordinal);
    }

    private static GrpcChannel Channel(GrpcAddress address, X509Certificate2 trusted, X509Certificate2 own) =>
        GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            Tls = new SslClientAuthenticationOptions
            {
                ClientCertificates = [own],
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    certificate?.GetCertHashString() == trusted.GetCertHashString(),
            },
        });

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = DateTimeOffset.UtcNow;
        return new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}

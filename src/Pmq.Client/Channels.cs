using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Pmq.Grpc;
using Pmq.Grpc.Client;

namespace Pmq.Client;

/// <summary>Makes the channel of a client.</summary>
internal static class Channels
{
    /// <summary>The largest message that an agent can be set to (64 MiB), and what gRPC writes around it.</summary>
    private const int MaxMessageBytes = 65 * 1024 * 1024;

    /// <summary>Makes the channel, by options that have been checked; nothing is connected yet.</summary>
    public static GrpcChannel Create(PmqClientOptions options)
    {
        GrpcAddress address = GrpcAddress.Parse(options.Address);
        return GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            MaxReceiveMessageBytes = MaxMessageBytes,
            BearerToken = options.Token,
            Tls = options.Authorities is null && options.Certificate is null ? null : Tls(options, address),
            TimeProvider = options.TimeProvider,
        });
    }

    private static SslClientAuthenticationOptions Tls(PmqClientOptions options, GrpcAddress address)
    {
        var tls = new SslClientAuthenticationOptions { TargetHost = address.Host };
        if (options.Certificate is { } certificate)
        {
            tls.ClientCertificates = [certificate];
        }

        if (options.Authorities is { } authorities)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return tls;
    }
}

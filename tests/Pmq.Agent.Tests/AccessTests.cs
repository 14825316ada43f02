using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pmq.Client;

namespace Pmq.Agent.Tests;

/// <summary>Tokens and certificates, as the server enforces them.</summary>
public sealed class AccessTests
{
    [Fact]
    public async Task Calls_without_the_token_are_refused()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("token", "0123456789abcdef\n");
        await using TestAgent agent = await TestAgent.StartAsync(("--grpc-token", file));

        foreach (string? wrong in new[] { null, "0123456789abcdeX" })
        {
            var fault = await Assert.ThrowsAsync<PmqClientException>(
                () => agent.Client(new PmqClientOptions { Token = wrong }).ListPeersAsync(CancellationToken.None));
            Assert.Equal(PmqClientFault.Unauthorized, fault.Reason);
        }

        Assert.Empty(await agent.Client(new PmqClientOptions { Token = "0123456789abcdef" })
            .ListPeersAsync(CancellationToken.None));
    }

    [Fact]
    public async Task With_mutual_TLS_only_callers_whose_certificate_the_authority_signed_come_in()
    {
        using var folder = new TemporaryFolder();
        using X509Certificate2 authority = Certificates.Authority("ours");
        using X509Certificate2 server = Certificates.Signed(authority, "server");
        using X509Certificate2 caller = Certificates.Signed(authority, "caller");
        using X509Certificate2 stranger = Certificates.Signed(Certificates.Authority("theirs"), "stranger");
        await using TestAgent agent = await TestAgent.StartAsync(
            ("--grpc-tls-cert", folder.Write("cert.pem", server.ExportCertificatePem())),
            ("--grpc-tls-key", folder.Write("key.pem", server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem())),
            ("--grpc-tls-ca", folder.Write("ca.pem", authority.ExportCertificatePem())));
        var trusting = new PmqClientOptions { Authorities = [authority] };

        Assert.Empty(await agent.Client(trusting with { Certificate = caller }).ListPeersAsync(CancellationToken.None));
        await Assert.ThrowsAsync<PmqClientException>(
            () => agent.Client(trusting with { Certificate = stranger }).ListPeersAsync(CancellationToken.None));
        await Assert.ThrowsAsync<PmqClientException>(
            () => agent.Client(trusting).ListPeersAsync(CancellationToken.None));
        await Assert.ThrowsAsync<PmqClientException>(() => agent.Client().ListPeersAsync(CancellationToken.None));
        await Assert.ThrowsAsync<PmqClientException>(() => agent
            .Client(new PmqClientOptions { Authorities = [stranger], Certificate = caller })
            .ListPeersAsync(CancellationToken.None));
    }

    /// <summary>Certificates for loopback, of one day.</summary>
    private static class Certificates
    {
        private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

        public static X509Certificate2 Authority(string name)
        {
            CertificateRequest request = Request(name);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            return request.CreateSelfSigned(Now.AddHours(-1), Now.AddDays(1));
        }

        public static X509Certificate2 Signed(X509Certificate2 authority, string name)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
            using X509Certificate2 bare = request.Create(
                authority, Now.AddHours(-1), Now.AddHours(23), RandomNumberGenerator.GetBytes(8));

            // By PKCS #12, so that the key lives on without the object that made it.
            return X509CertificateLoader.LoadPkcs12(
                bare.CopyWithPrivateKey(key).Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
        }

        private static CertificateRequest Request(string name) =>
            new("CN=" + name, ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
    }
}

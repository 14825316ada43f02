using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pmq.Agent.Configuration;

namespace Pmq.Agent.Tests.Configuration;

public sealed class GrpcAccessTests
{
    private const string Refusal =
        "beyond loopback gRPC needs --grpc-token FILE, or --grpc-tls-cert, --grpc-tls-key and --grpc-tls-ca, or --grpc-insecure";

    [Theory]
    [InlineData("0.0.0.0:0")]
    [InlineData("[::]:0")]
    [InlineData("192.0.2.1:8001")]
    public void Beyond_loopback_it_is_refused_without_protection(string address)
    {
        var fault = Assert.Throws<ConfigurationException>(() => From(("--grpc", address)));

        Assert.Equal($"--grpc {address}: {Refusal}", fault.Message);
    }

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("127.8.8.8:1")]
    [InlineData("localhost:1")]
    [InlineData("[::1]:0")]
    [InlineData("unix:/tmp/pmq.sock")]
    public void Loopback_and_unix_sockets_need_none(string address) =>
        Assert.Null(From(("--grpc", address)).Access.Token);

    [Fact]
    public void The_port_of_the_environment_is_one_of_loopback() => Assert.Equal(
        "127.0.0.1:8001",
        Configurations.Load(null, new Dictionary<string, string> { ["GRPC_PORT"] = "8001" })
            .Find(AgentSettings.GrpcListen).Text);

    [Fact]
    public void Insecure_is_allowed_when_it_is_said_and_warned_about() => Assert.Contains(
        "--grpc 0.0.0.0:0: with --grpc-insecure anyone who reaches it can publish, listen and judge",
        From(("--grpc", "0.0.0.0:0"), ("--grpc-insecure", "true")).Warnings);

    [Fact]
    public void A_token_is_protection_and_its_lack_of_TLS_is_warned_about()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("token", "0123456789abcdef\n");

        AgentOptions options = From(("--grpc", "0.0.0.0:0"), ("--grpc-token", file));

        Assert.Equal("0123456789abcdef", options.Access.Token);
        Assert.Contains(
            "--grpc 0.0.0.0:0: without --grpc-tls-cert the token crosses the network in the clear", options.Warnings);
    }

    [Fact]
    public void A_token_that_can_be_guessed_is_refused()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("token", "short");

        Assert.Equal(
            $"--grpc-token {file}: must hold a token of at least 16 printable ASCII characters without spaces",
            Assert.Throws<ConfigurationException>(() => From(("--grpc-token", file))).Message);
    }

    [Fact]
    public void Mutual_TLS_is_protection_and_TLS_without_an_authority_is_not()
    {
        using var folder = new TemporaryFolder();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(
            DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(80));
        string cert = folder.Write("cert.pem", certificate.ExportCertificatePem());
        string keyFile = folder.Write("key.pem", key.ExportPkcs8PrivateKeyPem());

        AgentOptions options = From(
            ("--grpc", "0.0.0.0:0"), ("--grpc-tls-cert", cert), ("--grpc-tls-key", keyFile), ("--grpc-tls-ca", cert));

        Assert.NotNull(options.Access.Certificate);
        Assert.Single(options.Access.Authorities!);
        Assert.EndsWith(
            Refusal,
            Assert.Throws<ConfigurationException>(() => From(
                ("--grpc", "0.0.0.0:0"), ("--grpc-tls-cert", cert), ("--grpc-tls-key", keyFile))).Message,
            StringComparison.Ordinal);
    }

    private static AgentOptions From(params (string Flag, string Value)[] flags) => AgentOptions.From(
        Configurations.Load(null, null, [.. flags.Select(flag => (flag.Flag, new[] { flag.Value }))]));
}

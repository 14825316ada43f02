using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pmq.Agent.Configuration;

/// <summary>
/// Who may call the gRPC services: everyone who can reach them, holders of a token, holders of a certificate.
/// </summary>
internal sealed class GrpcAccess
{
    private GrpcAccess(string? token, X509Certificate2? certificate, X509Certificate2Collection? authorities)
    {
        Token = token;
        Certificate = certificate;
        Authorities = authorities;
    }

    /// <summary>The token that callers must send; null for none.</summary>
    public string? Token { get; }

    /// <summary>The server's certificate; null without TLS.</summary>
    public X509Certificate2? Certificate { get; }

    /// <summary>Who signs callers' certificates; null when none is asked for.</summary>
    public X509Certificate2Collection? Authorities { get; }

    /// <summary>Reads token and certificates, and holds the address that is bound against them.</summary>
    /// <exception cref="ConfigurationException">A file is wrong, or the address lacks the protection it needs.</exception>
    public static GrpcAccess From(AgentConfiguration configuration, List<string> warnings)
    {
        SettingValue bind = configuration.Find(AgentSettings.GrpcListen);
        string? token = configuration.FindSet(AgentSettings.GrpcTokenFile) is { } file ? ReadToken(file) : null;
        X509Certificate2? certificate = configuration.FindSet(AgentSettings.GrpcTlsCert) is { } cert
            ? ReadCertificate(cert, configuration.FindSet(AgentSettings.GrpcTlsKey)!)
            : null;
        X509Certificate2Collection? authorities = configuration.FindSet(AgentSettings.GrpcTlsCa) is { } ca
            ? ReadAuthorities(ca)
            : null;
        if (!((BindAddress)bind.Value!).IsLocal && token is null && authorities is null)
        {
            if (!configuration.Get(AgentSettings.GrpcInsecure))
            {
                throw new ConfigurationException(
                    $"{bind.Label}: beyond loopback gRPC needs --grpc-token FILE, or --grpc-tls-cert, --grpc-tls-key "
                    + "and --grpc-tls-ca, or --grpc-insecure");
            }

            warnings.Add($"{bind.Label}: with --grpc-insecure anyone who reaches it can publish, listen and judge");
        }
        else if (!((BindAddress)bind.Value!).IsLocal && certificate is null)
        {
            warnings.Add($"{bind.Label}: without --grpc-tls-cert the token crosses the network in the clear");
        }

        return new GrpcAccess(token, certificate, authorities);
    }

    private static string ReadToken(SettingValue file)
    {
        string token = ReadFile(file).Trim();
        return token.Length >= 16 && token.All(c => c is > ' ' and <= '~')
            ? token
            : throw new ConfigurationException(
                $"{file.Label}: must hold a token of at least 16 printable ASCII characters without spaces");
    }

    private static X509Certificate2 ReadCertificate(SettingValue certificate, SettingValue key)
    {
        string pem = ReadFile(certificate);
        string keyPem = ReadFile(key);
        try
        {
            return X509Certificate2.CreateFromPem(pem, keyPem);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ConfigurationException(
                $"{certificate.Label}: must be a PEM certificate whose private key is in {key.Text}");
        }
    }

    private static X509Certificate2Collection ReadAuthorities(SettingValue file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(ReadFile(file));
        }
        catch (CryptographicException)
        {
            authorities.Clear();
        }

        return authorities.Count > 0
            ? authorities
            : throw new ConfigurationException($"{file.Label}: must hold at least one PEM certificate");
    }

    private static string ReadFile(SettingValue file)
    {
        try
        {
            return File.ReadAllText((string)file.Value!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException)
        {
            throw new ConfigurationException($"{file.Label}: cannot be read: {FileFault.Describe(e)}");
        }
    }
}

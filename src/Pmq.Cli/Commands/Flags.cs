using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pmq.Agent.Configuration;
using Pmq.Client;

namespace Pmq.Cli.Commands;

/// <summary>Options that several commands have.</summary>
internal static class Flags
{
    /// <summary>Results as JSON.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object a line." };

    /// <summary>Topics, one or more.</summary>
    public static Option<string[]> Topics(bool isRequired) => new("--topic")
    {
        Description = "The overlay; may be given more than once.",
        HelpName = "NAME…",
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
        Required = isRequired,
    };

    /// <summary>The options that lead to an agent.</summary>
    internal sealed class Connection
    {
        private readonly Option<string> _agent = new("--agent")
        {
            Description = "The agent's gRPC address.",
            HelpName = "HOST:PORT|unix:PATH",
            DefaultValueFactory = _ => "127.0.0.1:8001",
        };

        private readonly Option<string> _token = new("--token")
        {
            Description = "A file with the token that the agent asks for.",
            HelpName = "FILE",
        };

        private readonly Option<string> _ca = new("--tls-ca")
        {
            Description = "Who signs the agent's certificate, PEM; calls with TLS.",
            HelpName = "FILE",
        };

        private readonly Option<string> _certificate = new("--tls-cert")
        {
            Description = "Our certificate, PEM.",
            HelpName = "FILE",
        };

        private readonly Option<string> _key = new("--tls-key")
        {
            Description = "The private key of --tls-cert, PEM.",
            HelpName = "FILE",
        };

        /// <summary>Adds the options to a command.</summary>
        public Connection(Command command)
        {
            command.Add(_agent);
            command.Add(_token);
            command.Add(_ca);
            command.Add(_certificate);
            command.Add(_key);
        }

        /// <summary>A client as the options say.</summary>
        public PmqClient Open(ParseResult parsed)
        {
            string address = parsed.GetValue(_agent)!;
            try
            {
                return new PmqClient(new PmqClientOptions
                {
                    Address = address,
                    Token = parsed.GetValue(_token) is { } token ? Read("--token", token).Trim() : null,
                    Authorities = Authorities(parsed.GetValue(_ca)),
                    Certificate = Certificate(parsed.GetValue(_certificate), parsed.GetValue(_key)),
                });
            }
            catch (PmqClientException)
            {
                throw new ConfigurationException($"--agent {address}: must be HOST:PORT or unix:PATH");
            }
        }

        private static X509Certificate2Collection? Authorities(string? path)
        {
            if (path is null)
            {
                return null;
            }

            var authorities = new X509Certificate2Collection();
            try
            {
                authorities.ImportFromPem(Read("--tls-ca", path));
            }
            catch (CryptographicException)
            {
                authorities.Clear();
            }

            return authorities.Count > 0
                ? authorities
                : throw new ConfigurationException($"--tls-ca {path}: must hold at least one PEM certificate");
        }

        private static X509Certificate2? Certificate(string? path, string? keyPath)
        {
            if (path is null)
            {
                return null;
            }

            string key = Read("--tls-key", keyPath ?? path);
            try
            {
                return X509Certificate2.CreateFromPem(Read("--tls-cert", path), key);
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException)
            {
                throw new ConfigurationException($"--tls-cert {path}: must be a PEM certificate, its key in --tls-key");
            }
        }

        private static string Read(string flag, string path)
        {
            try
            {
                return File.ReadAllText(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                throw new ConfigurationException($"{flag} {path}: cannot be read: {FileFault.Describe(e)}");
            }
        }
    }
}

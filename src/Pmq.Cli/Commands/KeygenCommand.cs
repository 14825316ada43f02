using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Pmq.Agent.Configuration;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Reports;

namespace Pmq.Cli.Commands;

/// <summary><c>pmq keygen</c>.</summary>
internal static class KeygenCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "keygen",
            "Makes an identity, a private key for --key; or a member's key that signs reports. Readable by its owner alone.");
        var output = new Option<string>("--out", "--key", "-o")
        {
            Description = "The file to write. Without it the key itself is printed, as for privateKey.",
            HelpName = "FILE",
        };
        var type = new Option<string>("--type")
        {
            Description = "The kind of key.",
            DefaultValueFactory = _ => "ed25519",
        };
        type.AcceptOnlyFromAmong("ed25519", "secp256k1", "ecdsa");
        var report = new Option<string>("--report")
        {
            Description = "Make a key that signs reports, 64 hexadecimal digits, and print the signer for a networks file.",
            HelpName = string.Join('|', NetworksKey.Schemes.Select(scheme => scheme.Name)),
        };
        report.AcceptOnlyFromAmong([.. NetworksKey.Schemes.Select(scheme => scheme.Name)]);
        var force = new Option<bool>("--force") { Description = "Replace a file that exists, and so the identity." };
        Option<bool> json = Flags.Json();
        command.Add(output);
        command.Add(type);
        command.Add(report);
        command.Add(force);
        command.Add(json);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(report) is not { } scheme)
            {
                return Run(
                    parsed.GetValue(output), parsed.GetValue(type)!, parsed.GetValue(force), parsed.GetValue(json));
            }

            return parsed.GetResult(type) is { Implicit: false }
                ? throw new ConfigurationException("--type: not with --report: the scheme says the kind of key")
                : RunReport(parsed.GetValue(output), scheme, parsed.GetValue(force), parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(string? path, string type, bool mayReplace, bool isJson)
    {
        KeyType keyType = type switch
        {
            "secp256k1" => KeyType.Secp256k1,
            "ecdsa" => KeyType.Ecdsa,
            _ => KeyType.Ed25519,
        };
        using PrivateKey key = PrivateKey.Generate(keyType, SystemEntropy.Instance);
        string peer = PeerId.FromPublicKey(key.PublicKey).ToString();
        if (path is not null)
        {
            KeyFile.Write(path, key, mayReplace);
        }

        if (isJson)
        {
            var line = new JsonObject { ["event"] = "key", ["peerId"] = peer };
            line.Add(path is null ? "privateKey" : "file", path ?? KeyFile.Encode(key));
            Terminal.JsonLine(line);
        }
        else if (path is null)
        {
            Terminal.Line(KeyFile.Encode(key));
            Terminal.Note("peer id " + peer);
        }
        else
        {
            Terminal.Line(peer);
        }

        return ExitCode.Success;
    }

    private static int RunReport(string? path, string scheme, bool mayReplace, bool isJson)
    {
        (string secret, string signer) = MakeReportKey(NetworksKey.Schemes.First(known => known.Name == scheme).Value);
        if (path is not null)
        {
            KeyFile.Write(path, secret, mayReplace);
        }

        if (isJson)
        {
            var line = new JsonObject { ["event"] = "reportKey", ["scheme"] = scheme, ["signer"] = signer };
            line.Add(path is null ? "secret" : "file", path ?? secret);
            Terminal.JsonLine(line);
        }
        else if (path is null)
        {
            Terminal.Line(secret);
            Terminal.Note("signer " + signer);
        }
        else
        {
            Terminal.Line(signer);
        }

        return ExitCode.Success;
    }

    private static (string Secret, string Signer) MakeReportKey(ReportScheme scheme)
    {
        Span<byte> secret = stackalloc byte[ReportSigner.SecretLength];
        while (true)
        {
            SystemEntropy.Instance.Fill(secret);
            try
            {
                using ReportSigner signer = ReportSigner.FromSecret(scheme, secret);
                return (Convert.ToHexStringLower(secret), "0x" + Convert.ToHexStringLower(signer.Identity.Span));
            }
            catch (ArgumentException)
            {
                // Not below the order of the curve: one draw in 2^32.
            }
            finally
            {
                CryptographicOperations.ZeroMemory(secret);
            }
        }
    }
}

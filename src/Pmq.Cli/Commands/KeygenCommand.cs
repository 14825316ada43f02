using System.CommandLine;
using System.Text.Json.Nodes;
using Pmq.Agent.Configuration;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;

namespace Pmq.Cli.Commands;

/// <summary><c>pmq keygen</c>.</summary>
internal static class KeygenCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("keygen", "Makes an identity: a private key for --key, readable by its owner alone.");
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
        var force = new Option<bool>("--force") { Description = "Replace a file that exists, and so the identity." };
        Option<bool> json = Flags.Json();
        command.Add(output);
        command.Add(type);
        command.Add(force);
        command.Add(json);
        command.SetAction(parsed => Run(
            parsed.GetValue(output), parsed.GetValue(type)!, parsed.GetValue(force), parsed.GetValue(json)));
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
}

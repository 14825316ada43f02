using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Pmq.Client;

namespace Pmq.Cli.Commands;

/// <summary><c>pmq peers</c>.</summary>
internal static class PeersCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("peers", "Lists the peers that the agent is connected to.");
        Option<bool> json = Flags.Json();
        var connection = new Flags.Connection(command);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using PmqClient client = connection.Open(parsed);
            foreach (AgentPeer peer in await client.ListPeersAsync(cancellationToken))
            {
                Print(peer, parsed.GetValue(json));
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void Print(AgentPeer peer, bool isJson)
    {
        string direction = peer.IsOutbound ? "outbound" : "inbound";
        if (isJson)
        {
            Terminal.JsonLine(new JsonObject
            {
                ["event"] = "peer",
                ["peerId"] = peer.PeerId,
                ["address"] = peer.Address,
                ["direction"] = direction,
                ["agentVersion"] = peer.AgentVersion,
                ["protocol"] = peer.Protocol,
                ["topics"] = new JsonArray([.. peer.Topics.Select(topic => JsonValue.Create(topic))]),
                ["meshTopics"] = new JsonArray([.. peer.MeshTopics.Select(topic => JsonValue.Create(topic))]),
                ["roundTripSeconds"] = peer.RoundTripTime?.TotalSeconds,
            });
            return;
        }

        string time = peer.RoundTripTime is { } trip
            ? string.Create(CultureInfo.InvariantCulture, $"{trip.TotalMilliseconds:0.0} ms")
            : "-";
        Terminal.Line(
            $"{peer.PeerId} {direction} {peer.Address} {peer.AgentVersion} {peer.Protocol} {time} "
            + $"topics {string.Join(',', peer.Topics)} mesh {string.Join(',', peer.MeshTopics)}");
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using Pmq.Client;

namespace Pmq.Cli.Commands;

/// <summary>What <c>pmq peers</c> prints of the list.</summary>
internal static class PeerLines
{
    private static readonly string[] Headings = ["PEER", "DIRECTION", "PROTOCOL", "SCORE", "BAND", "MESH", "WORST FACTOR"];

    private static readonly string[] WideHeadings = ["ADDRESS", "ROUND TRIP", "AGENT", "TOPICS"];

    /// <summary>Prints the peers: a table, or one JSON object a line.</summary>
    public static void Print(IReadOnlyList<AgentPeer> peers, bool isWide, bool isJson)
    {
        if (isJson)
        {
            foreach (AgentPeer peer in peers)
            {
                Terminal.JsonLine(Json(peer));
            }
        }
        else if (peers.Count > 0)
        {
            PrintTable(
                [isWide ? [.. Headings, .. WideHeadings] : Headings, .. peers.Select(peer => Cells(peer, isWide))]);
        }
    }

    /// <summary>A score, with a sign where it is not 0.</summary>
    public static string Number(double value) =>
        Math.Round(value, 2).ToString("+0.##;-0.##;0", CultureInfo.InvariantCulture);

    /// <summary>The name of a band.</summary>
    public static string NameOf(AgentScoreBand band) => band switch
    {
        AgentScoreBand.Ok => "ok",
        AgentScoreBand.NoGossip => "no gossip",
        AgentScoreBand.NoPublish => "no publish",
        _ => "graylisted",
    };

    /// <summary>Prints rows whose columns begin one below the other; the last column is not padded.</summary>
    public static void PrintTable(IReadOnlyList<string[]> rows)
    {
        foreach (string[] row in rows)
        {
            IEnumerable<string> cells = row.Select((cell, column) =>
                column == row.Length - 1 ? cell : cell.PadRight(rows.Max(other => other[column].Length)));
            Terminal.Line(string.Join("  ", cells).TrimEnd());
        }
    }

    /// <summary>A score for JSON.</summary>
    public static JsonObject Json(AgentPeerScore score) => new()
    {
        ["total"] = score.Total,
        ["band"] = NameOf(score.Band),
        ["worst"] = score.Worst is { } worst ? Json(worst) : null,
    };

    /// <summary>A factor for JSON.</summary>
    public static JsonObject Json(AgentScoreFactor factor) => new()
    {
        ["name"] = factor.Name,
        ["symbol"] = factor.Symbol,
        ["topic"] = factor.Topic,
        ["value"] = factor.Value,
        ["contribution"] = factor.Contribution,
    };

    private static string[] Cells(AgentPeer peer, bool isWide)
    {
        // A peer that has left and is remembered has no address.
        string direction = peer.Address.Length == 0 ? "gone" : peer.IsOutbound ? "outbound" : "inbound";
        string[] cells =
        [
            peer.PeerId,
            direction,
            OrDash(peer.Protocol),
            peer.Score is { } score ? Number(score.Total) : "-",
            peer.Score is { } same ? NameOf(same.Band) : "-",
            OrDash(string.Join(',', peer.MeshTopics)),
            peer.Score?.Worst is { } worst ? Text(worst) : "-",
        ];
        string time = peer.RoundTripTime is { } trip
            ? string.Create(CultureInfo.InvariantCulture, $"{trip.TotalMilliseconds:0.0} ms")
            : "-";
        return isWide
            ? [.. cells, OrDash(peer.Address), time, OrDash(peer.AgentVersion), OrDash(string.Join(',', peer.Topics))]
            : cells;
    }

    private static string Text(AgentScoreFactor factor)
    {
        string topic = factor.Topic.Length == 0 ? "" : $" on {factor.Topic}";
        return $"{$"{factor.Symbol} {factor.Name}".Trim()}{topic} {Number(factor.Contribution)}";
    }

    /// <summary>Topics and agent versions are other peers' words: nothing of them may steer the terminal.</summary>
    private static string OrDash(string text) =>
        text.Length == 0 ? "-" : string.Concat(text.Select(c => IsHarmless(c) ? c : '?'));

    // Format characters can turn the order of what stands beside them.
    private static bool IsHarmless(char c) =>
        !char.IsControl(c) && char.GetUnicodeCategory(c) is not (UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static JsonObject Json(AgentPeer peer) => new()
    {
        ["event"] = "peer",
        ["peerId"] = peer.PeerId,
        ["address"] = peer.Address,
        ["direction"] = peer.Address.Length == 0 ? "gone" : peer.IsOutbound ? "outbound" : "inbound",
        ["agentVersion"] = peer.AgentVersion,
        ["protocol"] = peer.Protocol,
        ["topics"] = new JsonArray([.. peer.Topics.Select(topic => JsonValue.Create(topic))]),
        ["meshTopics"] = new JsonArray([.. peer.MeshTopics.Select(topic => JsonValue.Create(topic))]),
        ["roundTripSeconds"] = peer.RoundTripTime?.TotalSeconds,
        ["score"] = peer.Score is { } score ? Json(score) : null,
    };
}

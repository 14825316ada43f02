using System.Globalization;
using System.Text.Json.Nodes;
using Pmq.Client;

namespace Pmq.Cli.Commands;

/// <summary>What <c>pmq peers --explain</c> prints.</summary>
internal static class ScoreLines
{
    /// <summary>Prints what a score is made of: lines for people, or one JSON object.</summary>
    public static void Print(AgentScoreView view, bool isJson)
    {
        if (isJson)
        {
            Terminal.JsonLine(Json(view));
            return;
        }

        string standing = view.IsConnected
            ? "connected"
            : $"gone, remembered for {Seconds(view.Remaining ?? TimeSpan.Zero)}";
        Terminal.Line($"peer        {view.PeerId}, {standing}");
        Terminal.Line($"score       {PeerLines.Number(view.Score.Total)}, {PeerLines.NameOf(view.Score.Band)}");
        AgentScoreThresholds limits = view.Thresholds;
        Terminal.Line(
            $"thresholds  gossip {PeerLines.Number(limits.Gossip)}, publish {PeerLines.Number(limits.Publish)}, "
            + $"graylist {PeerLines.Number(limits.Graylist)}; peer exchange {PeerLines.Number(limits.AcceptPx)}, "
            + $"opportunistic graft {PeerLines.Number(limits.OpportunisticGraft)}");
        PeerLines.PrintTable([["", "FACTOR", "VALUE", "ADDS"], .. view.Topics.SelectMany(Rows), .. Rows(view)]);
    }

    private static IEnumerable<string[]> Rows(AgentTopicScore topic)
    {
        string mesh = topic.IsInMesh ? $"in the mesh for {Seconds(topic.TimeInMesh)}" : "not in the mesh";
        yield return ["topic", $"{topic.Topic}, {mesh}", "", PeerLines.Number(topic.Total)];
        foreach (AgentScoreFactor factor in topic.Factors)
        {
            yield return Row(factor);
        }
    }

    private static IEnumerable<string[]> Rows(AgentScoreView view)
    {
        string cap = view.TopicScoreCap > 0 ? $"capped at {PeerLines.Number(view.TopicScoreCap)}" : "no cap";
        yield return ["topics", $"all, {cap}", "", PeerLines.Number(view.TopicTotal)];
        foreach (AgentScoreFactor factor in view.Factors)
        {
            yield return Row(factor);
        }
    }

    private static string[] Row(AgentScoreFactor factor) =>
    [
        factor.Symbol,
        factor.Name,
        factor.Value.ToString("0.##", CultureInfo.InvariantCulture),
        PeerLines.Number(factor.Contribution),
    ];

    private static string Seconds(TimeSpan time) =>
        TimeSpan.FromSeconds(Math.Round(time.TotalSeconds)).ToString("c", CultureInfo.InvariantCulture);

    private static JsonObject Json(AgentScoreView view) => new()
    {
        ["event"] = "score",
        ["peerId"] = view.PeerId,
        ["connected"] = view.IsConnected,
        ["remainingSeconds"] = view.Remaining?.TotalSeconds,
        ["score"] = PeerLines.Json(view.Score),
        ["topicTotal"] = view.TopicTotal,
        ["topicScoreCap"] = view.TopicScoreCap,
        ["topics"] = new JsonArray([.. view.Topics.Select(topic => new JsonObject
        {
            ["topic"] = topic.Topic,
            ["total"] = topic.Total,
            ["inMesh"] = topic.IsInMesh,
            ["timeInMeshSeconds"] = topic.TimeInMesh.TotalSeconds,
            ["factors"] = new JsonArray([.. topic.Factors.Select(PeerLines.Json)]),
        })]),
        ["factors"] = new JsonArray([.. view.Factors.Select(PeerLines.Json)]),
        ["thresholds"] = new JsonObject
        {
            ["gossip"] = view.Thresholds.Gossip,
            ["publish"] = view.Thresholds.Publish,
            ["graylist"] = view.Thresholds.Graylist,
            ["acceptPx"] = view.Thresholds.AcceptPx,
            ["opportunisticGraft"] = view.Thresholds.OpportunisticGraft,
        },
    };
}

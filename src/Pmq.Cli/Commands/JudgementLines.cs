using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pmq.Client;
using Pmq.Verifiers;

namespace Pmq.Cli.Commands;

/// <summary>The lines of <c>pmq verify --networks</c>.</summary>
internal static class JudgementLines
{
    /// <summary>
    /// Prints a judgement: verdict, topic, message id, reason, network and sequence; the last two are - where the
    /// message does not tell.
    /// </summary>
    public static void Print(AgentMessage message, Judgement judgement, bool isJson)
    {
        string verdict = judgement.Verdict.ToString().ToLowerInvariant();
        string reason = JsonNamingPolicy.CamelCase.ConvertName(judgement.Reason.ToString());
        bool isReport = judgement.Reason != JudgementReason.Malformed || judgement.NetworkId is not null;
        if (isJson)
        {
            Terminal.JsonLine(new JsonObject
            {
                ["event"] = "verdict",
                ["topic"] = message.Topic,
                ["messageId"] = message.MessageId,
                ["verdict"] = verdict,
                ["reason"] = reason,
                ["network"] = judgement.NetworkId,
                ["sequence"] = isReport ? judgement.Sequence : null,
            });
        }
        else
        {
            string sequence = isReport ? judgement.Sequence.ToString(CultureInfo.InvariantCulture) : "-";
            Terminal.Line(
                $"{verdict} {message.Topic} {message.MessageId} {reason} {judgement.NetworkId ?? "-"} {sequence}");
        }
    }

    /// <summary>Prints an equivocation: for people on standard error, as JSON with both reports among the verdicts.</summary>
    public static void Print(Equivocation equivocation, bool isJson)
    {
        Terminal.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"network {equivocation.NetworkId} signed two reports of sequence {equivocation.Sequence}, digest {equivocation.Digest}"));
        if (isJson)
        {
            Terminal.JsonLine(new JsonObject
            {
                ["event"] = "equivocation",
                ["network"] = equivocation.NetworkId,
                ["digest"] = equivocation.Digest.ToString(),
                ["sequence"] = equivocation.Sequence,
                ["first"] = Convert.ToBase64String(equivocation.First.Span),
                ["second"] = Convert.ToBase64String(equivocation.Second.Span),
            });
        }
    }
}

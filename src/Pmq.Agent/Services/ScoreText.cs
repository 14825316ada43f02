using Google.Protobuf.WellKnownTypes;
using Pmq.Gossipsub.Scoring;
using Pmq.Protocol.V1;
using ScoreFactor = Pmq.Protocol.V1.ScoreFactor;
using ScoreThresholds = Pmq.Protocol.V1.ScoreThresholds;

namespace Pmq.Agent.Services;

/// <summary>Scores as <c>pmq.v1</c> tells them.</summary>
internal static class ScoreText
{
    /// <summary>Score, band and worst factor.</summary>
    public static PeerScore Summary(PeerScoreView view, Gossipsub.Scoring.ScoreThresholds thresholds)
    {
        ScoreFactor? worst = FactorsOf(view).Concat(view.Topics.SelectMany(FactorsOf))
            .MinBy(factor => factor.Contribution);
        return new PeerScore
        {
            Total = view.Total,
            Band = thresholds.BandOf(view.Total) switch
            {
                Gossipsub.Tracing.ScoreBand.Ok => ScoreBand.Ok,
                Gossipsub.Tracing.ScoreBand.NoGossip => ScoreBand.NoGossip,
                Gossipsub.Tracing.ScoreBand.NoPublish => ScoreBand.NoPublish,
                _ => ScoreBand.Graylisted,
            },
            Worst = worst is { Contribution: < 0 } ? worst : null,
        };
    }

    /// <summary>The thresholds.</summary>
    public static ScoreThresholds Of(Gossipsub.Scoring.ScoreThresholds thresholds) => new()
    {
        Gossip = thresholds.Gossip,
        Publish = thresholds.Publish,
        Graylist = thresholds.Graylist,
        AcceptPx = thresholds.AcceptPeerExchange,
        OpportunisticGraft = thresholds.OpportunisticGraft,
    };

    /// <summary>All that a score is made of.</summary>
    public static ExplainScoreResponse Explain(PeerScoreView view, PeerScoreOptions scoring)
    {
        var response = new ExplainScoreResponse
        {
            PeerId = view.Peer.ToString(),
            Score = Summary(view, scoring.Thresholds),
            Connected = view.IsConnected,
            Remaining = view.Remaining is { } remaining ? Duration.FromTimeSpan(remaining) : null,
            TopicTotal = view.TopicTotal,
            TopicScoreCap = scoring.TopicScoreCap,
            Thresholds = Of(scoring.Thresholds),
        };
        response.Factors.AddRange(FactorsOf(view));
        foreach (TopicScoreView topic in view.Topics)
        {
            var told = new TopicScore
            {
                Topic = topic.Topic,
                Total = topic.Total,
                InMesh = topic.IsInMesh,
                TimeInMesh = Duration.FromTimeSpan(topic.TimeInMesh),
            };
            told.Factors.AddRange(FactorsOf(topic));
            response.Topics.Add(told);
        }

        return response;
    }

    private static IEnumerable<ScoreFactor> FactorsOf(PeerScoreView view) =>
    [
        Factor("P5", "appSpecificScore", "", view.Application),
        Factor("P6", "ipColocationFactor", "", view.IpColocation),
        Factor("P7", "behaviourPenalty", "", view.BehaviourPenalty),
        Factor("", "slowPeer", "", view.SlowPeer),
    ];

    private static IEnumerable<ScoreFactor> FactorsOf(TopicScoreView view) =>
    [
        Factor("P1", "timeInMesh", view.Topic, view.MeshTime),
        Factor("P2", "firstMessageDeliveries", view.Topic, view.FirstMessageDeliveries),
        Factor("P3", "meshMessageDeliveries", view.Topic, view.MeshMessageDeliveries),
        Factor("P3b", "meshFailurePenalty", view.Topic, view.MeshFailurePenalty),
        Factor("P4", "invalidMessageDeliveries", view.Topic, view.InvalidMessageDeliveries),
    ];

    private static ScoreFactor Factor(string symbol, string name, string topic, Gossipsub.Scoring.ScoreFactor factor) =>
        new()
        {
            Symbol = symbol,
            Name = name,
            Topic = topic,
            Value = factor.Value,
            Contribution = factor.Contribution,
        };
}

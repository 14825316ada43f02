using Pmq.Protocol.V1;

namespace Pmq.Client;

/// <summary>Peers and scores as the agent tells them.</summary>
internal static class Scores
{
    public static AgentPeer Of(Peer peer) => new(
        peer.PeerId,
        peer.Address,
        peer.Direction == Direction.Outbound,
        peer.AgentVersion,
        peer.Protocol,
        [.. peer.Topics],
        [.. peer.MeshTopics],
        peer.RoundTripTime?.ToTimeSpan())
    {
        Score = peer.Score is { } score ? Of(score) : null,
    };

    public static AgentScoreView Of(ExplainScoreResponse response) => new(
        response.PeerId,
        Of(response.Score ?? new PeerScore()),
        response.Connected,
        response.Remaining?.ToTimeSpan(),
        response.TopicTotal,
        response.TopicScoreCap,
        [.. response.Topics.Select(topic => new AgentTopicScore(
            topic.Topic, topic.Total, topic.InMesh, topic.TimeInMesh?.ToTimeSpan() ?? TimeSpan.Zero,
            [.. topic.Factors.Select(Of)]))],
        [.. response.Factors.Select(Of)],
        Of(response.Thresholds ?? new ScoreThresholds()));

    private static AgentPeerScore Of(PeerScore score) => new(
        score.Total,
        score.Band switch
        {
            ScoreBand.NoGossip => AgentScoreBand.NoGossip,
            ScoreBand.NoPublish => AgentScoreBand.NoPublish,
            ScoreBand.Graylisted => AgentScoreBand.Graylisted,
            _ => AgentScoreBand.Ok,
        },
        score.Worst is { } worst ? Of(worst) : null);

    private static AgentScoreFactor Of(ScoreFactor factor) =>
        new(factor.Name, factor.Symbol, factor.Topic, factor.Value, factor.Contribution);

    private static AgentScoreThresholds Of(ScoreThresholds thresholds) => new(
        thresholds.Gossip, thresholds.Publish, thresholds.Graylist, thresholds.AcceptPx,
        thresholds.OpportunisticGraft);
}

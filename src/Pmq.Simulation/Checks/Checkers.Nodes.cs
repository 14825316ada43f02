using Pmq.Gossipsub;
using Pmq.Simulation.Links;
using Pmq.Simulation.Nodes;

namespace Pmq.Simulation.Checks;

// What is looked at in one honest node.
public sealed partial class Checkers
{
    /// <summary>The score of a peer before a step, for <see cref="AfterPenalty"/>.</summary>
    internal double ScoreBefore(HonestNode node, GossipPeer peer) =>
        _world.Options.Check && !peer.IsRemoved ? node.Router.ScoreOf(peer) : 0;

    internal void AfterPenalty(HonestNode node, GossipPeer peer, double before)
    {
        if (_world.Options.Check && !peer.IsRemoved && node.Router.ScoreOf(peer) is double after && after > before)
        {
            Report(node, Rules.Monotonic, FormattableString.Invariant($"from {before} to {after}"));
        }
    }

    private static GossipsubOptions OptionsOf(HonestNode node) =>
        node.Options.Gossipsub ?? node.World.Options.Gossipsub;

    private void CheckMeshSizes(HonestNode node)
    {
        foreach (string topic in node.JoinedTopics)
        {
            (int honest, int other) = node.MeshCountOf(topic);
            MeshParameters degrees = OptionsOf(node).RulesOf(topic).Mesh ?? OptionsOf(node).DefaultMesh;

            // After the heartbeat a mesh has D_hi at most; filling up the outbound places may add some.
            int most = degrees.High + degrees.Outbound;
            if (honest + other > most)
            {
                Report(node, Rules.MeshSize, $"{honest + other} peers, at most {most}");
            }
            else if (honest + other < degrees.Low && FirstCandidate(node, topic) is { } candidate)
            {
                Report(
                    node,
                    Rules.MeshSize,
                    $"{honest + other} peers, at least {degrees.Low}: actor {candidate.Number} could be grafted");
            }
        }
    }

    /// <summary>An honest peer that a mesh has no reason not to have.</summary>
    private Actor? FirstCandidate(HonestNode node, string topic)
    {
        GossipsubOptions options = OptionsOf(node);
        foreach (Connection connection in node.Connections)
        {
            GossipPeer peer = HonestNode.PeerOf(connection);
            if (connection.Remote.IsHonest && peer.Protocol != PubsubProtocol.Floodsub
                && !peer.IsDirect && !peer.IsSuspended
                && !node.Router.IsInBackoff(topic, peer.Id, _world.Now - options.BackoffSlack)
                && node.Router.TopicsOf(peer).Contains(topic) && !node.Router.MeshTopicsOf(peer).Contains(topic)
                && IsWellSeen(node, peer, topic))
            {
                return connection.Remote;
            }
        }

        return null;
    }

    private bool IsWellSeen(HonestNode node, GossipPeer peer, string topic) =>
        node.Router.ScoreOf(peer) >= 0
        && (node.Router.ExplainScore(peer.Id, _world.Now) is not { } view
            || view.Topics.All(score => score.Topic != topic || score.Total >= 0));

    private void CheckTables(HonestNode node)
    {
        GossipsubRouter router = node.Router;
        GossipsubOptions options = OptionsOf(node);
        Require(node, "seen ids", router.SeenCount, options.MaxSeen);
        Require(node, "messages in the history", router.HistoryCount, options.MaxHistory);
        Require(node, "bytes of the history", router.HistoryBytes, options.HistoryBytes + options.MaxMessageSize);
        Require(node, "ids asked for", router.WantedCount, options.MaxWantedIds);
        foreach (string topic in node.JoinedTopics)
        {
            Require(node, "waiting messages", router.PendingOf(topic), options.MaxPendingPerTopic);
        }

        Require(node, "messages at the verifier", node.VerifierBacklog, node.Options.Verifier.QueueLength);
        LinkOptions links = _world.Options.Links;
        foreach (Connection connection in node.Connections)
        {
            if (connection.QueuedFrames > 0)
            {
                Require(node, "relays for a peer", connection.QueuedBytes(FrameClass.Relay), links.RelayQueueBytes);
                Require(node, "own for a peer", connection.QueuedBytes(FrameClass.Publish), links.PublishQueueBytes);
                Require(
                    node,
                    "control for a peer",
                    connection.QueuedBytes(FrameClass.Control),
                    links.ControlQueueBytes + options.MaxMessageSize);
            }
        }
    }

    private void Require(HonestNode node, string what, long count, long most)
    {
        if (count > most)
        {
            Report(node, Rules.Bounded, $"{count} {what}, at most {most}");
        }
    }

    private void CheckScores(HonestNode node)
    {
        if (OptionsOf(node).Scoring is not { } scoring)
        {
            return;
        }

        foreach (Connection connection in node.Connections)
        {
            if (!connection.Remote.IsHonest)
            {
                continue;
            }

            double score = node.Router.ScoreOf(HonestNode.PeerOf(connection));
            if (score < LowestHonestScore)
            {
                LowestHonestScore = score;
            }

            if (HonestAreHeard && score < scoring.Thresholds.Graylist)
            {
                Report(node, Rules.HonestHeard, FormattableString.Invariant(
                    $"actor {connection.Remote.Number} has {score:F1}: {Explain(node, connection)}"));
            }
        }
    }

    private string Explain(HonestNode node, Connection connection)
    {
        if (_violations.Count >= MaxViolations
            || node.Router.ExplainScore(connection.Remote.Id, _world.Now) is not { } view)
        {
            return "";
        }

        string topics = string.Join(", ", view.Topics.Select(topic => FormattableString.Invariant(
            $"{topic.Topic} {topic.Total:F1} (P4 {topic.InvalidMessageDeliveries.Value:F1})")));
        string rest = FormattableString.Invariant(
            $"P5 {view.Application.Contribution:F1}, P6 {view.IpColocation.Contribution:F1}");
        string penalty = FormattableString.Invariant(
            $"P7 {view.BehaviourPenalty.Contribution:F1} ({view.BehaviourPenalty.Value:F1})");
        return FormattableString.Invariant($"{topics}, {rest}, {penalty}, slow {view.SlowPeer.Contribution:F1}");
    }

    /// <summary>Each message that the router received was dropped for a reason, accepted, or waits.</summary>
    private void CheckConservation(HonestNode node)
    {
        RouterCounters counters = node.Router.Counters;
        long accounted = counters.MessagesAccepted;
        foreach (MessageDrop drop in Enum.GetValues<MessageDrop>())
        {
            // Those of peers that are not listened to are not received.
            accounted += drop == MessageDrop.PeerNotAdmitted ? 0 : counters.Drops(drop);
        }

        foreach (string topic in node.JoinedTopics)
        {
            accounted += node.Router.PendingOf(topic);
        }

        if (accounted != counters.MessagesReceived)
        {
            Report(
                node,
                Rules.Conservation,
                $"{counters.MessagesReceived} messages were received, {accounted} are accounted for");
        }
    }

    private void CheckMeshAgrees(HonestNode node)
    {
        foreach (string topic in node.JoinedTopics)
        {
            (int honest, int other) = node.MeshCountOf(topic);
            int size = node.Router.MeshOf(topic).Count;
            if (honest + other != size)
            {
                Report(node, Rules.MeshAgrees, $"{honest + other} peers were told of, {size} are in it");
            }
        }
    }
}

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

    private void CheckMeshSize(HonestNode node)
    {
        GossipsubOptions options = OptionsOf(node);
        _meshSizes.Clear();
        node.CopyMeshSizes(_meshSizes);
        foreach (int size in _meshSizes)
        {
            // After the heartbeat a mesh has D_hi at most; filling up the outbound places may add some.
            int most = options.EffectiveHigh + options.EffectiveOutbound;
            if (size > most)
            {
                Report(node, Rules.MeshSize, $"{size} peers, at most {most}");
            }
        }
    }

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
                Require(
                    node, "publications for a peer", connection.QueuedBytes(FrameClass.Publish), links.PublishQueueBytes);
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
        return FormattableString.Invariant(
            $"{topics}, P5 {view.Application.Contribution:F1}, P6 {view.IpColocation.Contribution:F1}, ")
            + FormattableString.Invariant(
            $"P7 {view.BehaviourPenalty.Contribution:F1} ({view.BehaviourPenalty.Value:F1}), slow {view.SlowPeer.Contribution:F1}");
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

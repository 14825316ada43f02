using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.State;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Gossipsub;

// What is both counted or told to the driver and traced: each such thing happens in one place.
public sealed partial class GossipsubRouter
{
    private readonly int[] _bands = new int[Enum.GetValues<ScoreBand>().Length];

    /// <summary>How many peers were in a band at the last heartbeat; all are in the first while scoring is off.</summary>
    public int PeersIn(ScoreBand band) => _bands[(int)band];

    /// <summary>Appends the score of every peer, in no order that means anything; none while scoring is off.</summary>
    public void CopyScores(List<double> scores)
    {
        if (_scores is not null)
        {
            foreach (GossipPeer peer in _peers.Peers)
            {
                scores.Add(_policy.ScoreOf(peer));
            }
        }
    }

    /// <summary>Tells whose score has crossed a threshold since the last heartbeat.</summary>
    private void NoteBands()
    {
        Array.Clear(_bands);
        if (_scores is not { } scores)
        {
            _bands[(int)ScoreBand.Ok] = _peers.Count;
            return;
        }

        foreach (GossipPeer peer in _peers.Peers)
        {
            double score = _policy.ScoreOf(peer);
            ScoreBand band = scores.Options.Thresholds.BandOf(score);
            _bands[(int)band]++;
            if (band != peer.Band)
            {
                peer.Band = band;
                Trace?.Trace(TraceEvent.ScoreMoved(peer.Id, score, band));
            }
        }
    }

    private void TracePeerExchange(GossipPeer peer, TopicState topic, int count)
    {
        if (count > 0)
        {
            Trace?.Trace(TraceEvent.PeerExchange(peer.Id, topic.Name, count));
        }
    }

    /// <summary>A message of a peer goes no further.</summary>
    private void Drop(GossipPeer peer, TopicState? topic, in MessageId id, MessageDrop reason)
    {
        Counters.Count(reason);
        CountForProtection(peer, topic, reason);
        Trace?.Trace(reason is MessageDrop.DuplicateSeen or MessageDrop.DuplicatePending
            ? TraceEvent.Duplicate(peer.Id, topic!.Name, id, reason)
            : TraceEvent.Reject(
                peer.Id, topic?.Name, id, reason, topic?.Rules.SignaturePolicy ?? SignaturePolicy.StrictNoSign));
    }

    /// <summary>A message that waited goes no further.</summary>
    private void Drop(GossipMessage message, MessageDrop reason) =>
        Drop(message.ReceivedFrom!, message.TopicState, message.Id, reason);

    private void Deliver(GossipMessage message, EffectList effects)
    {
        effects.Add(Effect.Deliver(message));
        Trace?.Trace(TraceEvent.Deliver(message));
    }

    private void EnterMesh(GossipPeer peer, TopicState topic, TimeSpan now, EffectList effects)
    {
        topic.Mesh.Add(peer);
        topic.Newcomers.Add(peer);
        _scores?.OnGraft(peer, topic, now);
        effects.Add(Effect.Grafted(peer, topic.Name));
        Trace?.Trace(TraceEvent.Graft(peer.Id, topic.Name));
    }

    /// <summary>False if the peer is not in the mesh.</summary>
    private bool LeaveMesh(GossipPeer peer, TopicState topic, EffectList effects)
    {
        if (!topic.Mesh.Remove(peer))
        {
            return false;
        }

        topic.Newcomers.Remove(peer);
        PeerScores.OnPrune(peer, topic);
        effects.Add(Effect.Pruned(peer, topic.Name));
        Trace?.Trace(TraceEvent.Prune(peer.Id, topic.Name));
        return true;
    }
}

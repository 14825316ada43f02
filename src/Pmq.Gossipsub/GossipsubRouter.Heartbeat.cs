using System.Runtime.InteropServices;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub;

// What time does: mesh and fanout are kept at their sizes, promises followed up, messages advertised and forgotten.
public sealed partial class GossipsubRouter
{
    // Heartbeats between two sweeps of expired backoffs, as in Go.
    private const int BackoffSweep = 15;

    // We were held up for a whole interval: what was promised may lie unread, so nobody is blamed for its absence.
    private bool _wasLate;

    /// <summary>
    /// Maintains mesh, fanout, gossip, backoffs and history. To be called at <see cref="NextHeartbeat"/>, which it
    /// moves.
    /// </summary>
    public void Heartbeat(TimeSpan now, EffectList effects)
    {
        Counters.Heartbeats++;
        NextHeartbeat += _options.HeartbeatInterval;
        _wasLate = NextHeartbeat <= now;
        if (_wasLate)
        {
            NextHeartbeat = now + _options.HeartbeatInterval;
        }

        _seen.Advance(now);
        _protection?.Advance(now, _joined);
        foreach (GossipPeer peer in _peers.Peers)
        {
            peer.IHaveRpcs = 0;
            peer.IDontWantRpcs = 0;
            peer.TopicsIgnored = 0;
            peer.DoubtfulSignatures = 0;
            peer.Recoveries = 0;
            peer.IdsAsked = 0;
            peer.IdsWanted = 0;
            peer.BytesAnswered = 0;
            peer.PromiseDebt /= 2;
        }

        _unwanted.Advance();
        _lostAfterTelling.Advance();
        _peersTaken = 0;
        JudgeAgain(effects);
        FollowUpWants(now, effects);
        ConnectDirectPeers(effects);
        RefreshScores(now);
        NoteBands();
        foreach (TopicState topic in _joined)
        {
            MaintainMesh(topic, now, effects);
        }

        MaintainFanouts(now);
        EmitGossip();
        _history.Shift();
        Counters.HistoryEvictions = _history.Evictions;
        if (Counters.Heartbeats % BackoffSweep == 0)
        {
            SweepBackoffs(now);
        }
    }

    private void MaintainMesh(TopicState topic, TimeSpan now, EffectList effects)
    {
        for (int i = topic.Mesh.Count - 1; i >= 0; i--)
        {
            if (!MayBeInMesh(topic.Mesh.Peers[i], topic))
            {
                Prune(topic.Mesh.Peers[i], topic, _options.PruneBackoff, now, effects);
            }
        }

        if (topic.Mesh.Count < topic.Degrees.Low)
        {
            FillMesh(topic, now, effects);
        }
        else if (topic.Mesh.Count >= topic.Degrees.High && topic.Mesh.Count > topic.Degrees.Degree)
        {
            CutMesh(topic, now, effects);
        }

        int outbound = CountOutbound(topic.Mesh.Peers);
        if (topic.Mesh.Count >= topic.Degrees.Low && outbound < topic.Degrees.Outbound)
        {
            GraftSome(topic, topic.Degrees.Outbound - outbound, outboundOnly: true, now, effects);
        }

        if (Counters.Heartbeats % _options.OpportunisticGraftTicks == 0)
        {
            GraftOpportunistically(topic, now, effects);
        }
    }

    /// <summary>
    /// Prunes the mesh to D: the best D_score stay, the rest by lot, and D_out of those that stay are outbound.
    /// </summary>
    /// <remarks>
    /// The lot is drawn first among those that have delivered something first: else, while newcomers that only take
    /// places trickle in, an honest peer that nobody ranks among its best loses every mesh in a few heartbeats.
    /// </remarks>
    private void CutMesh(TopicState topic, TimeSpan now, EffectList effects)
    {
        _candidates.Clear();
        _candidates.AddRange(topic.Mesh.Peers);
        Span<GossipPeer> peers = CollectionsMarshal.AsSpan(_candidates);
        _chance.Shuffle(peers);
        SortByScore(peers);
        Span<GossipPeer> rest = peers[Math.Min(topic.Degrees.Score, peers.Length)..];
        _chance.Shuffle(rest);
        PutDeliverersFirst(rest, topic);

        int degree = topic.Degrees.Degree;
        int outbound = CountOutbound(peers[..degree]);
        for (int i = degree; i < peers.Length && outbound < topic.Degrees.Outbound; i++)
        {
            if (peers[i].Direction == ConnectionDirection.Outbound)
            {
                int last = degree - 1;
                while (peers[last].Direction == ConnectionDirection.Outbound)
                {
                    last--;
                }

                (peers[i], peers[last]) = (peers[last], peers[i]);
                outbound++;
            }
        }

        foreach (GossipPeer peer in peers[degree..])
        {
            Prune(peer, topic, _options.PruneBackoff, now, effects, tellsPeers: true);
        }

        _candidates.Clear();
    }

    private static void PutDeliverersFirst(Span<GossipPeer> peers, TopicState topic)
    {
        int deliverers = 0;
        for (int i = 0; i < peers.Length; i++)
        {
            if (PeerScores.HasDelivered(peers[i], topic))
            {
                (peers[i], peers[deliverers]) = (peers[deliverers], peers[i]);
                deliverers++;
            }
        }
    }

    // Highest first, equal ones in the order that they have: insertion, since a mesh is small.
    private void SortByScore(Span<GossipPeer> peers)
    {
        for (int i = 1; i < peers.Length; i++)
        {
            GossipPeer peer = peers[i];
            double score = _policy.ScoreOf(peer);
            int j = i;
            for (; j > 0 && _policy.ScoreOf(peers[j - 1]) < score; j--)
            {
                peers[j] = peers[j - 1];
            }

            peers[j] = peer;
        }
    }

    private static int CountOutbound(ReadOnlySpan<GossipPeer> peers)
    {
        int count = 0;
        foreach (GossipPeer peer in peers)
        {
            count += peer.Direction == ConnectionDirection.Outbound ? 1 : 0;
        }

        return count;
    }

    private void MaintainFanouts(TimeSpan now)
    {
        for (int i = _fanouts.Count - 1; i >= 0; i--)
        {
            TopicState topic = _fanouts[i];
            if (now - topic.LastFanoutPublish > _options.FanoutTtl)
            {
                EndFanout(topic);
                _topics.Release(topic);
            }
            else
            {
                FillFanout(topic);
            }
        }
    }

    private void SweepBackoffs(TimeSpan now)
    {
        foreach (TopicState topic in _topics.WithBackoffs())
        {
            foreach ((PeerId peer, TimeSpan until) in topic.Backoffs)
            {
                if (now >= until + _options.BackoffSlack)
                {
                    topic.Backoffs.Remove(peer);
                }
            }

            _topics.Release(topic);
        }
    }
}

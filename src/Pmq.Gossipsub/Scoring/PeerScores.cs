using System.Runtime.InteropServices;
using Pmq.Core.Identity;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub.Scoring;

/// <summary>
/// How peers stand: those that are connected, and those that left with something against them, whose counters wait
/// unchanged so that coming back does not clear them.
/// </summary>
internal sealed partial class PeerScores
{
    private readonly Dictionary<PeerId, PeerScore> _peers = [];
    private readonly Dictionary<string, ScoredTopic> _topics = new(StringComparer.Ordinal);
    private readonly List<PeerScore> _connected = [];
    private readonly DeliveryRecords _deliveries;
    private TimeSpan _decayedAt;

    public PeerScores(PeerScoreOptions options, MessageKeyComparer comparer, TimeSpan now)
    {
        Options = options;
        _deliveries = new DeliveryRecords(comparer);
        _decayedAt = now;
        Now = now;
    }

    public PeerScoreOptions Options { get; private set; }

    /// <summary>The time of the last refresh.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Peers that have left and are remembered.</summary>
    public int RetainedCount { get; private set; }

    /// <summary>Messages whose window of P3 is open.</summary>
    public int DeliveryCount => _deliveries.Count;

    /// <summary>Messages that were forgotten before their window of P3 was over.</summary>
    public long DeliveryEvictions => _deliveries.Evictions;

    /// <summary>Topics in which some peer has counters.</summary>
    public int TopicCount => _topics.Count;

    /// <summary>After so many intervals, and 0 once it is next to nothing.</summary>
    public static double Decay(double value, double factor, int times, double toZero)
    {
        if (value == 0)
        {
            return 0;
        }

        double decayed = value * (times == 1 ? factor : Math.Pow(factor, times));
        return decayed < toZero ? 0 : decayed;
    }

    /// <summary>A peer came; what is remembered of it counts on.</summary>
    public void Add(GossipPeer peer)
    {
        if (_peers.TryGetValue(peer.Id, out PeerScore? known))
        {
            Unlink(known);
            LeaveGroups(known);
            known.IsConnected = true;
            known.Addresses = [];
            known.Change();
        }
        else
        {
            known = new PeerScore(peer.Id, this) { Application = _application.GetValueOrDefault(peer.Id) };
            _peers.Add(peer.Id, known);
        }

        _connected.Add(known);
        peer.Score = known;
    }

    /// <summary>
    /// A peer left. One with a positive score is forgotten; others keep their counters, without first deliveries and
    /// with what P3 lacked (gossipsub v1.1, "Score retention"). So does one that the topic gate keeps out of a mesh:
    /// what it did there must not be cleared by coming back, whatever it has elsewhere. And so does one with misdeeds:
    /// those that P7 forgives are not forgiven anew with each connection.
    /// </summary>
    public void Remove(GossipPeer peer, TimeSpan now)
    {
        if (peer.Score is not { IsForgotten: false } left)
        {
            return;
        }

        bool isForgotten = (left.Score > 0 && left.Misdeeds == 0 && !IsGated(left))
            || Options.RetainScore == TimeSpan.Zero;
        _connected.Remove(left);
        left.IsConnected = false;
        foreach (TopicScore topic in left.Topics)
        {
            topic.Retire();
        }

        RemoveEmptyTopics(left);
        if (isForgotten || left.IsEmpty)
        {
            Forget(left);
            return;
        }

        left.LeftAt = now;
        Link(left);

        // One that left for what it did goes on to count on its addresses: else each new identity would start afresh.
        if (left.Conduct >= 0)
        {
            LeaveGroups(left);
        }

        CutRetained();
    }

    private bool IsGated(PeerScore peer) =>
        Options.TopicGate is { } gate && peer.Topics.Exists(topic => topic.Contribution < gate);

    /// <summary>Lets time pass.</summary>
    /// <param name="now">The time.</param>
    /// <param name="wasLate">
    /// Whether we were held up: what peers sent meanwhile may lie unread, so that for P3 no time has passed.
    /// </param>
    public void Refresh(TimeSpan now, bool wasLate = false)
    {
        TimeSpan pause = wasLate ? now - Now : TimeSpan.Zero;
        long intervals = (now - _decayedAt) / Options.DecayInterval is var passed && passed >= 1 ? (long)passed : 0;
        _decayedAt += intervals * Options.DecayInterval;
        Now = now;
        int decays = (int)Math.Min(intervals, int.MaxValue);
        foreach (PeerScore peer in _connected)
        {
            Refresh(peer, now, decays, pause);
        }

        while (_oldest is { } oldest && now - oldest.LeftAt >= Options.RetainScore)
        {
            Forget(oldest);
        }

        _deliveries.Expire(now);
    }

    /// <summary>Other numbers are in effect from now on.</summary>
    public void Change(PeerScoreOptions options)
    {
        Options = options;
        foreach (ScoredTopic topic in _topics.Values)
        {
            topic.Options = options.TopicOf(topic.Name);
        }

        foreach (PeerScore peer in _peers.Values)
        {
            foreach (TopicScore topic in peer.Topics)
            {
                topic.Recap();
            }

            peer.Misdeeds = options.BehaviourPenaltyWeight < 0 ? peer.Misdeeds : 0;
            peer.Slow = options.SlowPeerWeight < 0 ? peer.Slow : 0;
            if (peer.Groups.Count > 0 || peer.IsConnected)
            {
                LeaveGroups(peer);
                JoinGroups(peer);
            }

            peer.Change();
        }

        CutRetained();
    }

    /// <summary>The counters of a peer in a topic; null if it has none.</summary>
    public static TopicScore? Find(GossipPeer peer, TopicState topic) =>
        peer.Score is { } score && topic.Scored is { } scored && scored.Scores.TryGetValue(score, out TopicScore? found)
            ? found
            : null;

    /// <summary>Its own score in a topic; 0 if it has none.</summary>
    public static double ScoreIn(GossipPeer peer, TopicState topic) => Find(peer, topic)?.Contribution ?? 0;

    /// <summary>Whether it has delivered messages of a topic first, and not long ago (P2 is not yet decayed).</summary>
    public static bool HasDelivered(GossipPeer peer, TopicState topic) => Find(peer, topic)?.FirstDeliveries > 0;

    public PeerScore? Find(PeerId peer) => _peers.GetValueOrDefault(peer);

    /// <summary>Every peer, connected or remembered.</summary>
    public IEnumerable<PeerScore> All => _peers.Values;

    private void Refresh(PeerScore peer, TimeSpan now, int decays, TimeSpan pause)
    {
        bool hasEmpty = false;
        foreach (TopicScore topic in peer.Topics)
        {
            topic.Refresh(now, decays, pause, Options.DecayToZero);
            hasEmpty |= topic.IsEmpty;
        }

        if (hasEmpty)
        {
            RemoveEmptyTopics(peer);
        }

        if (peer.WasSlow || (decays > 0 && (peer.Slow != 0 || peer.Misdeeds != 0)))
        {
            // The heartbeat's own count is added after the decay, like what comes until the next.
            peer.Misdeeds = Decay(peer.Misdeeds, Options.BehaviourPenaltyDecay, decays, Options.DecayToZero);
            peer.Slow = Decay(peer.Slow, Options.SlowPeerDecay, decays, Options.DecayToZero) + (peer.WasSlow ? 1 : 0);
            peer.WasSlow = false;
            peer.Change();
        }
    }

    /// <summary>The counters of a peer in a topic, made if there are none.</summary>
    private TopicScore ScoreOf(PeerScore peer, TopicState topic)
    {
        ScoredTopic scored = ScoredTopicOf(topic);
        ref TopicScore? score = ref CollectionsMarshal.GetValueRefOrAddDefault(scored.Scores, peer, out bool exists);
        if (!exists)
        {
            score = new TopicScore(peer, scored);
            peer.Topics.Add(score);
            _topics[scored.Name] = scored;
        }

        return score!;
    }

    private ScoredTopic ScoredTopicOf(TopicState topic) =>
        topic.Scored ??= _topics.GetValueOrDefault(topic.Name)
            ?? new ScoredTopic(topic.Name, Options.TopicOf(topic.Name));

    private void RemoveEmptyTopics(PeerScore peer)
    {
        for (int i = peer.Topics.Count - 1; i >= 0; i--)
        {
            if (peer.Topics[i].IsEmpty)
            {
                RemoveTopic(peer.Topics[i]);
                peer.Topics.RemoveAt(i);
            }
        }

        peer.Change();
    }

    private void RemoveTopic(TopicScore score)
    {
        score.Topic.Scores.Remove(score.Peer);
        if (score.Topic.Scores.Count == 0)
        {
            _topics.Remove(score.Topic.Name);
        }
    }
}

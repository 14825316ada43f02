using System.Net;
using System.Runtime.InteropServices;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.State;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Gossipsub;

// How peers stand: the events that count, the thresholds, and what can be read and set.
public sealed partial class GossipsubRouter
{
    private const double MaxApplicationScore = 1e12;

    private readonly List<double> _standings = [];
    private PeerScores? _scores;

    /// <summary>How peers are scored now; null while scoring is off.</summary>
    public PeerScoreOptions? Scoring => _scores?.Options;

    /// <summary>Peers that have left and whose counters are remembered.</summary>
    public int RetainedScores => _scores?.RetainedCount ?? 0;

    /// <summary>The peer's score; 0 while scoring is off. Costs one read unless a counter has just changed.</summary>
    public double ScoreOf(GossipPeer peer) => _policy.ScoreOf(peer);

    /// <summary>
    /// What a peer's score is made of; null if nothing is known of it, or scoring is off. It may be one that has left.
    /// </summary>
    public PeerScoreView? ExplainScore(PeerId peer, TimeSpan now) => _scores?.Find(peer)?.Explain(now);

    /// <summary>The same of every peer, connected or remembered, sorted by id. Copies: not for hot paths.</summary>
    public IReadOnlyList<PeerScoreView> ExplainScores(TimeSpan now)
    {
        List<PeerScoreView> views = [];
        foreach (PeerScore peer in _scores?.All ?? [])
        {
            views.Add(peer.Explain(now));
        }

        views.Sort(static (a, b) => a.Peer.CompareTo(b.Peer));
        return views;
    }

    /// <summary>
    /// Changes how peers are scored. Counters stay, cut to the new caps; scores follow at once.
    /// </summary>
    /// <param name="options">Valid ones; null switches scoring off and forgets every counter.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public void SetScoring(PeerScoreOptions? options)
    {
        if (options is null)
        {
            SwitchScoringOff();
            return;
        }

        List<OptionFault> faults = [];
        ScoreRules.Check(options, faults);
        if (faults is [OptionFault fault, ..])
        {
            throw new ArgumentException(fault.Message, nameof(options));
        }

        if (_scores is null)
        {
            SwitchScoringOn(options);
        }

        _scores!.Change(options);
        foreach (TopicState topic in _topics.All)
        {
            if (topic.Scored is { } scored)
            {
                scored.Options = options.TopicOf(topic.Name);
            }
        }

        CountMeshes();
    }

    /// <summary>
    /// Changes how one topic is scored, as <see cref="SetScoring"/>. Nothing happens while scoring is off.
    /// </summary>
    /// <param name="topic">The topic, joined or not.</param>
    /// <param name="options">Valid ones; null is as topics without numbers of their own.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public void SetTopicScoring(string topic, TopicScoreOptions? options)
    {
        if (_scores is null)
        {
            return;
        }

        Dictionary<string, TopicScoreOptions> topics = new(_scores.Options.Topics, StringComparer.Ordinal);
        if (options is null)
        {
            topics.Remove(topic);
        }
        else
        {
            topics[topic] = options;
        }

        SetScoring(_scores.Options with { Topics = topics });
    }

    /// <summary>
    /// P5: what the application thinks of a peer, connected or not, until it says otherwise. 0 forgets it.
    /// </summary>
    /// <param name="peer">The peer.</param>
    /// <param name="score">Within ±10¹².</param>
    /// <exception cref="ArgumentOutOfRangeException">The score is out of range or not a number.</exception>
    public void SetApplicationScore(PeerId peer, double score)
    {
        if (!(Math.Abs(score) <= MaxApplicationScore))
        {
            throw new ArgumentOutOfRangeException(nameof(score), score, "An application score lies within ±10^12.");
        }

        _scores?.SetApplicationScore(peer, score);
    }

    /// <summary>
    /// P6: the IP addresses that a peer is connected from, all of them; replaces what was told before. Of relayed
    /// connections there is none to tell. More than 8 are not looked at. They also say whose word we take for addresses
    /// in our own network: that of peers inside it.
    /// </summary>
    public void SetAddresses(GossipPeer peer, ReadOnlySpan<IPAddress> addresses)
    {
        _scores?.SetAddresses(peer, addresses);
        _protection?.SetAddresses(peer, addresses);
        peer.Reach = AddressReach.Internet;
        foreach (IPAddress address in addresses)
        {
            AddressReach reach = PublicAddress.ReachOf(address);
            peer.Reach = reach < peer.Reach ? reach : peer.Reach;
        }
    }

    /// <summary>
    /// Messages for a peer found its queue full. Counts once a heartbeat, however many they were: how fast we send is
    /// not the peer's doing.
    /// </summary>
    /// <param name="peer">The peer.</param>
    /// <param name="drops">How many messages; counted.</param>
    /// <param name="now">The time.</param>
    public void OnSlowPeer(GossipPeer peer, int drops, TimeSpan now)
    {
        Counters.SlowPeerDrops += drops;
        _scores?.OnSlow(peer);
        Trace?.Trace(TraceEvent.SlowPeer(peer.Id, drops));
    }

    private double GossipThreshold => _scores?.Options.Thresholds.Gossip ?? double.NegativeInfinity;

    private double PublishThreshold => _scores?.Options.Thresholds.Publish ?? double.NegativeInfinity;

    private bool IsGraylisted(GossipPeer peer) =>
        _scores is { } scores && !peer.IsDirect && _policy.ScoreOf(peer) < scores.Options.Thresholds.Graylist;

    /// <summary>Whether gossip is exchanged with a peer.</summary>
    private bool MayGossip(GossipPeer peer)
    {
        if (peer.IsDirect || _policy.ScoreOf(peer) >= GossipThreshold)
        {
            return true;
        }

        Counters.GossipBelowThreshold++;
        return false;
    }

    /// <summary>Whether a peer gets publications outside a mesh.</summary>
    private bool MayPublishTo(GossipPeer peer) => peer.IsDirect || _policy.ScoreOf(peer) >= PublishThreshold;

    /// <summary>Whether the peers that a peer names in a PRUNE are connected to.</summary>
    private bool MayNamePeers(GossipPeer peer) => peer.IsDirect
        || (_scores is { } scores
            ? _policy.ScoreOf(peer) >= scores.Options.Thresholds.AcceptPeerExchange
            : _options.PeerExchange);

    /// <summary>
    /// Whether a peer's standing lets it into a mesh: in the aggregate, and in the topic itself, so that what it does
    /// elsewhere does not hide what it does here.
    /// </summary>
    private bool MayBeInMesh(GossipPeer peer, TopicState topic) =>
        _policy.ScoreOf(peer) >= 0
        && (_scores?.Options.TopicGate is not { } gate || Has(GoGaps.AggregateScoreOnly)
            || PeerScores.ScoreIn(peer, topic) >= gate);

    private void RefreshScores(TimeSpan now)
    {
        if (_scores is { } scores)
        {
            scores.Refresh(now, _wasLate);
            Counters.DeliveryEvictions = scores.DeliveryEvictions;
        }
    }

    private void CountForScore(GossipPeer peer, Misbehaviour misbehaviour, int count, TopicState? topic)
    {
        if (_scores is not { } scores)
        {
            return;
        }

        if (topic is not null && Misbehaviours.FactorOf(misbehaviour) == PenaltyFactor.InvalidMessageDeliveries)
        {
            scores.OnInvalid(peer, topic, count);
            return;
        }

        // As in Go, one for each IHAVE: we follow up every id, but a peer whose link or queue fails once must not weigh
        // as many times as it had ids to send.
        int counted = misbehaviour == Misbehaviour.BrokenPromise
            ? Math.Min(peer.BrokenIHaves, _options.MaxIHaveMessages)
            : count;
        scores.OnMisdeed(peer, counted);
    }

    private static void CreditLost(GossipMessage message)
    {
        foreach (GossipPeer? sender in message.Senders)
        {
            PeerScores.OnLost(sender!, message.TopicState!);
        }
    }

    private void CreditSenders(GossipMessage message, TimeSpan now)
    {
        foreach (GossipPeer? sender in message.Senders)
        {
            _scores?.OnDuplicate(sender!, message.Key, message.TopicState!, now);
        }
    }

    /// <summary>
    /// A mesh whose median is poor gets some peers that are better than it: squatters that give just enough to stay
    /// cannot keep a mesh to themselves (gossipsub v1.1, "Opportunistic Grafting").
    /// </summary>
    /// <remarks>
    /// Beside the aggregate score the topic's own is looked at in the same way: a mesh that is good elsewhere may
    /// starve here.
    /// </remarks>
    private void GraftOpportunistically(TopicState topic, TimeSpan now, EffectList effects)
    {
        if (_scores is not { } scores || topic.Mesh.Count <= 1)
        {
            return;
        }

        double least = scores.Options.Thresholds.OpportunisticGraft;
        double median = MedianOf(topic, inTopic: false);
        bool inTopic = median >= least && scores.Options.TopicGate is not null && topic.Scored?.Options is not null
            && !Has(GoGaps.AggregateScoreOnly);
        median = inTopic ? MedianOf(topic, inTopic) : median;
        if (median >= least)
        {
            return;
        }

        _candidates.Clear();
        foreach (GossipPeer peer in topic.Peers.Peers)
        {
            if (StandingOf(peer, topic, inTopic) > median && CanGraft(peer, topic, now))
            {
                _candidates.Add(peer);
            }
        }

        Span<GossipPeer> candidates = CollectionsMarshal.AsSpan(_candidates);
        _policy.Order(candidates, topic, _chance);
        foreach (GossipPeer peer in candidates[..Math.Min(_options.OpportunisticGraftPeers, candidates.Length)])
        {
            Counters.OpportunisticGrafts++;
            Graft(peer, topic, now, effects);
        }

        _candidates.Clear();
    }

    private double MedianOf(TopicState topic, bool inTopic)
    {
        _standings.Clear();
        foreach (GossipPeer peer in topic.Mesh.Peers)
        {
            _standings.Add(StandingOf(peer, topic, inTopic));
        }

        _standings.Sort();
        return _standings[_standings.Count / 2];
    }

    private double StandingOf(GossipPeer peer, TopicState topic, bool inTopic) =>
        inTopic ? PeerScores.ScoreIn(peer, topic) : _policy.ScoreOf(peer);

    private void SwitchScoringOn(PeerScoreOptions options)
    {
        _scores = new PeerScores(options, _keys, NextHeartbeat - _options.HeartbeatInterval);
        foreach (GossipPeer peer in _peers.Peers)
        {
            _scores.Add(peer);
        }
    }

    private void SwitchScoringOff()
    {
        _scores = null;
        foreach (GossipPeer peer in _peers.Peers)
        {
            peer.Score = null;
        }

        foreach (TopicState topic in _topics.All)
        {
            topic.Scored = null;
        }
    }

    /// <summary>Members of a mesh that have no counters in the topic yet begin to count.</summary>
    private void CountMeshes()
    {
        foreach (TopicState topic in _joined)
        {
            foreach (GossipPeer peer in topic.Mesh.Peers)
            {
                if (PeerScores.Find(peer, topic) is not { IsInMesh: true })
                {
                    _scores!.OnGraft(peer, topic, _scores.Now);
                }
            }
        }
    }
}

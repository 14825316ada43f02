using System.Net;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Scoring;

namespace Pmq.Gossipsub;

// How peers stand: the events that count, the thresholds, and what can be read and set.
public sealed partial class GossipsubRouter
{
    /// <summary>The peer's score; 0 while scoring is off. Costs one read unless a counter has just changed.</summary>
    public double ScoreOf(GossipPeer peer) => _policy.ScoreOf(peer);

    /// <summary>
    /// What a peer's score is made of; null if nothing is known of it, or scoring is off. It may be one that has left.
    /// </summary>
    public PeerScoreView? ExplainScore(PeerId peer, TimeSpan now) => _options.Scoring is null ? null : null;

    /// <summary>The same of every peer, connected or remembered, sorted by id. Copies: not for hot paths.</summary>
    public IReadOnlyList<PeerScoreView> ExplainScores(TimeSpan now) => _options.Scoring is null ? [] : [];

    /// <summary>
    /// Changes how peers are scored. Counters stay, cut to the new caps; scores follow at once.
    /// </summary>
    /// <param name="options">Valid ones; null switches scoring off and forgets every counter.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public void SetScoring(PeerScoreOptions? options)
    {
        _ = _options;
    }

    /// <summary>Changes how one topic is scored, as <see cref="SetScoring"/>. Nothing happens while scoring is off.</summary>
    /// <param name="topic">The topic, joined or not.</param>
    /// <param name="options">Valid ones; null is not scored.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public void SetTopicScoring(string topic, TopicScoreOptions? options)
    {
        _ = _options;
    }

    /// <summary>
    /// P5: what the application thinks of a peer, connected or not, until it says otherwise. 0 forgets it.
    /// </summary>
    /// <param name="peer">The peer.</param>
    /// <param name="score">Within ±10¹².</param>
    /// <exception cref="ArgumentOutOfRangeException">The score is out of range or not a number.</exception>
    public void SetApplicationScore(PeerId peer, double score)
    {
        _ = _options;
    }

    /// <summary>
    /// P6: the IP addresses that a peer is connected from, all of them; replaces what was told before. Of relayed
    /// connections there is none to tell. More than 8 are not looked at.
    /// </summary>
    public void SetAddresses(GossipPeer peer, ReadOnlySpan<IPAddress> addresses)
    {
        _protection?.SetAddresses(peer, addresses);
        _ = _options;
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
        _ = _options;
    }
}
